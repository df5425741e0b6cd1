using OpenCvSharp;

namespace RealtimeSsl.Inference.Scenes;

/// <summary>One thing in a scene.</summary>
/// <param name="Picture">What is shown.</param>
/// <param name="Sound">What it sounds like.</param>
/// <param name="Place">Where, in pixels of the scene.</param>
public sealed record MosaicObject(ClassItem Picture, ClassItem Sound, Rect Place);

/// <summary>A scene: several things of different classes, each of which sounds in turn.</summary>
/// <param name="Name">The classes and a number, parts joined by '_'.</param>
/// <param name="Side">Its width and height in pixels.</param>
/// <param name="Backdrop">Seed of what is behind the things.</param>
/// <param name="Objects">The things.</param>
public sealed record MosaicScene(string Name, int Side, int Backdrop, IReadOnlyList<MosaicObject> Objects)
{
    /// <summary>Name of the sample in which a thing sounds; as in IS3, its last part after '_' is the class.</summary>
    public string SampleName(MosaicObject sounding) => $"{Name}_{Word(sounding.Picture.Class)}";

    /// <summary>A class as part of a name: '_' parts names.</summary>
    public static string Word(string label) => label.Replace('_', '-').Replace(' ', '-');

    /// <summary>Draws it.</summary>
    /// <param name="load">Reads a picture (BGR, 8 bits); it is disposed here.</param>
    /// <returns>Side x Side, BGR, 8 bits; the caller disposes it.</returns>
    public Mat Draw(Func<string, Mat> load)
    {
        var canvas = new Mat(Side, Side, MatType.CV_8UC3);
        try
        {
            Mosaic.Backdrop(canvas, new Random(Backdrop).Next);
            foreach (var thing in Objects)
            {
                using var picture = load(thing.Picture.Path);
                Mosaic.Put(canvas, thing.Place, picture);
            }

            return canvas;
        }
        catch
        {
            canvas.Dispose();
            throw;
        }
    }
}

/// <summary>
/// Plans scenes like IS3's from a class folder: which things, where, with which sounds. Seeded: the same folder and numbers give the same scenes. A picture or
/// sound comes again only when its class has no other left.
/// </summary>
public static class MosaicPlan
{
    /// <summary>Side of a scene in pixels.</summary>
    public const int Side = 448;

    /// <summary>Plans.</summary>
    /// <param name="folder">Where pictures and sounds come from.</param>
    /// <param name="scenes">How many.</param>
    /// <param name="least">Fewest things in a scene; at least 2.</param>
    /// <param name="most">Most things in a scene; at most 4.</param>
    /// <param name="seed">Of everything.</param>
    /// <exception cref="InferenceException">There are fewer classes than things.</exception>
    public static IReadOnlyList<MosaicScene> Make(ClassFolder folder, int scenes, int least, int most, int seed)
    {
        var classes = folder.Classes.ToArray();
        if (least < 2 || most > 4 || least > most || classes.Length < most)
        {
            throw new InferenceException($"{least} to {most} things of different classes out of {classes.Length}: between 2 and 4 things can be in a scene, and as many classes must be there");
        }

        var random = new Random(seed);
        var (pictures, sounds) = (Decks(folder.Pictures), Decks(folder.Sounds));
        var plan = new List<MosaicScene>();
        for (var i = 0; i < scenes; i++)
        {
            random.Shuffle(classes);
            var chosen = classes[..random.Next(least, most + 1)];
            var places = Mosaic.Places(chosen.Length, Side, apart: true, random.Next);
            plan.Add(new MosaicScene(
                $"{string.Join('_', chosen.Select(MosaicScene.Word))}_{10000 + i}", Side, random.Next(),
                [.. chosen.Zip(places, (c, p) => new MosaicObject(pictures[c].Next(), sounds[c].Next(), p))]));
        }

        return plan;

        Dictionary<string, Deck> Decks(IReadOnlyDictionary<string, IReadOnlyList<ClassItem>> items) =>
            classes.ToDictionary(c => c, c => new Deck([.. items[c]], random));
    }

    private sealed class Deck(ClassItem[] items, Random random)
    {
        private int _next = items.Length;

        public ClassItem Next()
        {
            if (_next == items.Length)
            {
                random.Shuffle(items);
                _next = 0;
            }

            return items[_next++];
        }
    }
}
