using OpenCvSharp;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using static TorchSharp.torch;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// Which pictures and which sounds of the training data are alike, by the embeddings of a model that was trained here: SSLalign's "self-supervised encoder".
/// Kept in the run's folder, so that a resumed run has the same.
/// </summary>
internal static class NeighbourLists
{
    private const int Batch = 16;

    /// <summary>Makes the lists, or reads those of a run that is resumed.</summary>
    /// <param name="model">The encoder: a package with weights.</param>
    /// <param name="set">The training data; its media must lie in catalogues.</param>
    /// <param name="k">Neighbours of each.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="compute">How to compute.</param>
    /// <param name="log">Told what happens.</param>
    /// <exception cref="UsageException">The model or the data cannot be used for it.</exception>
    public static (Neighbours Pictures, Neighbours Sounds) Of(string model, IClipSet set, int k, TrainFolder folder, ComputeSettings compute, ILog log)
    {
        string[] files = [Path.Combine(folder.Path, "similar-pictures.bin"), Path.Combine(folder.Path, "similar-sounds.bin")];
        if (set.Pictures == 0)
        {
            throw new UsageException($"--neighbours: {set.Name} are made as they are asked for and have no neighbours");
        }

        if (!files.All(File.Exists))
        {
            var found = BaseModel.Find(model);
            var settings = found.Past?.Read() ?? throw new UsageException($"--neighbours {model}: was not trained here, so how it is fed is not known");
            using var method = Methods.Make(settings);
            WeightFile.Load(found.Weights, method.Network);
            var (image, audio) = Methods.Inputs(settings);
            log.Info($"neighbours by {found.Name}: {set.Pictures} pictures, {set.Sounds} sounds");
            Save(new Catalogue(set, sounds: false), files[0]);
            Save(new Catalogue(set, sounds: true), files[1]);

            void Save(Catalogue catalogue, string path)
            {
                var (vectors, width) = Embed(method, catalogue, image, audio, compute);
                Neighbours.Of(vectors, width, k).Save(path);
            }
        }

        return (Neighbours.Load(files[0], set.Pictures), Neighbours.Load(files[1], set.Sounds));
    }

    private static (float[] Vectors, int Width) Embed(TrainingMethod method, Catalogue catalogue, ImageFrontEnd image, AudioFrontEnd audio, ComputeSettings compute)
    {
        using var loader = new BatchLoader(catalogue, ViewPlans.Plain(image, audio), Batch, 1, compute.Loaders);
        List<float> vectors = [];
        var width = 0;
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
            using (NewDisposeScope())
            {
                var input = StepInputs.Of(batch, CPU, new ComputeSettings(), 0);
                var (pictures, sounds) = method.Embed(input.Pictures[0], input.Sounds[0]);
                var own = (catalogue.OfSounds ? sounds : pictures).to(ScalarType.Float32).contiguous();
                width = (int)own.shape[1];
                vectors.AddRange(own.data<float>().ToArray().Take(batch.Fresh * width));
            }
        }

        return ([.. vectors], width);
    }

    /// <summary>One of a set's catalogues, item by item.</summary>
    private sealed class Catalogue(IClipSet set, bool sounds) : IClipSet
    {
        public bool OfSounds => sounds;

        public string Name => set.Name;

        public int Count => sounds ? set.Sounds : set.Pictures;

        public int Pictures => set.Pictures;

        public int Sounds => set.Sounds;

        public int Rate => set.Rate;

        public IReadOnlyList<string> Classes => [];

        public ClipPair Pair(int index, ref SeededRandom random) => sounds ? new ClipPair(0, index) : new ClipPair(index, 0);

        public int SiblingOf(int picture, ref SeededRandom random) => picture;

        public ClipInfo Describe(ClipPair pair) => new($"{pair}", null, null, []);

        public void ReadPicture(int picture, Mat into) => set.ReadPicture(picture, into);

        public bool ReadMotion(int picture, Mat into) => set.ReadMotion(picture, into);

        public void ReadSound(int sound, int shift, Span<float> window) => set.ReadSound(sound, shift, window);
    }
}
