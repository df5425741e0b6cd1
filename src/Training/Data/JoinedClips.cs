using OpenCvSharp;

namespace RealtimeSsl.Training.Data;

/// <summary>Several sets as one, one after the other: what more than one <c>--data</c> gives.</summary>
public sealed class JoinedClips : IClipSet
{
    private readonly IReadOnlyList<IClipSet> _sets;
    private readonly int[] _pairs;
    private readonly int[] _pictures;
    private readonly int[] _sounds;

    /// <summary>Joins sets of one sample rate whose media all lie in catalogues.</summary>
    public JoinedClips(IReadOnlyList<IClipSet> sets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sets.Count);
        if (sets.FirstOrDefault(s => s.Rate != sets[0].Rate || s.Pictures == 0) is { } odd)
        {
            throw new ArgumentException($"{odd.Name} cannot be joined with {sets[0].Name}: it has another rate, or no catalogue");
        }

        _sets = sets;
        (_pairs, _pictures, _sounds) = (Begins(s => s.Count), Begins(s => s.Pictures), Begins(s => s.Sounds));
        Classes = [.. sets.SelectMany(s => s.Classes).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public string Name => string.Join(" + ", _sets.Select(s => s.Name));

    /// <inheritdoc/>
    public int Count => _pairs[^1];

    /// <inheritdoc/>
    public int Pictures => _pictures[^1];

    /// <inheritdoc/>
    public int Sounds => _sounds[^1];

    /// <inheritdoc/>
    public int Rate => _sets[0].Rate;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public ClipPair Pair(int index, ref SeededRandom random)
    {
        var set = Of(_pairs, ref index);
        var pair = _sets[set].Pair(index, ref random);
        return new ClipPair(pair.Picture + _pictures[set], pair.Sound + _sounds[set]);
    }

    /// <inheritdoc/>
    public int SiblingOf(int picture, ref SeededRandom random)
    {
        var set = Of(_pictures, ref picture);
        return _sets[set].SiblingOf(picture, ref random) + _pictures[set];
    }

    /// <inheritdoc/>
    public ClipInfo Describe(ClipPair pair)
    {
        var picture = pair.Picture;
        var set = Of(_pictures, ref picture);
        return _sets[set].Describe(new ClipPair(picture, pair.Sound - _sounds[set]));
    }

    /// <inheritdoc/>
    public void ReadPicture(int picture, Mat into)
    {
        var set = Of(_pictures, ref picture);
        _sets[set].ReadPicture(picture, into);
    }

    /// <inheritdoc/>
    public bool ReadMotion(int picture, Mat into)
    {
        var set = Of(_pictures, ref picture);
        return _sets[set].ReadMotion(picture, into);
    }

    /// <inheritdoc/>
    public void ReadSound(int sound, int shift, Span<float> window)
    {
        var set = Of(_sounds, ref sound);
        _sets[set].ReadSound(sound, shift, window);
    }

    private int[] Begins(Func<IClipSet, int> count)
    {
        var begins = new int[_sets.Count + 1];
        for (var i = 0; i < _sets.Count; i++)
        {
            begins[i + 1] = begins[i] + count(_sets[i]);
        }

        return begins;
    }

    /// <summary>Which set an index of the whole is in; the index becomes that set's own.</summary>
    private static int Of(int[] begins, ref int index)
    {
        var set = 0;
        while (index >= begins[set + 1])
        {
            set++;
        }

        index -= begins[set];
        return set;
    }
}
