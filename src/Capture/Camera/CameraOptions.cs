namespace RealtimeSsl.Capture.Camera;

/// <summary>Which camera, and what to ask of it. Zero and empty take the camera's own choice.</summary>
public sealed record CameraOptions
{
    /// <summary>An index (<c>0</c>), a device file, a device's name or its beginning, or <c>gst:PIPELINE</c> (a GStreamer pipeline that ends in appsink).</summary>
    public required string Device { get; init; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Frames per second.</summary>
    public double Fps { get; init; }

    /// <summary>Pixel format as four letters, e.g. MJPG.</summary>
    public string Fourcc { get; init; } = "";

    /// <summary>A camera that delivers nothing for this long is opened again.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
