using Microsoft.AspNetCore.Http;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Keeps the page to those it is for, and to itself. Being bound to 127.0.0.1 keeps other machines out, not other web sites in the user's own browser:
/// a foreign name that points here (DNS rebinding) is refused by the Host header, a foreign page by Origin (WebSockets know no same-origin rule),
/// and the page itself may load and reach nothing but this server. What tells or changes anything needs the token, where there is one.
/// </summary>
internal sealed class WebGuard(WebAccess access)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // The page's own files tell nothing, and what watches over services has no token.
    private static readonly HashSet<string> Open = [.. PageFile.All.Select(f => f.Path), "/healthz", "/api/openapi.json"];

    // Players and monitors know user and password, but no other way; asked so, a browser would put up a box of its own.
    private static readonly HashSet<string> ForPlayers = ["/stream.mjpg", "/snapshot.jpg", "/metrics"];

    /// <summary>Sets the headers that every answer carries, and lets through what may pass.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        var request = context.Request;
        if (!access.IsOurs(request.Host.Host))
        {
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, access.Beyond
                ? "Not a name of this server: use its address, or add the name to web.hosts."
                : "This page is for this machine: open it as http://127.0.0.1 or http://localhost.");
        }

        if (request.Headers.Origin is [{ } origin, ..] && !access.IsOurs(origin, request))
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Other sites have no access.");
        }

        var path = request.Path.Value ?? "";
        if (!Open.Contains(path) && !access.MayPass(context))
        {
            headers.WWWAuthenticate = ForPlayers.Contains(path) ? "Basic realm=\"Realtime SSL\"" : "Bearer";
            return RefuseAsync(context, StatusCodes.Status401Unauthorized, "This needs the token that the engine told when it started, or was given.");
        }

        return next(context);
    }

    private static Task RefuseAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
