using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>What a recorder keeps.</summary>
public enum RecordingMode
{
    /// <summary>The whole run, as one file in the run folder.</summary>
    Run,

    /// <summary>Everything, in files of equal length under <see cref="RecordingSettings.Folder"/>.</summary>
    Segments,

    /// <summary>What sounds, with some time before and after, under <see cref="RecordingSettings.Folder"/>.</summary>
    Events,
}

/// <summary>What a recording shows.</summary>
public enum RecordingLayer
{
    /// <summary>The picture with what was found drawn over it.</summary>
    Annotated,

    /// <summary>The picture as it was captured.</summary>
    Source,
}

/// <summary>How recordings are made. Which layers are recorded is said by <c>files.annotated</c> and <c>files.source</c>.</summary>
public sealed record RecordingSettings
{
    /// <summary>Whether recording begins with the run; it can be switched while it goes on.</summary>
    public bool On { get; init; } = true;

    /// <summary>What is kept.</summary>
    public RecordingMode Mode { get; init; } = RecordingMode.Run;

    /// <summary>Where segments and events go: <c>FOLDER/YYYY-MM-DD/HH/CAMERA/MM.SS.mp4</c>, UTC.</summary>
    [MinLength(1)]
    public string Folder { get; init; } = "recordings";

    /// <summary>Length of a segment, in seconds.</summary>
    [Range(2, 86400)]
    public int SegmentSeconds { get; init; } = 300;

    /// <summary>Time before an event that belongs to its recording, in seconds.</summary>
    [Range(0.0, 300.0)]
    public double PreSeconds { get; init; } = 5;

    /// <summary>Time after an event that belongs to its recording, in seconds; what begins within it goes into the same file.</summary>
    [Range(0.0, 300.0)]
    public double PostSeconds { get; init; } = 5;

    /// <summary>Segments and events older than this are deleted, in days; 0 keeps them.</summary>
    [Range(0.0, 36500.0)]
    public double KeepDays { get; init; }

    /// <summary>Beyond this size of all segments and events together the oldest are deleted, in GB (10^9 bytes); 0: no limit.</summary>
    [Range(0.0, 1e6)]
    public double KeepGb { get; init; }

    /// <summary>
    /// Room to leave on the disk, in GB: the oldest segments and events are deleted for it, and if there are none left the recorder waits.
    /// </summary>
    [Range(0.0, 1e6)]
    public double KeepFreeGb { get; init; }

    /// <summary>
    /// <c>auto</c> (the hardware's if it has one that works, or else x264), <c>x264</c>, or one by name; with <c>!</c>: fail rather than fall back.
    /// </summary>
    [RegularExpression("(auto|x264|nvenc|qsv|vaapi|amf|videotoolbox|mf)!?", ErrorMessage = "expected auto, x264, nvenc, qsv, vaapi, amf, videotoolbox or mf, with ! after it to refuse any other")]
    public string Encoder { get; init; } = "auto";

    /// <summary>x264's constant rate factor (the like of it with other encoders): lower is better and larger, 18 is hard to tell from the original.</summary>
    [Range(0, 51)]
    public int Quality { get; init; } = 20;

    /// <summary>x264's preset: how much computing a smaller file is worth.</summary>
    public string Preset { get; init; } = "veryfast";

    /// <summary>The FFmpeg program: a name on the path, or a file.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>Seconds without progress after which the encoder counts as hung and is ended.</summary>
    [Range(1, 600)]
    public int StallSeconds { get; init; } = 30;
}
