using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>A live page that runs, on a port of its own, with a hand on its clock.</summary>
internal sealed class WebRun : IAsyncDisposable, ILog
{
    private readonly Localizations _localizations;
    private readonly AudioBlockPool _blocks = new();
    private long _samples;

    private WebRun(WebSettings settings, int width, int height, IModelSwitch? models, string? token)
    {
        _localizations = new Localizations(width, height);
        Sink = new WebSink(settings, Clock, Counters, this)
        {
            Models = models,
            Devices = models is ChoiceOfModels choice ? new ChoiceOfDevices(choice) : null,
            Health = Health = new Health(Clock),
            Detector = () => Detector,
            Recording = Recording,
            Environment = name => name == "REALTIMESSL_WEB_TOKEN" ? token : null,
        };
    }

    public Health Health { get; }

    public Switch Recording { get; } = new("recording", false);

    public DetectorHand Detector { get; } = new();

    public ManualClock Clock { get; } = new();

    public Counters Counters { get; } = new();

    public WebSink Sink { get; }

    public ConcurrentQueue<string> Lines { get; } = new();

    public Uri Address => Sink.Address!;

    public static async Task<WebRun> StartAsync(CancellationToken token, int width = 320, int height = 240, int port = 0, IModelSwitch? models = null,
        string bind = "127.0.0.1", string? secret = null)
    {
        var run = new WebRun(new WebSettings { Port = port, Bind = bind }, width, height, models, secret);
        try
        {
            var stream = Localizations.Stream("", width, height, live: true, audio: new AudioInfo("test tone", 16000, 1, true));
            foreach (var sink in run.Sink.Companions.Append(run.Sink))
            {
                await sink.StartAsync(stream, token);
            }
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }

        return run;
    }

    /// <summary>One more frame, 40 ms after the last one. The sink must be done with it at once.</summary>
    /// <returns>Its number.</returns>
    public long Show(Action<Localization>? about = null)
    {
        Clock.Advance(TimeSpan.FromMilliseconds(40));
        using var found = _localizations.Next(Clock.Now.TotalSeconds);
        about?.Invoke(found);
        foreach (var sink in Sink.Companions.Append(Sink))
        {
            var write = sink.WriteAsync(found, CancellationToken.None);
            Assert.True(write.IsCompletedSuccessfully, "the sink waits for nobody");
        }

        return found.Seq;
    }

    /// <summary>A tone up to the last frame's time and 40 ms beyond; call it once before each frame.</summary>
    public void Hear(float hertz)
    {
        const int Length = 640;
        using var block = _blocks.Rent(Length, 1, 16000).Stamp(_samples, Clock.Now, Clock.Now);
        for (var i = 0; i < Length; i++)
        {
            block.Samples[i] = 0.5f * MathF.Sin(2 * MathF.PI * hertz * (_samples + i) / 16000);
        }

        _samples += Length;
        foreach (var sink in Sink.Companions.OfType<IAudioSink>())
        {
            var write = sink.WriteAsync(block, CancellationToken.None);
            Assert.True(write.IsCompletedSuccessfully, "the sink waits for nobody");
        }
    }

    public async Task<WebViewer> WatchAsync(CancellationToken token, string query = "")
    {
        var viewer = await WebViewer.ConnectAsync(Address, token, query);

        // After its hello a viewer is counted in: it will see the next frame.
        viewer.Hello = (await viewer.NextTextAsync(token)).GetProperty("hello");
        return viewer;
    }

    public void Write(LogLevel level, string line) => Lines.Enqueue(line);

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in Sink.Companions.Append(Sink))
        {
            await sink.DisposeAsync();
        }
    }
}

/// <summary>A detector that is nothing but its settings.</summary>
internal sealed class DetectorHand : IDetectorSwitch
{
    public DetectorSettings Detector { get; set; } = new();
}

/// <summary>A viewer that is no browser.</summary>
internal sealed class WebViewer(ClientWebSocket socket) : IDisposable
{
    public JsonElement Hello { get; set; }

    public static async Task<WebViewer> ConnectAsync(Uri address, CancellationToken token, string query = "", string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(address, "ws" + query)) { Scheme = "ws" }.Uri, token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new WebViewer(socket);
    }

    public async Task<(WebSocketMessageType Type, byte[] Content)> NextAsync(CancellationToken token)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, token);
            content.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return (part.MessageType, content.ToArray());
            }
        }
    }

    public async Task<JsonElement> NextTextAsync(CancellationToken token)
    {
        var (type, content) = await NextAsync(token);
        Assert.Equal(WebSocketMessageType.Text, type);
        return JsonSerializer.Deserialize<JsonElement>(content);
    }

    /// <summary>The next picture: its message, and its JPEG.</summary>
    public async Task<(JsonElement Message, byte[] Jpeg)> NextPictureAsync(CancellationToken token)
    {
        var (type, content) = await NextAsync(token);
        Assert.Equal(WebSocketMessageType.Binary, type);
        var length = BitConverter.ToUInt32(content);
        return (JsonSerializer.Deserialize<JsonElement>(content.AsSpan(4, (int)length)), content[(4 + (int)length)..]);
    }

    public Task AnswerAsync(CancellationToken token) => socket.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Text, true, token);

    /// <summary>Says goodbye, too, once the server did.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Why)> CloseAsync(CancellationToken token)
    {
        var (type, _) = await NextAsync(token);
        Assert.Equal(WebSocketMessageType.Close, type);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, token);
        return (socket.CloseStatus, socket.CloseStatusDescription);
    }

    public void Dispose() => socket.Dispose();
}
