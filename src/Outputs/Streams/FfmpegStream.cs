using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The annotated picture at a steady rate into a child FFmpeg, whatever the source does: a stream never stops, so that who takes it need not reconnect. A child
/// that ends (no such server, network gone) is started again, at growing intervals. Counted: <c>NAME.pictures</c>, <c>NAME.restarts</c>.
/// </summary>
internal sealed class FfmpegStream : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1), LastRetry = TimeSpan.FromSeconds(30), Stalled = TimeSpan.FromSeconds(10), Farewell = TimeSpan.FromSeconds(2);
    private readonly string _name;
    private readonly string _ffmpeg;
    private readonly string[] _arguments;
    private readonly Func<string, string> _redact;
    private readonly double _fps;
    private readonly SteadyPicture _picture;
    private readonly Counter _pictures;
    private readonly Counter _restarts;
    private readonly Health? _health;
    private readonly RateLimitedLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _bytes;
    private readonly Task _work;

    /// <summary>Starts it.</summary>
    /// <param name="name">Name in counters, health and logs.</param>
    /// <param name="ffmpeg">The program.</param>
    /// <param name="output">FFmpeg's arguments after the input.</param>
    /// <param name="redact">Takes credentials out of what FFmpeg says.</param>
    /// <param name="fps">Pictures per second.</param>
    /// <param name="picture">What is shown.</param>
    /// <param name="context">Clock, counters, log.</param>
    /// <param name="health">Where it tells how it is.</param>
    public FfmpegStream(
        string name, string ffmpeg, IEnumerable<string> output, Func<string, string> redact, double fps, SteadyPicture picture, SourceContext context, Health? health)
    {
        (_name, _ffmpeg, _redact, _fps, _picture, _health) = (name, ffmpeg, redact, fps, picture, health);
        (_pictures, _restarts) = (context.Counters[$"{name}.pictures"], context.Counters[$"{name}.restarts"]);
        _log = new RateLimitedLog(context.Log, context.Clock, TimeSpan.FromSeconds(10));
        var size = string.Create(CultureInfo.InvariantCulture, $"{picture.Size.Width}x{picture.Size.Height}");
        _arguments =
        [
            "-f", "rawvideo", "-pixel_format", "bgr24", "-video_size", size, "-framerate", fps.ToString(CultureInfo.InvariantCulture), "-i", "pipe:0",
            "-an", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", .. output,
        ];
        _bytes = new byte[picture.Size.Width * picture.Size.Height * 3];
        _work = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.WaitAsync(TimeSpan.FromSeconds(10)).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            var before = _pictures.Value;
            try
            {
                await FeedAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is IOException or OutputException or TimeoutException)
            {
                var why = _redact(e.Message);
                _restarts.Add();
                _health?.Set(_name, false, why);
                wait = _pictures.Value - before > 10 * _fps ? FirstRetry : wait;
                _log.Warn($"{_name}: {why}; again in {wait.TotalSeconds:0} s");
            }

            await Task.Delay(wait, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            wait = wait * 2 < LastRetry ? wait * 2 : LastRetry;
        }

        _health?.Remove(_name);
    }

    private async Task FeedAsync()
    {
        using var child = new FfmpegProcess(_ffmpeg, _arguments);
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / _fps));
        var written = 0L;
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                Copy();
                await child.Input.WriteAsync(_bytes).AsTask().WaitAsync(Stalled, _stop.Token).ConfigureAwait(false);
                _pictures.Add();

                // FFmpeg takes some pictures before it knows whether anybody is there to have them.
                if (++written > 2 * _fps)
                {
                    _health?.Set(_name, true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It says goodbye to whom it streams to.
            child.Input.Close();
            using var limit = new CancellationTokenSource(Farewell);
            await child.ExitAsync(limit.Token).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            throw;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"FFmpeg took no picture for {Stalled.TotalSeconds:0} s");
        }
        catch (IOException)
        {
            throw new IOException(child.LastWords());
        }
    }

    private unsafe void Copy()
    {
        var picture = _picture.Read();
        new ReadOnlySpan<byte>((void*)picture.Data, _bytes.Length).CopyTo(_bytes);
    }
}
