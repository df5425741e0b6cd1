using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// <c>summary.json</c>: what the run did, in figures, written once at its end. It appears under its name whole or not at all.
/// </summary>
public sealed class SummarySink : ISink
{
    /// <summary>Name of the file in the run folder.</summary>
    public const string FileName = "summary.json";

    /// <summary>Value of <c>schema</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/summary/1";

    private StreamInfo? _stream;

    /// <inheritdoc/>
    public string Name => "summary";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        _stream = stream;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        var stream = _stream ?? throw new InvalidOperationException("not started");
        Write(Path.Combine(stream.Folder, FileName), stream, summary);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Write(string path, StreamInfo stream, RunSummary summary)
    {
        var part = path + ".part";
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
                {
                    Write(json, stream, summary);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{path}: the summary could not be written: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>Writes the summary as one object: what the file holds, and what the live page shows at the end.</summary>
    internal static void Write(Utf8JsonWriter json, StreamInfo stream, RunSummary summary)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("camera", stream.Camera);
        json.WriteString("ended", summary.Ended);
        json.WriteStartObject("video");
        json.WriteString("name", stream.Video.Name);
        json.WriteNumber("width", stream.Video.Width);
        json.WriteNumber("height", stream.Video.Height);
        Number(json, "fps", stream.Video.Fps, 3);
        json.WriteBoolean("live", stream.Video.Live);
        json.WriteEndObject();
        if (stream.Audio is { } audio)
        {
            json.WriteStartObject("audio");
            json.WriteString("name", audio.Name);
            json.WriteNumber("rate", audio.Rate);
            json.WriteNumber("channels", audio.Channels);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("audio");
        }

        json.WriteNumber("frames_in", summary.FramesIn);
        json.WriteNumber("frames_processed", summary.FramesProcessed);
        Counts(json, "frames_dropped", summary.FramesDropped);
        Number(json, "fps", summary.Fps, 2);
        Number(json, "wall_seconds", summary.WallSeconds, 3);
        Number(json, "media_seconds", summary.MediaSeconds, 3);
        Number(json, "sounding_share", summary.SoundingShare, 4);
        json.WriteNumber("tracks", summary.Tracks);
        json.WriteStartObject("latency_ms");
        foreach (var (stage, ms) in summary.LatencyMs)
        {
            json.WriteStartObject(stage);
            Number(json, "p50", ms.P50, 2);
            Number(json, "p95", ms.P95, 2);
            Number(json, "p99", ms.P99, 2);
            Number(json, "max", ms.Max, 2);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        Number(json, "av_offset_ms", summary.AvOffsetMs, 2);
        Number(json, "drift_ppm", summary.DriftPpm, 1);
        FrameMessage.Model(json, summary.Model ?? stream.Model);
        json.WriteStartArray("models");
        foreach (var use in summary.Models)
        {
            json.WriteStartObject();
            json.WriteNumber("from_seq", use.FromSeq);
            FrameMessage.Model(json, use.Model);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Number(json, "allocated_bytes_per_frame", summary.AllocatedBytesPerFrame, 1);
        Number(json, "peak_rss_mb", summary.PeakRssMb, 1);
        Counts(json, "counters", summary.Counters);
        json.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach (var (cause, count) in counts)
        {
            json.WriteNumber(cause, count);
        }

        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value, int decimals)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, decimals));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
