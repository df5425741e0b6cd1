using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>
/// Keeps a URL connected: the first connection within a bounded time or a clear error; after that, whatever happens, it is connected again
/// with growing pauses, and counted. A sender that says nothing is as dead as one that hung up.
/// </summary>
internal sealed class LiveMedia(string name, MediaOptions options, SourceContext context)
{
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // What no further attempt will cure.
    private static readonly string[] Hopeless =
        ["401 Unauthorized", "403 Forbidden", "404 Not Found", "Protocol not found", "not a valid URL", "Invalid argument", "no picture"];

    private readonly RateLimitedLog _log = new(context.Log, context.Clock, TimeSpan.FromSeconds(30));

    /// <summary>How ffmpeg has to open it.</summary>
    public MediaKind Kind { get; private set; }

    /// <summary>The first connection.</summary>
    /// <exception cref="SourceException">It cannot be reached; the message says how often and how long it was tried, and why it
    /// failed.</exception>
    public MediaConnection Connect(CancellationToken token)
    {
        var begin = context.Clock.Now;
        var (why, attempt, pause) = ("", 0, FirstPause);
        while (attempt < options.ConnectAttempts && context.Clock.Now - begin < options.ConnectTimeout && !Hopeless.Any(why.Contains))
        {
            if (attempt++ > 0)
            {
                Wait(pause, token);
                pause = Longer(pause);
            }

            try
            {
                // A stream that announces sound and never sends any would keep ffmpeg waiting: at last we do without.
                var last = attempt == options.ConnectAttempts && attempt > 1 && options is { WantVideo: true, WantAudio: true };
                var left = options.ConnectTimeout - (context.Clock.Now - begin);
                var wanted = last ? options with { WantAudio = false } : options;
                var connection = Open(wanted, left < AttemptLimit ? left : AttemptLimit, token);
                if (last)
                {
                    context.Log.Warn($"{name}: goes on without sound, since with it there was no connection ({why})");
                }

                return connection;
            }
            catch (SourceException e)
            {
                why = e.Message;
            }
        }

        var effort = $"{attempt} {(attempt == 1 ? "attempt" : "attempts")} in {(context.Clock.Now - begin).TotalSeconds:0.0} s";
        throw new SourceException($"cannot reach {name} after {effort}: {why}; check {Advice(why)}");
    }

    /// <summary>Delivers until told to stop, or until the wanted length is reached.</summary>
    public void Run(MediaConnection? connection, MediaFeed feed, MediaOptions pinned, TimeSpan origin, CancellationToken token)
    {
        while (connection is not null)
        {
            var (stalled, why) = (false, "");
            using (connection)
            using (token.Register(connection.Child.Kill))
            using (feed.Watch(options.StallTimeout, () =>
            {
                stalled = true;
                connection.Child.Kill();
            }))
            {
                try
                {
                    Timeline timeline = Kind == MediaKind.Mjpeg
                        ? new ArrivalTimeline(context.Clock, context.Counters, origin)
                        : new LiveTimeline(context.Clock, context.Counters, origin);
                    if (feed.Pump(connection, timeline, token) == PumpEnd.Enough)
                    {
                        return;
                    }
                }
                catch (InvalidDataException e)
                {
                    why = e.Message;
                }

                token.ThrowIfCancellationRequested();
                connection.Child.WaitForExit(TimeSpan.FromSeconds(1));
                why = stalled ? $"nothing came for {options.StallTimeout.TotalSeconds:0.#} s"
                    : why.Length > 0 ? why
                    : connection.Child.LastLine;
            }

            _log.Warn($"{name}: connection lost ({why}); connecting again");
            connection = Reconnect(pinned, token);
            context.Counters["media.reconnects"].Add();
            context.Log.Info($"{name}: connected again");
        }
    }

    private MediaConnection Reconnect(MediaOptions pinned, CancellationToken token)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            Wait(pause, token);
            try
            {
                return Open(pinned, AttemptLimit, token);
            }
            catch (SourceException e)
            {
                context.Counters["media.connect_failures"].Add();
                _log.Warn($"{name}: still not there ({e.Message}); next attempt in {Longer(pause).TotalSeconds:0.#} s");
            }
        }
    }

    private MediaConnection Open(MediaOptions wanted, TimeSpan limit, CancellationToken token)
    {
        Kind = HttpKind.AskAsync(options.Input, token).GetAwaiter().GetResult();
        var connection = MediaConnection.Open(FfmpegArguments.Build(Kind, wanted), limit, token);
        if (wanted.WantVideo && connection.Video is null)
        {
            connection.Dispose();
            throw new SourceException("there is no picture in it");
        }

        return connection;
    }

    private static string Advice(string why) =>
        why.Contains("401 Un", StringComparison.Ordinal) || why.Contains("403 For", StringComparison.Ordinal)
            ? "user and password (rtsp://USER:PASSWORD@HOST/PATH)"
            : why.Contains("404 Not", StringComparison.Ordinal) ? "the path behind the host"
            : "the address, that the sender is on, and the network between";

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private static void Wait(TimeSpan time, CancellationToken token)
    {
        if (token.WaitHandle.WaitOne(time))
        {
            token.ThrowIfCancellationRequested();
        }
    }
}
