using System.ComponentModel.DataAnnotations;
using RealtimeSsl.Inference;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Settings;

/// <summary>
/// All settings of a run, one section per stage; <c>configs/default.yaml</c> is the commented manual and is held equal to the values here by a test.
/// Precedence: these defaults, then the file of <c>--config</c>, then the command line.
/// </summary>
public sealed record RunSettings
{
    /// <summary>Where the pictures come from: a camera's index or name, a file, folder, glob or URL, <c>synthetic[:scene]</c>, <c>gst:PIPELINE</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Where the sound comes from: <c>source</c> (the source's own; a camera has none and takes <c>default</c>), <c>none</c>, <c>default</c>, or a device.</summary>
    public string Microphone { get; init; } = "source";

    /// <summary><c>synchrony</c>, the name of a package under <c>models/</c>, or a path to one.</summary>
    public string Model { get; init; } = "synchrony";

    /// <summary>Where networks compute: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>directml</c>; with <c>!</c> after it: fail rather than fall back.</summary>
    [RegularExpression("(auto|cpu|cuda|directml)!?", ErrorMessage = "expected auto, cpu, cuda or directml, with ! after it to refuse any other")]
    public string Device { get; init; } = "auto";

    /// <summary>Name of the camera in messages and topics.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "expected 1 to 64 letters, digits, '-' or '_': it becomes part of MQTT topics")]
    public string Camera { get; init; } = "cam0";

    /// <summary>Paces a file as if it were live: frames appear at their time, and the newest wins.</summary>
    public bool Realtime { get; init; }

    /// <summary>Cameras and streams.</summary>
    public CaptureSettings Capture { get; init; } = new();

    /// <summary>Joining picture and sound.</summary>
    public EngineSettings Engine { get; init; } = new();

    /// <summary>The localizer without weights.</summary>
    public SynchronySettings Synchrony { get; init; } = new();

    /// <summary>The localizers with weights.</summary>
    public InferenceSettings Inference { get; init; } = new();

    /// <summary>Heatmap to boxes.</summary>
    public DetectorSettings Detector { get; init; } = new();

    /// <summary>Boxes to tracks.</summary>
    public TrackerSettings Tracker { get; init; } = new();

    /// <summary>What is drawn over the picture.</summary>
    public OverlaySettings Overlay { get; init; } = new();

    /// <summary>annotated.mp4 and source.mp4: how they are made, and which time is kept.</summary>
    public RecordingSettings Recording { get; init; } = new();

    /// <summary>The other files of the run folder.</summary>
    public FilesSettings Files { get; init; } = new();

    /// <summary>Messages for other programs.</summary>
    public MqttSettings Mqtt { get; init; } = new();

    /// <summary>The live page.</summary>
    public WebSettings Web { get; init; } = new();

    /// <summary>The annotated picture for other programs, and in a window.</summary>
    public StreamSettings Stream { get; init; } = new();
}

/// <summary>What is asked of cameras and streams; what they give is logged.</summary>
public sealed record CaptureSettings
{
    /// <summary>Width in pixels to ask a camera (or the synthetic scene) for; 0 takes its own.</summary>
    [Range(0, 7680)]
    public int Width { get; init; }

    /// <summary>Height in pixels to ask for; 0 takes its own.</summary>
    [Range(0, 4320)]
    public int Height { get; init; }

    /// <summary>Frames per second to ask for; 0 takes its own.</summary>
    [Range(0.0, 240.0)]
    public double Fps { get; init; }

    /// <summary>Pixel format to ask a camera for as four letters, e.g. MJPG; empty takes its own.</summary>
    [RegularExpression("....", ErrorMessage = "expected four characters, e.g. MJPG")]
    public string Fourcc { get; init; } = "";

    /// <summary>Sample rate in Hz to ask a microphone for; 0 takes 48000.</summary>
    [Range(0, 192000)]
    public int SampleRate { get; init; }

    /// <summary>Channels to ask a microphone for; 0 takes its own, two at most.</summary>
    [Range(0, 64)]
    public int Channels { get; init; }

    /// <summary>How long the first connection to a URL may take, all attempts together, in seconds.</summary>
    [Range(1.0, 600.0)]
    public double ConnectSeconds { get; init; } = 20;

    /// <summary>A live source that delivers nothing for this long is reconnected, in seconds.</summary>
    [Range(0.5, 600.0)]
    public double StallSeconds { get; init; } = 5;

    /// <summary>Seed of the synthetic scene.</summary>
    [Range(0, 1000000)]
    public int Seed { get; init; } = 1;
}

/// <summary>How networks run.</summary>
public sealed record InferenceSettings
{
    /// <summary>Folder of the model packages.</summary>
    public string Models { get; init; } = "models";

    /// <summary>Threads within an operator; 0: one per core.</summary>
    [Range(0, 256)]
    public int Threads { get; init; }

    /// <summary>Whether float32 networks on the CPU compute wide 3x3 convolutions in Winograd's way.</summary>
    public bool Winograd { get; init; } = true;

    /// <summary>How often the audio network runs, in ms of the source's time; its embedding is used again in between.</summary>
    [Range(10.0, 5000.0)]
    public double AudioEveryMs { get; init; } = 100;
}

/// <summary>Which files a run leaves beside its video.</summary>
public sealed record FilesSettings
{
    /// <summary>Whether the picture with what was found is recorded: annotated.mp4.</summary>
    public bool Annotated { get; init; } = true;

    /// <summary>Whether the picture as it was captured is recorded: source.mp4.</summary>
    public bool Source { get; init; }

    /// <summary>Whether detections.jsonl is written.</summary>
    public bool Detections { get; init; } = true;

    /// <summary>Whether events.jsonl is written.</summary>
    public bool Events { get; init; } = true;

    /// <summary>Whether the raw heatmaps are kept, as heatmaps.npy and heatmaps.csv.</summary>
    public bool Heatmaps { get; init; }
}
