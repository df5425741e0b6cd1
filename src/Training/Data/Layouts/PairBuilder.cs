using System.Globalization;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>Builds the list of a layout in which each picture has a sound of its own.</summary>
internal sealed class PairBuilder
{
    private readonly List<PictureItem> _pictures = [];
    private readonly List<SoundItem> _sounds = [];
    private readonly List<PairItem> _pairs = [];

    public int Count => _pairs.Count;

    public void Add(string picture, double? at, string sound, double? soundAt, string clip, string group, string? label)
    {
        var id = at is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{clip}@{seconds:0.###}") : clip;
        _pairs.Add(new PairItem(id, _pictures.Count, [_sounds.Count], label));
        _pictures.Add(new PictureItem(picture, at, clip, group));
        _sounds.Add(new SoundItem(sound, soundAt, group));
    }

    public ClipList List(string name, Notes notes) => new(name, _pictures, _sounds, _pairs, notes.Lines);
}
