namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// What was wrong with annotations and media: by kind, each with the names it concerns. Nothing that is left out or repaired is so in silence.
/// </summary>
public sealed class Problems
{
    private readonly SortedDictionary<string, List<string>> _names = new(StringComparer.Ordinal);

    /// <summary>Names by kind, in the order they were found.</summary>
    public IReadOnlyDictionary<string, List<string>> Names => _names;

    /// <summary>How many of a kind.</summary>
    public int this[string kind] => _names.TryGetValue(kind, out var names) ? names.Count : 0;

    /// <summary>Adds one.</summary>
    /// <param name="kind">In words with underscores, e.g. <c>box_inverted</c>.</param>
    /// <param name="name">The sample, file or line.</param>
    public void Add(string kind, string name)
    {
        if (!_names.TryGetValue(kind, out var names))
        {
            _names[kind] = names = [];
        }

        names.Add(name);
    }

    /// <summary>One line per kind: count and the first names.</summary>
    public IEnumerable<string> Lines() => _names.Select(p =>
        $"{p.Value.Count} {p.Key.Replace('_', ' ')}: {string.Join(", ", p.Value.Take(3))}{(p.Value.Count > 3 ? ", ..." : "")}");
}
