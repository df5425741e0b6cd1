using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenCvSharp;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// A network camera of the old kind: JPEG pictures in an endless HTTP answer, without time stamps. Each picture is a grey that counts up by
/// 8. It can fall silent without hanging up, and it can be switched off and on.
/// </summary>
public sealed class MjpegServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _period;
    private readonly string? _login;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _on = new();
    private Task _loop;

    public MjpegServer(double fps, string? login = null)
    {
        _period = TimeSpan.FromSeconds(1 / fps);
        _login = login is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(login));
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _loop = Accept();
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}/video";

    /// <summary>While true, connections stay open but nothing is sent.</summary>
    public bool Silent { get; set; }

    public async Task SwitchOff()
    {
        await _on.CancelAsync();
        _listener.Dispose();
        await _loop;
    }

    public void SwitchOn()
    {
        (_on, _listener) = (new CancellationTokenSource(), new TcpListener(IPAddress.Loopback, Port));
        _listener.Start();
        _loop = Accept();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await SwitchOff();
        _on.Dispose();
        _stop.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "A client that hangs up is the normal end.")]
    private async Task Accept()
    {
        var serving = new List<Task>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _on.Token);
        try
        {
            while (true)
            {
                serving.Add(Serve(await _listener.AcceptTcpClientAsync(end.Token), end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        try
        {
            await Task.WhenAll(serving);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    private async Task Serve(TcpClient client, CancellationToken token)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var authorized = _login is null;
            while (await reader.ReadLineAsync(token) is { Length: > 0 } line)
            {
                authorized |= line.EndsWith($": {_login}", StringComparison.Ordinal);
            }

            if (!authorized)
            {
                await Send("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic realm=\"camera\"", "Content-Length: 0", "Connection: close");
                return;
            }

            await Send("HTTP/1.0 200 OK", "Content-Type: multipart/x-mixed-replace; boundary=frame");
            using var picture = new Mat(48, 64, MatType.CV_8UC3);
            using var timer = new PeriodicTimer(_period);
            for (var grey = 0; await timer.WaitForNextTickAsync(token); grey = (grey + 8) % 256)
            {
                if (!Silent)
                {
                    picture.SetTo(new Scalar(grey, grey, grey));
                    Cv2.ImEncode(".jpg", picture, out var jpeg);
                    await Send("--frame", "Content-Type: image/jpeg", $"Content-Length: {jpeg.Length}");
                    await stream.WriteAsync(jpeg, token);
                    await stream.WriteAsync("\r\n"u8.ToArray(), token);
                }
            }

            ValueTask Send(params string[] lines) =>
                stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"), token);
        }
    }
}
