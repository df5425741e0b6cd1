using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Who may see the live page. On this machine's own address everybody on it; beyond, who has the token: <c>REALTIMESSL_WEB_TOKEN</c>, or
/// <c>REALTIMESSL_WEB_TOKEN_FILE</c> (a file that holds it), or else one that is made up for this run and told once. A token that is given is
/// asked for on this machine, too. It is sent as <c>Authorization: Bearer</c>, as the password of Basic (for players), or by the page as a cookie
/// that stands for it; never in an address, which ends up in logs.
/// </summary>
internal sealed class WebAccess
{
    private const string TokenName = "REALTIMESSL_WEB_TOKEN", TokenFileName = "REALTIMESSL_WEB_TOKEN_FILE";
    private const int ShortestToken = 16;
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly byte[]? _token;
    private readonly byte[]? _cookieHash;
    private readonly string _cookie = "";

    /// <summary>Reads settings and environment.</summary>
    /// <exception cref="OutputException">One of them is wrong.</exception>
    public WebAccess(WebSettings settings, Func<string, string?> environment)
    {
        Address = IPAddress.TryParse(settings.Bind, out var address)
            ? address
            : throw new OutputException($"web.bind: {settings.Bind} is not an address: 127.0.0.1 for this machine only, 0.0.0.0 or :: for all networks, or one of this machine's own");
        Beyond = !IPAddress.IsLoopback(address);
        if (Beyond)
        {
            _hosts.UnionWith([Environment.MachineName, Environment.MachineName + ".local"]);
        }

        _hosts.UnionWith(settings.Hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var token = Given(environment);
        if (token is null && Beyond)
        {
            MadeUp = token = Url64(RandomNumberGenerator.GetBytes(24));
        }

        if (token is not null)
        {
            _token = Hash(token);
            _cookie = Convert.ToHexString(Hash("cookie of " + token));
            _cookieHash = Hash(_cookie);
        }
    }

    /// <summary>Where to listen.</summary>
    public IPAddress Address { get; }

    /// <summary>Whether other machines can reach it.</summary>
    public bool Beyond { get; }

    /// <summary>The token, if it was made up for this run: whoever started it has to be told.</summary>
    public string? MadeUp { get; }

    /// <summary>
    /// Whether a request's Host is a name of this server. A foreign name that points here (DNS rebinding) is not; an address in figures cannot be
    /// made to point elsewhere.
    /// </summary>
    public bool IsOurs(string host) =>
        host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || _hosts.Contains(host)
        || (Beyond && IPAddress.TryParse(host.Trim('[', ']'), out _));

    /// <summary>Whether a page's origin is this very server; behind a proxy with TLS, under one of the names given, its scheme differs.</summary>
    public bool IsOurs(string origin, HttpRequest request) =>
        origin == $"{request.Scheme}://{request.Host}" || (_hosts.Contains(request.Host.Host) && origin == $"https://{request.Host}");

    /// <summary>Whether the request brings what is asked for.</summary>
    public bool MayPass(HttpContext context)
    {
        if (_token is null)
        {
            return true;
        }

        if (context.Request.Cookies[CookieName(context)] is { } cookie && CryptographicOperations.FixedTimeEquals(Hash(cookie), _cookieHash))
        {
            return true;
        }

        return Sent(context.Request.Headers.Authorization.ToString()) is { } sent && CryptographicOperations.FixedTimeEquals(Hash(sent), _token);
    }

    /// <summary>Leaves the browser a cookie that stands for the token: out of reach of scripts and of other sites.</summary>
    public void Remember(HttpContext context)
    {
        if (_token is not null)
        {
            context.Response.Cookies.Append(CookieName(context), _cookie, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = context.Request.IsHttps,
                Path = "/",
                IsEssential = true,
            });
        }
    }

    // Cookies know no ports: two engines on one machine must not take each other's away.
    private static string CookieName(HttpContext context) => $"realtimessl-{context.Connection.LocalPort}";

    private static string? Sent(string authorization)
    {
        const string Bearer = "Bearer ", Basic = "Basic ";
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Bearer.Length..].Trim();
        }

        var pair = new byte[authorization.Length];
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), pair, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(pair.AsSpan(0, length));
        return text.IndexOf(':') is >= 0 and var colon ? text[(colon + 1)..] : null;
    }

    private static string? Given(Func<string, string?> environment)
    {
        var (from, token) = (TokenName, environment(TokenName));
        if (string.IsNullOrEmpty(token) && environment(TokenFileName) is { Length: > 0 } file)
        {
            from = $"{TokenFileName} ({file})";
            try
            {
                token = File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OutputException($"{TokenFileName}: {file} cannot be read: {e.Message.TrimEnd('.')}", e);
            }
        }
        else if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        return token?.Length >= ShortestToken ? token : throw new OutputException($"{from}: a token has at least {ShortestToken} characters: openssl rand -hex 24 makes one");
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Url64(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');
}
