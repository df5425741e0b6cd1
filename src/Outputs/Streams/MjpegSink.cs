using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The annotated picture as other programs take it from the page's server: <c>/stream.mjpg</c> for players, OBS, other cameras' software, and
/// <c>/snapshot.jpg</c>. While the source is away a slate says so. Each viewer has a slot for the newest picture and a loop that sends it; one that does
/// not read loses pictures (counted as <c>stream.viewer.dropped.newest_wins</c>) and is cut off. While nobody watches, nothing is drawn.
/// </summary>
/// <param name="overlay">What is drawn.</param>
/// <param name="clock">The run's clock.</param>
/// <param name="counters">Where what viewers miss is counted.</param>
public sealed class MjpegSink(OverlaySettings overlay, IClock clock, Counters counters) : ISink
{
    private const string Boundary = "frame";
    private static readonly int[] Quality = [(int)ImwriteFlags.JpegQuality, 85];
    private readonly OverlayRenderer _renderer = new(overlay);
    private readonly Counter _missed = counters["stream.viewer.dropped.newest_wins"];
    private readonly Lock _gate = new();
    private Channel<byte[]>[] _viewers = [];
    private StreamInfo? _stream;
    private Size _size;
    private bool _over;

    /// <inheritdoc/>
    public string Name => "stream";

    /// <summary>How many watch.</summary>
    public int Count => Volatile.Read(ref _viewers).Length;

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        (_stream, _size) = (stream, new Size(stream.Video.Width, stream.Video.Height));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        var viewers = Volatile.Read(ref _viewers);
        if (viewers.Length > 0)
        {
            var picture = _renderer.Render(localization);
            _size = picture.Size();
            Cv2.ImEncode(".jpg", picture, out var jpeg, Quality);
            foreach (var viewer in viewers)
            {
                viewer.Writer.TryWrite(jpeg);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        lock (_gate)
        {
            _over = true;
            foreach (var viewer in _viewers)
            {
                viewer.Writer.TryComplete();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await FinishAsync(new RunSummary(), CancellationToken.None).ConfigureAwait(false);
        _renderer.Dispose();
    }

    /// <summary><c>GET /stream.mjpg</c>: pictures until the viewer goes or the run ends.</summary>
    internal async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = $"multipart/x-mixed-replace; boundary={Boundary}";
        using var slate = new Slate(_stream!.Camera);
        var slot = Enter();
        try
        {
            while (await NextAsync(slot, slate, context.RequestAborted).ConfigureAwait(false) is { } jpeg)
            {
                var head = string.Create(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {jpeg.Length}\r\n\r\n");
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(head), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.WriteAsync(jpeg, context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.WriteAsync("\r\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // That a viewer goes is no error.
        }
        finally
        {
            Leave(slot);
        }
    }

    /// <summary><c>GET /snapshot.jpg</c>: the next picture, or the slate.</summary>
    internal async Task SnapshotAsync(HttpContext context)
    {
        using var slate = new Slate(_stream!.Camera);
        var slot = Enter();
        try
        {
            var jpeg = await NextAsync(slot, slate, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = jpeg is null ? StatusCodes.Status410Gone : StatusCodes.Status200OK;
            context.Response.ContentType = "image/jpeg";
            await context.Response.Body.WriteAsync(jpeg ?? [], context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            Leave(slot);
        }
    }

    /// <summary>The next picture; the slate when none comes for a while; null when the run is over.</summary>
    private async Task<byte[]?> NextAsync(Channel<byte[]> slot, Slate slate, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Slate.After);
        try
        {
            return await slot.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            Cv2.ImEncode(".jpg", slate.Draw(_size, clock.ToUtc(clock.Now)), out var jpeg, Quality);
            return jpeg;
        }
    }

    private Channel<byte[]> Enter()
    {
        var slot = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, _ => _missed.Add());
        lock (_gate)
        {
            _viewers = [.. _viewers, slot];
            if (_over)
            {
                slot.Writer.TryComplete();
            }
        }

        return slot;
    }

    private void Leave(Channel<byte[]> slot)
    {
        lock (_gate)
        {
            _viewers = [.. _viewers.Where(v => v != slot)];
        }
    }
}
