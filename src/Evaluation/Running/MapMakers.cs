using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.TwoStream;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>From the name of a model, as everywhere in the program, to what makes its maps.</summary>
public static class MapMakers
{
    /// <summary>Opens a model.</summary>
    /// <param name="model"><c>synchrony</c>, a package, or <c>NAME+GUIDE</c> with a package that sees objects.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="media">Decoder.</param>
    /// <param name="problems">Where unreadable media are told.</param>
    /// <param name="clipSeconds">Length that sounds are brought to first; 0: as they are.</param>
    /// <param name="seed">Of the noise.</param>
    /// <exception cref="InferenceException">There is no such model, or it is not in order.</exception>
    public static IMapMaker Open(string model, LocalizerOptions options, ISampleMedia media, Problems problems, double clipSeconds, int seed)
    {
        var (name, guide) = Parts(model, options);
        var objects = guide is null ? null : new ObjectModel(LocalizerFactory.Package(guide, options), options);
        try
        {
            if (LocalizerFactory.PackageOf(name, options) is { Manifest.HasTwoTrunks: true } package)
            {
                return new TwoStreamMaps(new TwoStreamModel(package, options), objects, media, problems, clipSeconds, seed);
            }

            return new LocalizerMaps(() => LocalizerFactory.Create(name, options), objects, media, problems);
        }
        catch
        {
            objects?.Dispose();
            throw;
        }
    }

    /// <summary>Whether a model sees motion, and so needs videos.</summary>
    public static bool NeedsVideo(string model, LocalizerOptions options) => LocalizerFactory.SeesMotion(Parts(model, options).Name, options);

    /// <summary>The two names of <c>NAME+GUIDE</c>; the guide is null where there is none.</summary>
    public static (string Name, string? Guide) Parts(string model, LocalizerOptions options) =>
        LocalizerFactory.Split(model, options) is var (listener, looker) ? (listener, looker) : (model, null);
}
