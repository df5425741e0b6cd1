using System.Globalization;

namespace RealtimeSsl.Training.Data;

/// <summary>Where a picture comes from.</summary>
/// <param name="Path">A still picture, or a video.</param>
/// <param name="At">Seconds at which it is shown; null for a still picture.</param>
/// <param name="Clip">The clip it is cut from: pictures of one clip are siblings.</param>
/// <param name="Group">What must not be torn apart by a split.</param>
public sealed record PictureItem(string Path, double? At, string Clip, string Group);

/// <summary>Where a sound comes from.</summary>
/// <param name="Path">A sound file, or a video.</param>
/// <param name="At">Seconds at the middle of the window; null for the middle of the recording.</param>
/// <param name="Group">What must not be torn apart by a split.</param>
public sealed record SoundItem(string Path, double? At, string Group);

/// <summary>A picture and the sounds that may go with it: one, or all of its class.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Picture">Index of the picture.</param>
/// <param name="Sounds">Indices of the sounds; one of them is drawn.</param>
/// <param name="Class">Its class, where the data tell one.</param>
public sealed record PairItem(string Id, int Picture, IReadOnlyList<int> Sounds, string? Class);

/// <summary>
/// What a layout found in a folder, before anything is decoded: two catalogues, the pairs, and what is missing or was left out and why.
/// </summary>
/// <param name="Name">Where it comes from.</param>
/// <param name="Pictures">The catalogue of pictures.</param>
/// <param name="Sounds">The catalogue of sounds.</param>
/// <param name="Pairs">What belongs together.</param>
/// <param name="Notes">One line for each kind of thing that is missing or was left out: how many, why, an example.</param>
public sealed record ClipList(
    string Name,
    IReadOnlyList<PictureItem> Pictures,
    IReadOnlyList<SoundItem> Sounds,
    IReadOnlyList<PairItem> Pairs,
    IReadOnlyList<string> Notes)
{
    /// <summary>The classes there are, in order.</summary>
    public IReadOnlyList<string> Classes { get; } =
        [.. Pairs.Select(p => p.Class).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>In one line.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {Pairs.Count} pairs of {Pictures.Count} pictures and {Sounds.Count} sounds{(Classes.Count > 0 ? $", {Classes.Count} classes" : "")}");

    /// <summary>The same with only some of the pictures and sounds; pairs that lose their picture or all of their sounds go.</summary>
    /// <param name="picture">Whether a picture stays, by its index.</param>
    /// <param name="sound">Whether a sound stays, by its index.</param>
    public ClipList Where(Func<int, bool> picture, Func<int, bool> sound)
    {
        var (pictures, newPicture) = Keep(Pictures, picture);
        var (sounds, newSound) = Keep(Sounds, sound);
        List<PairItem> pairs = [];

        // Pools are shared by all pairs of a class: translate each once.
        var pools = new Dictionary<IReadOnlyList<int>, IReadOnlyList<int>>(ReferenceEqualityComparer.Instance);
        foreach (var pair in Pairs)
        {
            if (!pools.TryGetValue(pair.Sounds, out var pool))
            {
                pools[pair.Sounds] = pool = [.. pair.Sounds.Select(s => newSound[s]).Where(s => s >= 0)];
            }

            if (newPicture[pair.Picture] >= 0 && pool.Count > 0)
            {
                pairs.Add(pair with { Picture = newPicture[pair.Picture], Sounds = pool });
            }
        }

        return this with { Pictures = pictures, Sounds = sounds, Pairs = pairs };
    }

    private static (List<T> Kept, int[] NewIndex) Keep<T>(IReadOnlyList<T> items, Func<int, bool> stays)
    {
        List<T> kept = [];
        var index = new int[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            index[i] = stays(i) ? kept.Count : -1;
            if (index[i] >= 0)
            {
                kept.Add(items[i]);
            }
        }

        return (kept, index);
    }
}
