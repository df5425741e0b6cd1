using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Layouts;

namespace RealtimeSsl.Training.Data;

/// <summary>What a run trains on and what it is judged on, from one or more <c>--data</c>.</summary>
/// <param name="Training">Trained on.</param>
/// <param name="Validation">Held out, by groups; null where nothing was to be, or could be, held out.</param>
/// <param name="Report">What was found, what is missing, what was left out: lines for people.</param>
public sealed record TrainingSets(IClipSet Training, IClipSet? Validation, IReadOnlyList<string> Report)
{
    /// <summary>Finds, divides and decodes.</summary>
    /// <param name="data">Each <c>PATH</c> or <c>KIND:PATH</c>, see <see cref="DataSpec"/>.</param>
    /// <param name="options">How pairs are cut out of recordings.</param>
    /// <param name="format">How decoded media are kept.</param>
    /// <param name="validationShare">Share of the groups that is held out.</param>
    /// <param name="seed">Which.</param>
    /// <param name="cache">Where decoded media are kept; to be disposed after the sets.</param>
    /// <param name="reader">Decodes.</param>
    /// <param name="log">Told the names of damaged files.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="token">Gives up; what was decoded until then is kept.</param>
    /// <exception cref="TrainingDataException">One of them cannot be used.</exception>
    public static TrainingSets Load(
        IReadOnlyList<string> data,
        LayoutOptions options,
        MediaFormat format,
        double validationShare,
        long seed,
        MediaCache cache,
        IMediaReader reader,
        ILog log,
        Action<DataProgress>? progress = null,
        CancellationToken token = default)
    {
        List<IClipSet> training = [], validation = [];
        List<string> report = [];
        foreach (var text in data)
        {
            var spec = DataSpec.Parse(text);
            var list = spec.List(options, reader, progress, token);
            var (taught, held) = ClipSplit.ByGroup(list, validationShare, seed);
            report.Add($"{spec.Path}: read as '{spec.Kind}' ({spec.Why})");
            report.AddRange(list.Notes.Select(n => $"  {n}"));
            Add(taught, training);
            if (held.Pairs.Count > 0)
            {
                Add(held, validation);
            }
        }

        report.Add($"cache: {cache.Bytes / 1e6:0} MB in {cache.Folder}");
        return new TrainingSets(Join(training)!, Join(validation), report);

        void Add(ClipList part, List<IClipSet> to)
        {
            var found = part.Notes.Count;
            var set = CachedClips.Load(part, format, cache, reader, options.WindowSeconds, log, progress, token);
            report.Add(set.List.Summary);
            report.AddRange(set.List.Notes.Skip(found).Select(n => $"  {n}"));
            to.Add(set);
        }

        static IClipSet? Join(List<IClipSet> sets) => sets.Count switch { 0 => null, 1 => sets[0], _ => new JoinedClips(sets) };
    }
}
