using System.Collections;

namespace TorchSharp.Utils;

/// <summary>Values by name, in the order in which they came; a new value under an old name keeps the place.</summary>
internal sealed class Ordered<T> : IEnumerable<(string Name, T Value)>
{
    private readonly List<(string Name, T Value)> items = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    public int Count => items.Count;
    public bool Has(string name) => places.ContainsKey(name);

    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value)
    {
        var found = places.TryGetValue(name, out var at);
        value = found ? items[at].Value : default;
        return found;
    }

    public bool TryAdd(string name, T value)
    {
        if (!places.TryAdd(name, items.Count))
        {
            return false;
        }
        items.Add((name, value));
        return true;
    }

    /// <summary>Null removes.</summary>
    public void Set(string name, T? value)
    {
        if (value is null)
        {
            Remove(name);
        }
        else if (places.TryGetValue(name, out var at))
        {
            items[at] = (name, value);
        }
        else
        {
            TryAdd(name, value);
        }
    }

    public void Remove(string name)
    {
        if (places.Remove(name, out var at))
        {
            items.RemoveAt(at);
            foreach (var later in items.Skip(at))
            {
                places[later.Name]--;
            }
        }
    }

    public IEnumerator<(string Name, T Value)> GetEnumerator() => items.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
