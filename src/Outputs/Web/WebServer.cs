using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>What the server speaks for.</summary>
internal sealed record WebParts(
    WebAccess Access, LiveStatus Status, HealthReport Health, Viewers Viewers, MetricsSink Metrics, MjpegSink Stream, IModelSwitch? Models, IDeviceSwitch? Devices, Func<IDetectorSwitch?> Detector,
    Switch? Recording);

/// <summary>
/// The HTTP server of the live page: the page's files, <c>/ws</c>, and what <c>docs/openapi.json</c> describes.
/// Built from an empty host: no configuration file, environment variable or signal handler of the framework has a say.
/// </summary>
internal sealed class WebServer : IAsyncDisposable
{
    /// <summary>How many ports are tried from the configured one on.</summary>
    public const int PortsTried = 10;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15), Farewell = TimeSpan.FromSeconds(1);
    private readonly WebApplication _app;

    private WebServer(WebApplication app)
    {
        _app = app;

        // "All networks" is no address to open.
        var listening = new Uri(app.Urls.Single().TrimEnd('/') + "/");
        Address = listening.Host is "0.0.0.0" or "[::]" ? new UriBuilder(listening) { Host = "127.0.0.1" }.Uri : listening;
    }

    /// <summary>Where it is reached from this machine.</summary>
    public Uri Address { get; }

    /// <summary>Starts it on the port, or on one of the next few if that is taken.</summary>
    /// <exception cref="OutputException">All of them are taken, or may not be used.</exception>
    public static async Task<WebServer> StartAsync(
        int port, WebParts parts, IClock clock, Counters counters, ILog log, CancellationToken token)
    {
        for (var candidate = port; ; candidate++)
        {
            var app = Build(candidate, parts, clock, counters, log);
            try
            {
                await app.StartAsync(token).ConfigureAwait(false);
                var server = new WebServer(app);
                Tell(log, server.Address, parts.Access, candidate == port ? "" : $" (port {port} is taken)");
                return server;
            }
            catch (Exception e)
            {
                await app.DisposeAsync().ConfigureAwait(false);
                if (e is not IOException)
                {
                    throw e is OperationCanceledException ? e : Refused(parts.Access, candidate, e);
                }

                if (candidate == 0 || candidate >= IPEndPoint.MaxPort || candidate - port >= PortsTried - 1)
                {
                    throw Refused(parts.Access, port, e);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whoever is still connected had time to say goodbye.
        using var limit = new CancellationTokenSource(Farewell);
        await _app.StopAsync(limit.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static OutputException Refused(WebAccess access, int port, Exception e) => new(
        $"web.port {port.ToString(CultureInfo.InvariantCulture)}: cannot listen on {access.Address} ({e.Message.TrimEnd('.')}); set another port, 0 for any free one, or web.enabled to false", e);

    private static void Tell(ILog log, Uri address, WebAccess access, string note)
    {
        log.Info($"live page: {address}{note}");
        if (access.Beyond)
        {
            log.Info($"other machines reach it, too: as http://{Environment.MachineName}:{address.Port}/ or by this machine's address, not encrypted");
        }

        if (access.MadeUp is { } token)
        {
            // The part after # never leaves the browser. Said here and nowhere else.
            log.Info($"its token for this run: {token}; or open {address}#token={token}");
        }
    }

    private static WebApplication Build(int port, WebParts parts, IClock clock, Counters counters, ILog log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(parts.Access.Address, port);
        });
        var app = builder.Build();
        var failures = new RateLimitedLog(log, clock, TimeSpan.FromSeconds(10));
        app.Use((context, next) => CountFailuresAsync(context, next, counters["web.errors"], failures));
        app.Use(new WebGuard(parts.Access).InvokeAsync);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive });
        app.UseRouting();
        foreach (var file in PageFile.All)
        {
            app.MapGet(file.Path, context => SendAsync(context, file.Type, file.Content));
        }

        foreach (var (method, path, answer) in Routes(parts))
        {
            app.MapMethods(path, [method], answer);
        }

        app.MapGet("/ws", context => WatchAsync(context, parts.Status, parts.Viewers));
        return app;
    }

    /// <summary>Everything that <c>docs/openapi.json</c> describes.</summary>
    internal static IEnumerable<(string Method, string Path, RequestDelegate Answer)> Routes(WebParts parts)
    {
        var models = parts.Models;
        yield return ("GET", "/healthz", context => HealthAsync(context, parts));
        yield return ("GET", "/metrics", context => SendAsync(
            context, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(parts.Metrics.Write(parts.Health, parts.Viewers.Count))));
        yield return ("GET", "/stream.mjpg", parts.Stream.StreamAsync);
        yield return ("GET", "/snapshot.jpg", parts.Stream.SnapshotAsync);
        yield return ("GET", "/api/openapi.json", context => SendAsync(context, "application/json", PageFile.OpenApi));
        yield return ("POST", "/api/login", context =>
        {
            parts.Access.Remember(context);
            return NothingAsync(context);
        });
        yield return ("GET", "/api/status", context => SendAsync(context, "application/json", parts.Status.Snapshot()));
        yield return ("GET", "/api/models", context => models is null ? NothingAsync(context) : SendAsync(context, "application/json", ModelMessage.State(models)));
        yield return ("POST", "/api/model", context => models is null ? NothingAsync(context) : SwitchAsync(context, models));
        yield return ("GET", "/api/device", context => DeviceAsync(context, parts, null));
        yield return ("POST", "/api/device", context => DeviceAsync(context, parts, context.Request.Query["name"].ToString()));
        yield return ("GET", "/api/detector", context => DetectorAsync(context, parts.Detector(), change: false));
        yield return ("POST", "/api/detector", context => DetectorAsync(context, parts.Detector(), change: true));
        yield return ("GET", "/api/recording", context => RecordingAsync(context, parts, change: false));
        yield return ("POST", "/api/recording", context => RecordingAsync(context, parts, change: true));
    }

    private static Task HealthAsync(HttpContext context, WebParts parts)
    {
        context.Response.StatusCode = parts.Health.Healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return SendAsync(context, "application/json", parts.Health.Write(details: parts.Access.MayPass(context)));
    }

    /// <summary><c>POST /api/device?name=NAME</c>: answers when the model runs there, or why it does not (409).</summary>
    private static async Task DeviceAsync(HttpContext context, WebParts parts, string? wanted)
    {
        if (parts is not { Devices: { } devices, Models: { } models })
        {
            await NothingAsync(context).ConfigureAwait(false);
            return;
        }

        var error = wanted is null ? null : (await devices.RequestAsync(wanted).WaitAsync(context.RequestAborted).ConfigureAwait(false)).Error;
        context.Response.StatusCode = error is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await SendAsync(context, "application/json", LiveStatus.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("requested", devices.Requested);
            json.WriteString("effective", models.Current.Device.Effective);
            json.WriteString("why", models.Current.Device.Why);
            json.WriteString("error", error);
            json.WriteStartArray("available");
            foreach (var name in devices.Available)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        })).ConfigureAwait(false);
    }

    /// <summary><c>POST /api/detector?threshold=0.4</c>: holds from the next frame on, for everybody; 0 is the model's own.</summary>
    private static Task DetectorAsync(HttpContext context, IDetectorSwitch? detector, bool change)
    {
        if (detector is null)
        {
            return NothingAsync(context);
        }

        if (change)
        {
            if (!double.TryParse(context.Request.Query["threshold"], NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) || threshold is not (>= 0 and <= 1))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return SendAsync(context, "application/json", "{\"error\":\"expected ?threshold=T, from 0 (the model's own) to 1\"}"u8.ToArray());
            }

            detector.Detector = detector.Detector with { Threshold = threshold };
        }

        return SendAsync(context, "application/json", LiveStatus.Json(json =>
        {
            var now = detector.Detector;
            json.WriteStartObject();
            json.WriteNumber("threshold", now.Threshold);
            json.WriteNumber("reach", now.Reach);
            json.WriteNumber("presence", now.Presence);
            json.WriteNumber("max_sources", now.MaxSources);
            json.WriteEndObject();
        }));
    }

    /// <summary><c>POST /api/recording?on=true</c>: records from the next frame on, or no more; 409 where nothing can be recorded.</summary>
    private static Task RecordingAsync(HttpContext context, WebParts parts, bool change)
    {
        if (parts.Recording is not { } recording)
        {
            return NothingAsync(context);
        }

        if (change)
        {
            if (!bool.TryParse(context.Request.Query["on"], out var on))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return SendAsync(context, "application/json", "{\"error\":\"expected ?on=true or ?on=false\"}"u8.ToArray());
            }

            context.Response.StatusCode = recording.Set(on) ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        }

        return SendAsync(context, "application/json", LiveStatus.Json(parts.Status.WriteRecording));
    }

    private static async Task WatchAsync(HttpContext context, LiveStatus status, Viewers viewers)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        // ?window=N: the viewer answers each picture, and at most N are under way.
        _ = int.TryParse(context.Request.Query["window"], CultureInfo.InvariantCulture, out var window);
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        await viewers.ServeAsync(socket, status.Hello(), Math.Clamp(window, 0, 64), context.RequestAborted).ConfigureAwait(false);
    }

    private static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary><c>POST /api/model?name=NAME</c>: answers when it runs (the state), or why it does not (409).</summary>
    private static async Task SwitchAsync(HttpContext context, IModelSwitch models)
    {
        var name = context.Request.Query["name"].ToString();
        if (name.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await SendAsync(context, "application/json", ModelMessage.Error("", "expected ?name=NAME")).ConfigureAwait(false);
            return;
        }

        var answer = await models.RequestAsync(name).WaitAsync(context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = answer.Error is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await SendAsync(context, "application/json", answer.Error is { } error ? ModelMessage.Error(name, error) : ModelMessage.State(models)).ConfigureAwait(false);
    }

    private static Task SendAsync(HttpContext context, string type, byte[] content)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static async Task CountFailuresAsync(HttpContext context, RequestDelegate next, Counter errors, RateLimitedLog log)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && e is not ConnectionAbortedException)
        {
            errors.Add();
            log.Warn($"live page: {context.Request.Path} failed: {e.Message}");
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
        }
    }

    /// <summary>Ctrl-C and SIGTERM are the command line's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
