using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>How the annotated video is made.</summary>
public sealed record RecordingSettings
{
    /// <summary>The FFmpeg program: a name on the path, or a file.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>x264's constant rate factor: lower is better and larger, 18 is hard to tell from the original.</summary>
    [Range(0, 51)]
    public int Quality { get; init; } = 20;

    /// <summary>x264's preset: how much computing a smaller file is worth.</summary>
    public string Preset { get; init; } = "veryfast";

    /// <summary>Seconds without progress after which the encoder counts as hung and is ended.</summary>
    [Range(1, 600)]
    public int StallSeconds { get; init; } = 30;
}
