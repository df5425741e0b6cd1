namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>Counts what is missing or left out, by reason, with the first example of each.</summary>
internal sealed class Notes
{
    private readonly Dictionary<string, (int Count, string Example)> _reasons = [];

    public IReadOnlyList<string> Lines => [.. _reasons.Select(r => $"{r.Value.Count} {r.Key} (e.g. {r.Value.Example})")];

    public void Add(string reason, string example) =>
        _reasons[reason] = _reasons.TryGetValue(reason, out var known) ? (known.Count + 1, known.Example) : (1, example);
}
