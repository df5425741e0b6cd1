using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>Who reaches the live page's server, and what it answers.</summary>
public sealed partial class WebServerTests : IDisposable
{
    private const int Limit = 60_000;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Other_machines_cannot_connect()
    {
        await using var run = await WebRun.StartAsync(Token);

        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(e => e.Port == run.Address.Port);

        Assert.Equal([IPAddress.Loopback], listeners.Select(e => e.Address));
    }

    [Theory(Timeout = Limit)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:80", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("192.168.0.7", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:9000", true)]
    [InlineData("127.0.0.1:9000", true)]
    [InlineData("[::1]:9000", true)]
    public async Task A_foreign_name_that_points_here_is_refused(string host, bool welcome)
    {
        await using var run = await WebRun.StartAsync(Token);
        foreach (var path in new[] { "/", "/page.js", "/api/status", "/healthz" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(run.Address, path)) { Headers = { Host = host } };
            using var answer = await _http.SendAsync(request, Token);

            Assert.Equal(welcome ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Another_site_in_the_same_browser_cannot_watch()
    {
        await using var run = await WebRun.StartAsync(Token);

        foreach (var origin in new[] { "https://evil.example", "null", $"http://127.0.0.1:{run.Address.Port + 1}", $"https://127.0.0.1:{run.Address.Port}" })
        {
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => WebViewer.ConnectAsync(run.Address, Token, origin: origin));
            Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        }

        using var own = await WebViewer.ConnectAsync(run.Address, Token, origin: run.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal("cam", (await own.NextTextAsync(Token)).GetProperty("hello").GetProperty("camera").GetString());
    }

    [Fact(Timeout = Limit)]
    public async Task Every_answer_confines_the_page_to_this_server()
    {
        await using var run = await WebRun.StartAsync(Token);
        foreach (var path in new[] { "/", "/page.css", "/api/status", "/nothing/here", "/ws" })
        {
            using var answer = await _http.GetAsync(new Uri(run.Address, path), Token);

            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase) || h.Key is "Set-Cookie" or "Server");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_page_names_no_other_server_and_all_its_files_are_there()
    {
        await using var run = await WebRun.StartAsync(Token);
        var seen = new HashSet<string>();
        var open = new Queue<string>(["/"]);
        while (open.TryDequeue(out var path))
        {
            if (!seen.Add(path))
            {
                continue;
            }

            using var answer = await _http.GetAsync(new Uri(run.Address, path), Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.DoesNotMatch(OtherServer(), text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
            foreach (Match link in LinkedFile().Matches(text))
            {
                open.Enqueue("/" + link.Groups["file"].Value);
            }
        }

        Assert.Superset(new HashSet<string> { "/", "/page.css", "/page.js", "/picture.js", "/heat.js", "/icon.svg" }, seen);
    }

    [Fact(Timeout = Limit)]
    public async Task The_status_says_what_runs_and_how_it_goes()
    {
        await using var run = await WebRun.StartAsync(Token);

        var before = await StatusAsync(run);
        Assert.Equal("cam", before.GetProperty("camera").GetString());
        Assert.Equal(320, before.GetProperty("video").GetProperty("width").GetInt32());
        Assert.Equal(16000, before.GetProperty("audio").GetProperty("rate").GetInt32());
        Assert.Equal("cpu", before.GetProperty("model").GetProperty("device").GetProperty("effective").GetString());
        Assert.Equal(JsonValueKind.Null, before.GetProperty("last").ValueKind);

        // 25 frames a second, of which the engine saw every one.
        for (var i = 0; i < 50; i++)
        {
            run.Show(found => Localizations.AddSource(found, 1, null, 0.8f, 0.5f, 0.5f));
        }

        run.Counters["video.reconnects"].Add();
        var after = await StatusAsync(run);
        Assert.Equal(25, after.GetProperty("live").GetProperty("fps").GetDouble(), 1.0);
        Assert.Equal(25, after.GetProperty("live").GetProperty("fps_in").GetDouble(), 1.0);
        Assert.Equal(1, after.GetProperty("live").GetProperty("counters").GetProperty("video.reconnects").GetInt32());
        Assert.Equal(49, after.GetProperty("last").GetProperty("seq").GetInt32());
        Assert.Equal(12.5, after.GetProperty("last").GetProperty("latency_ms").GetProperty("total").GetDouble());

        // A source that stopped has no frame rate.
        run.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, (await StatusAsync(run)).GetProperty("live").GetProperty("fps").GetDouble());
    }

    [Fact(Timeout = Limit)]
    public async Task A_taken_port_moves_the_page_to_the_next_and_says_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.SkipUnless(port < 65500, "too close to the last port");

        await using var run = await WebRun.StartAsync(Token, port: port);

        Assert.InRange(run.Address.Port, port + 1, port + 9);
        Assert.Contains(run.Lines, line => line.Contains($"{run.Address}", StringComparison.Ordinal) && line.Contains($"port {port} is taken", StringComparison.Ordinal));
        Assert.Contains("\"ok\"", await _http.GetStringAsync(new Uri(run.Address, "healthz"), Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task The_models_are_listed_and_another_one_is_asked_for()
    {
        var models = new ChoiceOfModels("synchrony", "tiny", "broken");
        await using var run = await WebRun.StartAsync(Token, models: models);
        var list = await _http.GetByteArrayAsync(new Uri(run.Address, "api/models"), Token);
        Assert.Empty(JsonSchema.Load("model.json").Check(list));

        using (var done = await _http.PostAsync(new Uri(run.Address, "api/model?name=tiny"), null, Token))
        {
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
            Assert.Empty(JsonSchema.Load("model.json").Check(await done.Content.ReadAsByteArrayAsync(Token)));
        }

        Assert.Equal("tiny", models.Selected);
        using var refused = await _http.PostAsync(new Uri(run.Address, "api/model?name=broken"), null, Token);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("damaged", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var nothing = await _http.PostAsync(new Uri(run.Address, "api/model"), null, Token);
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
    }

    [Fact(Timeout = Limit)]
    public async Task Recording_is_switched_and_the_answer_says_how_it_is()
    {
        await using var run = await WebRun.StartAsync(Token);
        Assert.Equal((HttpStatusCode.OK, "{\"on\":false,\"possible\":true,\"seconds\":null,\"why\":null}"), await AskAsync(HttpMethod.Get, "api/recording"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Post, "api/recording?on=true")).Status);
        Assert.True(run.Recording.IsOn);

        // The recorder says since when, and what is in its way.
        run.Health.Set("record", true);
        run.Clock.Advance(TimeSpan.FromSeconds(75));
        Assert.Contains("\"seconds\":75,", (await AskAsync(HttpMethod.Get, "api/recording")).Body, StringComparison.Ordinal);
        run.Health.Set("record", false, "disk full");
        Assert.Contains("\"on\":true,\"possible\":true,\"seconds\":null,\"why\":\"disk full\"", (await AskAsync(HttpMethod.Get, "api/recording")).Body, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(HttpMethod.Post, "api/recording?on=perhaps")).Status);
        run.Recording.Block("there is no FFmpeg");
        var (status, body) = await AskAsync(HttpMethod.Post, "api/recording?on=true");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("\"on\":false,\"possible\":false,\"seconds\":null,\"why\":\"there is no FFmpeg\"", body, StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, new Uri(run.Address, path));
            using var answer = await _http.SendAsync(request, Token);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    public async Task Other_sites_cannot_change_the_model(string origin)
    {
        var models = new ChoiceOfModels("synchrony", "tiny");
        await using var run = await WebRun.StartAsync(Token, models: models);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(run.Address, "api/model?name=tiny"));
        request.Headers.Add("Origin", origin);
        using var answer = await _http.SendAsync(request, Token);
        Assert.Equal((HttpStatusCode.Forbidden, "synchrony"), (answer.StatusCode, models.Selected));
    }

    [Fact(Timeout = Limit)]
    public async Task Where_no_port_is_left_the_error_names_the_setting_and_the_way_out()
    {
        // The last port has no next one.
        using var taken = new TcpListener(IPAddress.Loopback, 65535);
        taken.Start();

        var error = await Assert.ThrowsAsync<OutputException>(() => WebRun.StartAsync(Token, port: 65535));

        Assert.Contains("web.port 65535", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 for any free one", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private async Task<JsonElement> StatusAsync(WebRun run) =>
        JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync(new Uri(run.Address, "api/status"), Token));

    [GeneratedRegex("""https?://|["'(]//|@import""")]
    private static partial Regex OtherServer();

    [GeneratedRegex("""(?:src|href)="(?<file>[^"]+)"|from '\./(?<file>[^']+)'""")]
    private static partial Regex LinkedFile();
}
