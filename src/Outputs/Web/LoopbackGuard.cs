using Microsoft.AspNetCore.Http;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Keeps the page to this machine and to itself. Being bound to 127.0.0.1 keeps other machines out, not other web sites in the user's own browser:
/// a foreign name that points here (DNS rebinding) is refused by the Host header, a foreign page by Origin (WebSockets know no same-origin rule),
/// and the page itself may load and reach nothing but this server.
/// </summary>
internal static class LoopbackGuard
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Sets the headers that every answer carries, and lets through what comes from this machine and this page.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        var request = context.Request;
        if (!IsLoopback(request.Host.Host))
        {
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "This page is for this machine: open it as http://127.0.0.1 or http://localhost.");
        }

        if (request.Headers.Origin is [{ } origin, ..] && origin != $"{request.Scheme}://{request.Host}")
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Other sites have no access.");
        }

        return next(context);
    }

    // Any port will do: a tunnel (ssh -L) has its own.
    private static bool IsLoopback(string host) =>
        host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
