using System.Security.Cryptography;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>
/// Tells when files have become others and have come to rest. It looks at them four times a second, by content rather than by the file system's events:
/// those differ from system to system, are missing on network drives, and come several times for one save.
/// </summary>
/// <param name="files">Which files; may change.</param>
internal sealed class ContentWatch(Func<IEnumerable<string>> files)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    // Larger files (weights) are judged by length and time: their content has its hash in the manifest.
    private const int LargestRead = 1 << 18;

    private string _known = Stamp(files());

    /// <summary>Watches until stopped.</summary>
    /// <param name="changed">Called when the files have changed and have been the same for one period since.</param>
    /// <param name="log">Who is told when that fails.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<Task> changed, ILog log, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period);
        var last = _known;
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                var now = Stamp(files());
                if (now == last && now != _known)
                {
                    _known = now;
                    await changed().ConfigureAwait(false);
                }

                last = now;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            log.Warn($"changed files are no longer noticed: {e.Message}");
        }
    }

    private static string Stamp(IEnumerable<string> files) => string.Join('\n', files.Select(file => $"{file}|{Stamp(file)}"));

    private static string Stamp(string file)
    {
        try
        {
            var info = new FileInfo(file);
            return info.Length > LargestRead
                ? $"{info.Length}|{info.LastWriteTimeUtc.Ticks}"
                : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Being replaced at this moment, or gone: a state like any other.
            return "";
        }
    }
}
