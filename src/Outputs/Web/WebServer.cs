using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The HTTP server of the live page, on 127.0.0.1 and nowhere else: <c>/</c> and its files, <c>/ws</c>, <c>/api/status</c>, <c>/api/models</c>,
/// <c>/api/model</c>, <c>/healthz</c>.
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
        Address = new Uri(app.Urls.Single().TrimEnd('/') + "/");
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it on the port, or on one of the next few if that is taken.</summary>
    /// <exception cref="OutputException">All of them are taken, or may not be used.</exception>
    public static async Task<WebServer> StartAsync(
        int port, LiveStatus status, IModelSwitch? models, Viewers viewers, IClock clock, Counters counters, ILog log, CancellationToken token)
    {
        for (var candidate = port; ; candidate++)
        {
            var app = Build(candidate, status, models, viewers, clock, counters, log);
            try
            {
                await app.StartAsync(token).ConfigureAwait(false);
                var server = new WebServer(app);
                log.Info(candidate == port ? $"live page: {server.Address}" : $"live page: {server.Address} (port {port} is taken)");
                return server;
            }
            catch (Exception e)
            {
                await app.DisposeAsync().ConfigureAwait(false);
                if (e is not IOException)
                {
                    throw e is OperationCanceledException ? e : Refused(candidate, e);
                }

                if (candidate == 0 || candidate >= IPEndPoint.MaxPort || candidate - port >= PortsTried - 1)
                {
                    throw Refused(port, e);
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

    private static OutputException Refused(int port, Exception e) => new(
        $"web.port {port.ToString(CultureInfo.InvariantCulture)}: cannot listen on 127.0.0.1 ({e.Message.TrimEnd('.')}); set another port, 0 for any free one, or web.enabled to false", e);

    private static WebApplication Build(
        int port, LiveStatus status, IModelSwitch? models, Viewers viewers, IClock clock, Counters counters, ILog log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var app = builder.Build();
        var failures = new RateLimitedLog(log, clock, TimeSpan.FromSeconds(10));
        app.Use((context, next) => CountFailuresAsync(context, next, counters["web.errors"], failures));
        app.Use(LoopbackGuard.InvokeAsync);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive });
        app.UseRouting();
        foreach (var file in PageFile.All)
        {
            app.MapGet(file.Path, context => SendAsync(context, file.Type, file.Content));
        }

        app.MapGet("/healthz", context => SendAsync(context, "text/plain; charset=utf-8", "ok\n"u8.ToArray()));
        app.MapGet("/api/status", context => SendAsync(context, "application/json", status.Snapshot()));
        app.MapGet("/api/models", context => models is null ? NothingAsync(context) : SendAsync(context, "application/json", ModelMessage.State(models)));
        app.MapPost("/api/model", context => models is null ? NothingAsync(context) : SwitchAsync(context, models));

        app.MapGet("/ws", context => WatchAsync(context, status, viewers));
        return app;
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
