using System.Net;
using System.Net.Http.Headers;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>
/// Asks an HTTP server what its answer is, since ffmpeg has to treat a film, a live stream, a playlist and a row of JPEGs differently.
/// </summary>
internal static class HttpKind
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What is behind the URL. Other schemes than HTTP are live.</summary>
    /// <exception cref="SourceException">The server refuses, or cannot be reached.</exception>
    public static async Task<MediaKind> AskAsync(string url, CancellationToken token)
    {
        if (!url.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            return MediaKind.Live;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw new SourceException("not a valid URL");
        }

        using var handler = new HttpClientHandler { Credentials = Login(uri) };
        using var client = new HttpClient(handler) { Timeout = Patience };
        try
        {
            var plain = new UriBuilder(uri) { UserName = "", Password = "" }.Uri;
            using var answer = await client.GetAsync(plain, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? Kind(answer.Content.Headers)
                : throw new SourceException($"HTTP {(int)answer.StatusCode} {answer.ReasonPhrase}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // A certificate of the camera's own making: ffmpeg does not mind, and we ask no more.
            return MediaKind.Live;
        }
        catch (HttpRequestException e)
        {
            throw new SourceException(e.InnerException?.Message ?? e.Message, e);
        }
        catch (TaskCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new SourceException($"no answer within {Patience.TotalSeconds:0} s", e);
        }
    }

    private static MediaKind Kind(HttpContentHeaders headers)
    {
        var type = headers.ContentType?.MediaType?.ToUpperInvariant() ?? "";
        return type.StartsWith("MULTIPART/", StringComparison.Ordinal) ? MediaKind.Mjpeg
            : type.Contains("MPEGURL", StringComparison.Ordinal) || type.Contains("DASH+XML", StringComparison.Ordinal) ? MediaKind.Playlist
            : headers.ContentLength > 0 ? MediaKind.InterleavedFile
            : MediaKind.Live;
    }

    private static NetworkCredential? Login(Uri uri)
    {
        var parts = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return uri.UserInfo.Length == 0 ? null : new NetworkCredential(parts[0], parts.ElementAtOrDefault(1));
    }
}
