using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>Beyond this machine the page asks for a token.</summary>
public sealed class WebAccessTests : IDisposable
{
    private const int Limit = 60_000;
    private const string Secret = "correct horse battery staple";
    private static readonly string[] Guarded = ["/api/status", "/api/models", "/metrics", "/stream.mjpg", "/snapshot.jpg", "/ws", "/nothing"];
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Beyond_this_machine_a_token_is_made_up_and_told_once()
    {
        await using var run = await WebRun.StartAsync(Token, bind: "0.0.0.0");
        var line = Assert.Single(run.Lines, l => l.Contains("#token=", StringComparison.Ordinal));
        var token = line[(line.IndexOf("#token=", StringComparison.Ordinal) + "#token=".Length)..];
        Assert.True(token.Length >= 32);

        foreach (var path in Guarded)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, path));
        }

        Assert.Equal(HttpStatusCode.OK, await AskAsync(run, "/api/status", new("Bearer", token)));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, "/api/status", new("Bearer", token[..^1] + (token[^1] == 'a' ? 'b' : 'a'))));
        Assert.Single(run.Lines, l => l.Contains(token, StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task The_token_comes_as_bearer_as_password_or_as_the_cookie_that_the_login_left()
    {
        await using var run = await WebRun.StartAsync(Token, secret: Secret);
        Assert.DoesNotContain(run.Lines, l => l.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, "/api/status"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(run, "/api/status", new("Bearer", Secret)));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(run, "/metrics", new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("any:" + Secret)))));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, "/metrics", new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("any:wrong")))));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, "/metrics", new("Basic", "nonsense")));

        using var login = new HttpRequestMessage(HttpMethod.Post, new Uri(run.Address, "api/login")) { Headers = { Authorization = new("Bearer", Secret) } };
        using var answer = await _http.SendAsync(login, Token);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Secret, Uri.UnescapeDataString(cookie), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(run, "/api/status", cookie: cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(run, "/api/status", cookie: cookie.Split(';')[0] + "0"));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_token_one_sees_the_page_that_asks_for_it_and_whether_the_engine_is_well()
    {
        await using var run = await WebRun.StartAsync(Token, bind: "0.0.0.0");
        foreach (var file in PageFile.All)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(run, file.Path));
        }

        Assert.Equal("{\"status\":\"ok\"}", await _http.GetStringAsync(new Uri(run.Address, "healthz"), Token));
    }

    [Theory(Timeout = Limit)]
    [InlineData("192.168.0.7", true)]
    [InlineData("[fe80::1]", true)]
    [InlineData("evil.example", false)]
    [InlineData("192.168.0.7.evil.example", false)]
    public async Task An_address_in_figures_is_ours_and_a_foreign_name_is_not(string host, bool welcome)
    {
        await using var run = await WebRun.StartAsync(Token, bind: "0.0.0.0");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(run.Address, "/")) { Headers = { Host = host } };
        using var answer = await _http.SendAsync(request, Token);
        Assert.Equal(welcome ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Fact]
    public void Wrong_settings_are_said_in_one_line_with_the_way_out()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "token");
        File.WriteAllText(file, Secret + "\n");
        Assert.Null(new WebAccess(new WebSettings { Bind = "0.0.0.0" }, name => name == "REALTIMESSL_WEB_TOKEN_FILE" ? file : null).MadeUp);

        Says("web.bind: here is not an address", new WebSettings { Bind = "here" }, _ => null);
        Says("at least 16 characters", new WebSettings(), name => name == "REALTIMESSL_WEB_TOKEN" ? "short" : null);
        Says("REALTIMESSL_WEB_TOKEN_FILE: /nowhere/token cannot be read", new WebSettings(), name => name == "REALTIMESSL_WEB_TOKEN_FILE" ? "/nowhere/token" : null);

        static void Says(string what, WebSettings settings, Func<string, string?> environment)
        {
            var error = Assert.Throws<OutputException>(() => new WebAccess(settings, environment));
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    private async Task<HttpStatusCode> AskAsync(WebRun run, string path, AuthenticationHeaderValue? authorization = null, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(run.Address, path)) { Headers = { Authorization = authorization } };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return answer.StatusCode;
    }
}
