using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The annotated picture in a window on this machine's screen, for demonstrations. OpenCV wants one thread for all that has to do with a window, so it has
/// one; Escape or q closes the window, and the run goes on.
/// </summary>
/// <param name="overlay">What is drawn.</param>
/// <param name="context">Clock, counters, log.</param>
public sealed class WindowSink(OverlaySettings overlay, SourceContext context) : ISink
{
    private const int Escape = 27, PollMs = 15;
    private readonly ManualResetEventSlim _stop = new();
    private SteadyPicture? _picture;
    private Thread? _thread;

    /// <inheritdoc/>
    public string Name => "window";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    /// <exception cref="OutputException">There is no screen.</exception>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        if (WhyNot() is { } why)
        {
            throw new OutputException($"--window: {why}; without it the live page shows the same");
        }

        _picture = new SteadyPicture(stream, overlay, context.Clock);
        _thread = new Thread(() => Show($"Realtime SSL - {stream.Camera}")) { IsBackground = true, Name = "window" };
        _thread.Start();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        if (_thread is { IsAlive: true })
        {
            _picture!.Write(localization);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => DisposeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _stop.Set();
        if (Interlocked.Exchange(ref _thread, null) is { } thread && thread.Join(TimeSpan.FromSeconds(5)))
        {
            _picture?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    // A display that cannot be reached would end the whole process: OpenCV's toolkit does not ask.
    private static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var (x, wayland) = (Environment.GetEnvironmentVariable("DISPLAY"), Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"));
        if (string.IsNullOrEmpty(x))
        {
            return string.IsNullOrEmpty(wayland) ? "there is no screen (DISPLAY is not set)" : null;
        }

        var number = x.StartsWith(':') ? x[1..].Split('.')[0] : null;
        return number is null || File.Exists($"/tmp/.X11-unix/X{number}") ? null : $"the screen {x} does not answer";
    }

    private void Show(string title)
    {
        try
        {
            Cv2.NamedWindow(title, WindowFlags.AutoSize | WindowFlags.GuiNormal);
            while (!_stop.IsSet)
            {
                Cv2.ImShow(title, _picture!.Read());
                if (Cv2.WaitKey(PollMs) is Escape or 'q')
                {
                    break;
                }
            }

            Cv2.DestroyAllWindows();
            Cv2.WaitKey(1);
        }
        catch (OpenCVException e)
        {
            context.Counters["window.errors"].Add();
            context.Log.Warn($"window: {e.Message}; the run goes on without it");
        }
    }
}
