using System.Collections.Concurrent;

namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>Asks what files hold, many at a time, each once.</summary>
/// <param name="reader">Who knows.</param>
/// <param name="progress">Told now and then how far it is.</param>
/// <param name="token">Gives up.</param>
internal sealed class FileProbe(IMediaReader reader, Action<DataProgress>? progress, CancellationToken token)
{
    private readonly ConcurrentDictionary<string, (MediaSummary? Facts, string? Complaint)> _known = new();

    /// <summary>Probes many files, because one after the other takes a second for twenty.</summary>
    public void Ahead(IReadOnlyCollection<string> files)
    {
        var meter = new ProgressMeter("looking at files", files.Count, progress);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = token };
        Parallel.ForEach(files, parallel, file =>
        {
            Probe(file);
            meter.Done();
        });
        meter.Finish();
    }

    /// <summary>What a video with sound holds; null, and a note, for what is not one.</summary>
    public MediaSummary? Usable(string path, string name, Notes notes)
    {
        var (facts, complaint) = Probe(path);
        var reason = complaint is not null ? "files that cannot be read"
            : facts is not { HasVideo: true } ? "files without pictures"
            : !facts.Value.HasAudio ? "files without sound"
            : facts.Value.Seconds <= 0 ? "files of unknown length" : null;
        if (reason is null)
        {
            return facts;
        }

        notes.Add(reason, complaint ?? name);
        return null;
    }

    private (MediaSummary? Facts, string? Complaint) Probe(string path)
    {
        if (!_known.TryGetValue(path, out var known))
        {
            try
            {
                known = (reader.Probe(path, token), null);
            }
            catch (TrainingDataException e)
            {
                known = (null, e.Message);
            }

            _known[path] = known;
        }

        return known;
    }
}
