using System.Buffers;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>Parts and sidecars for tests of what is done with them.</summary>
internal static class Recordings
{
    /// <summary>The sidecar beside a video, checked against its schema.</summary>
    public static JsonElement ReadSidecar(string video)
    {
        var bytes = File.ReadAllBytes(Path.ChangeExtension(video, ".json"));
        Assert.Empty(JsonSchema.Load("recording.json").Check(bytes));
        return JsonDocument.Parse(bytes).RootElement.Clone();
    }

    /// <summary>A sidecar of a recording that begins at a time.</summary>
    public static Sidecar Sidecar(StreamInfo stream, TimeSpan zero) => new()
    {
        Stream = stream,
        Layer = RecordingLayer.Annotated,
        StartedAt = Localizations.Origin + zero,
        MediaOrigin = null,
        Pictures = new PictureFormat(64, 48, 25),
        Sound = null,
        Encoder = new DeviceChoice("auto", "x264", null),
    };

    /// <summary>A part of half a second, of a few bytes that mean nothing.</summary>
    public static Part Part(EncoderRun run, TimeSpan at) =>
        new(run, ArrayPool<byte>.Shared.Rent(200), 200, [new Mp4Run(1, (long)(at.TotalSeconds * 1000), 100, 12, 500, true)]);
}
