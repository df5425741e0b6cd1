using System.Globalization;
using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>A stretch without recording inside a file: players show a standing picture, times stay right.</summary>
/// <param name="At">Begin, in seconds of the file.</param>
/// <param name="Seconds">Length.</param>
/// <param name="Why">Why, in one line.</param>
internal sealed record RecordingGap(double At, double Seconds, string Why);

/// <summary>
/// What stands beside a recording, as <c>NAME.json</c> beside <c>NAME.mp4</c>: what it shows, when it was captured, by which camera and model,
/// and which frame messages belong to it. Makes it replayable and usable for training. Described by <c>docs/schemas/recording.json</c>.
/// </summary>
internal sealed class Sidecar
{
    /// <summary>Value of <c>schema</c>: the name and the version of this format.</summary>
    public const string Schema = "realtimessl/recording/1";

    /// <summary>The run that records.</summary>
    public required StreamInfo Stream { get; init; }

    /// <summary>What the file shows.</summary>
    public required RecordingLayer Layer { get; init; }

    /// <summary>UTC of the file's time zero.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>The source's own media time at the file's time zero, in seconds; null for live sources.</summary>
    public required double? MediaOrigin { get; init; }

    /// <summary>Pictures as they are in the file.</summary>
    public required PictureFormat Pictures { get; init; }

    /// <summary>Sound as it is in the file.</summary>
    public required SoundFormat? Sound { get; init; }

    /// <summary>Who encoded it.</summary>
    public required DeviceChoice Encoder { get; init; }

    /// <summary>Whether it has come to a proper end.</summary>
    public bool Complete { get; set; }

    /// <summary>Length in seconds; of a growing file: so far.</summary>
    public double Seconds { get; set; }

    /// <summary>Pictures in it.</summary>
    public long Frames { get; set; }

    /// <summary>Frame messages of the first and of the last picture.</summary>
    public (long First, long Last)? Seq { get; set; }

    /// <summary>How much slower the sound's clock ran than it said, in parts per million: this was resampled away. Null if not known (yet).</summary>
    public Func<double?> Drift { get; init; } = () => null;

    /// <summary>What is missing.</summary>
    public List<RecordingGap> Gaps { get; } = [];

    /// <summary>The events that it was made for.</summary>
    public IReadOnlyList<string> Events { get; set; } = [];

    /// <summary>Writes it; whole or not at all.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="video">Name of the video beside it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path, string video)
    {
        var part = path + ".part";
        using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
        {
            Write(json, video);
        }

        File.Move(part, path, overwrite: true);
    }

    private void Write(Utf8JsonWriter json, string video)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("file", video);
        json.WriteString("layer", Layer == RecordingLayer.Source ? "source" : "annotated");
        json.WriteBoolean("complete", Complete);
        json.WriteString("camera", Stream.Camera);
        json.WriteString("source", Stream.Video.Name);
        json.WriteString("run", Path.GetFileName(Stream.Folder));
        json.WriteString("started_at", StartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        Number(json, "media_origin", MediaOrigin, 6);
        Number(json, "seconds", Seconds, 3);
        json.WriteNumber("frames", Frames);
        if (Seq is { } seq)
        {
            json.WriteStartArray("seq");
            json.WriteNumberValue(seq.First);
            json.WriteNumberValue(seq.Last);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("seq");
        }

        json.WriteNumber("width", Pictures.Width);
        json.WriteNumber("height", Pictures.Height);
        Number(json, "fps", Pictures.Fps, 3);
        if (Sound is { } sound)
        {
            json.WriteStartObject("audio");
            json.WriteNumber("rate", sound.Rate);
            json.WriteNumber("channels", sound.Channels);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("audio");
        }

        Number(json, "drift_ppm", Drift(), 1);
        json.WriteStartObject("encoder");
        json.WriteString("requested", Encoder.Requested);
        json.WriteString("effective", Encoder.Effective);
        json.WriteString("why", Encoder.Why);
        json.WriteEndObject();
        FrameMessage.Model(json, Stream.Model);
        json.WriteStartArray("gaps");
        foreach (var gap in Gaps)
        {
            json.WriteStartObject();
            Number(json, "at", gap.At, 3);
            Number(json, "seconds", gap.Seconds, 3);
            json.WriteString("why", gap.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("events");
        foreach (var id in Events)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value, int decimals)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, Math.Round(number, decimals));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
