using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Feeds a virtual camera, so that any program that takes a camera takes the annotated picture: on Linux a device of the kernel module v4l2loopback. Where
/// there is none the run goes on without, and says why.
/// </summary>
/// <param name="settings">Which device, and how often.</param>
/// <param name="overlay">What is drawn.</param>
/// <param name="ffmpeg">The FFmpeg program.</param>
/// <param name="context">Clock, counters, log.</param>
/// <param name="health">Where it tells how it is, as <c>virtual_camera</c>.</param>
public sealed class VirtualCameraSink(StreamSettings settings, OverlaySettings overlay, string ffmpeg, SourceContext context, Health? health = null) : ISink
{
    private SteadyPicture? _picture;
    private FfmpegStream? _stream;

    /// <inheritdoc/>
    public string Name => "virtual_camera";

    /// <summary>What was asked for, what is used, and why they differ; null before the start.</summary>
    public DeviceChoice? Device { get; private set; }

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    public async ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        var why = WhyNot(settings.Camera);
        Device = new DeviceChoice(settings.Camera, why is null ? settings.Camera : "none", why);
        if (why is not null)
        {
            context.Log.Warn($"virtual camera: {settings.Camera} was asked for, there is none: {why}");
            health?.Set(Name, false, why);
            return;
        }

        await FfmpegProcess.CheckAsync(ffmpeg, token).ConfigureAwait(false);
        _picture = new SteadyPicture(stream, overlay, context.Clock);
        _stream = new FfmpegStream(
            Name, ffmpeg, ["-pix_fmt", "yuv420p", "-f", "v4l2", settings.Camera], static text => text, settings.Fps, _picture, context, health);
        context.Log.Info($"virtual camera: {settings.Camera}");
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        _picture?.Write(localization);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stream, null) is { } stream)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            _picture?.Dispose();
        }
    }

    private static string? WhyNot(string device) =>
        !OperatingSystem.IsLinux() ? "virtual cameras are fed on Linux only (v4l2loopback)"
        : !File.Exists(device) ? $"{device} does not exist; modprobe v4l2loopback video_nr=10 makes /dev/video10"
        : !Path.GetFullPath(device).StartsWith("/dev/", StringComparison.Ordinal) ? $"{device} is not a device"
        : null;
}
