using System.Security.Cryptography;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// Fetches the maps of all samples: those in the journal from there, the others from the method, each written down as soon as it is there. The same
/// request gives the same maps, whether it ran through or was cut short and taken up again.
/// </summary>
public static class Runner
{
    /// <summary>Name of the journal in the output folder.</summary>
    public const string JournalName = "maps.cache";

    /// <summary>Runs.</summary>
    /// <param name="samples">Those with media.</param>
    /// <param name="maker">The method.</param>
    /// <param name="folder">Where the journal lies.</param>
    /// <param name="seed">Which stranger's sound each sample gets.</param>
    /// <param name="settings">What else the maps depend on.</param>
    /// <param name="log">Says what is taken up.</param>
    /// <param name="progress">(done, all).</param>
    /// <param name="stop">Ends it; what is done is kept.</param>
    /// <returns>Maps by index of the sample; what could not be done is not in it.</returns>
    public static async Task<IReadOnlyDictionary<int, SampleMaps>> RunAsync(
        IReadOnlyList<Located> samples, IMapMaker maker, string folder, int seed, string settings, ILog log, Action<int, int> progress, CancellationToken stop)
    {
        using var cache = MapCache.Open(Path.Combine(folder, JournalName), Fingerprint(samples, maker, seed, settings));
        if (cache.Maps.Count > 0)
        {
            log.Info($"{cache.Maps.Count} of {samples.Count} samples are in {Path.Combine(folder, JournalName)} already");
        }

        var strangers = Located.Strangers(samples, seed);
        var open = samples.Index().Where(s => !cache.Maps.ContainsKey(s.Item.Index))
            .Select(s => (s.Item, strangers[s.Index] < 0 ? null : samples[strangers[s.Index]])).ToArray();
        var done = samples.Count - open.Length;
        progress(done, samples.Count);
        await foreach (var maps in maker.MakeAsync(open, stop).ConfigureAwait(false))
        {
            cache.Add(maps);
            progress(++done, samples.Count);
            stop.ThrowIfCancellationRequested();
        }

        return new Dictionary<int, SampleMaps>(cache.Maps);
    }

    private static string Fingerprint(IReadOnlyList<Located> samples, IMapMaker maker, int seed, string settings)
    {
        // A method without weights is known by the build of its code.
        var text = new StringBuilder($"{maker.Info.Name} {maker.Info.Sha256 ?? typeof(Inference.LocalizerFactory).Module.ModuleVersionId.ToString()} {maker.SaliencyName} {seed} {settings}\n");
        foreach (var file in samples.SelectMany(s => new[] { s.Picture, s.Sound }).Distinct())
        {
            var info = new FileInfo(file);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{file} {info.Length} {info.LastWriteTimeUtc.Ticks}\n");
        }

        foreach (var sample in samples)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{sample.Index} {sample.Sample.Name} {sample.Sample.At} {sample.Picture} {sample.Sound}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
