using RealtimeSsl.Inference.Scenes;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>A class folder: a picture of a class goes with any sound of it, drawn anew each time. What is for test (<see cref="FolderSplit.Test"/>) is left alone.</summary>
internal static class ClassPairs
{
    public static ClipList List(string folder)
    {
        var read = ClassFolder.Read(folder, FolderSplit.Train);
        var notes = new Notes();
        foreach (var (reason, what) in read.PassedOver)
        {
            notes.Add(reason, what);
        }

        List<PictureItem> pictures = [];
        List<SoundItem> sounds = [];
        List<PairItem> pairs = [];
        foreach (var name in read.Classes)
        {
            int[] pool = [.. Enumerable.Range(sounds.Count, read.Sounds[name].Count)];
            sounds.AddRange(read.Sounds[name].Select(s => new SoundItem(s.Path, null, s.Group)));
            foreach (var picture in read.Pictures[name])
            {
                pairs.Add(new PairItem(picture.Id, pictures.Count, pool, name));
                pictures.Add(new PictureItem(picture.Path, null, picture.Id, picture.Group));
            }
        }

        return new ClipList(folder, pictures, sounds, pairs, notes.Lines);
    }
}
