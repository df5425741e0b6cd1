namespace RealtimeSsl.Pipeline;

/// <summary>What sinks may know and change of the detector while it runs. May be used from any thread.</summary>
public interface IDetectorSwitch
{
    /// <summary>How heatmaps become boxes; other settings hold from the next frame on.</summary>
    DetectorSettings Detector { get; set; }
}
