using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>The line at the bottom of the terminal: how far, how fast, how long still, what sounds. Five times a second, and only for someone who looks.</summary>
internal sealed class ProgressSink(ConsoleLog log, IClock clock, double limitSeconds) : ISink
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.2);
    private readonly StringBuilder _line = new();
    private TimeSpan _began;
    private TimeSpan _next;
    private TimeSpan? _first;
    private double? _length;
    private bool _live;

    /// <inheritdoc/>
    public string Name => "progress";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.LatestOnly();

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token)
    {
        (_began, _live) = (clock.Now, stream.Video.Live);
        _length = (stream.Video.Duration?.TotalSeconds, limitSeconds) switch
        {
            ({ } duration, > 0) => Math.Min(duration, limitSeconds),
            ({ } duration, _) => duration,
            (null, > 0) => limitSeconds,
            _ => null,
        };
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        _first ??= localization.Time;
        if (clock.Now >= _next)
        {
            _next = clock.Now + Period;
            log.Status(Describe(localization, (localization.Time - _first.Value).TotalSeconds));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        log.Status("");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Describe(Localization found, double at)
    {
        var culture = CultureInfo.InvariantCulture;
        var wall = (clock.Now - _began).TotalSeconds;
        _line.Clear().Append(culture, $"frame {found.Seq + 1}  {at:0.0}");
        if (_length is { } length)
        {
            _line.Append(culture, $" of {length:0.0} s ({100 * Math.Min(1, at / length):0} %)");
            if (at > 0.5)
            {
                _line.Append(culture, $", {Math.Max(0, (length - at) * wall / at):0} s left");
            }
        }
        else
        {
            _line.Append(" s");
        }

        _line.Append(_live ? string.Create(culture, $"  {found.Latency.Total:0} ms") : string.Create(culture, $"  {at / Math.Max(wall, 1e-3):0.0}x"));
        _line.Append(found.Sources.Count == 0 ? $"  {found.Why ?? "-"}" : "  sounding:");
        foreach (var source in found.Sources)
        {
            _line.Append(culture, $" #{source.Id}{(source.Label is null ? "" : " " + source.Label)} {source.Score:0.00}");
        }

        return _line.ToString();
    }
}
