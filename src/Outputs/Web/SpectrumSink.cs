using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The sound as the page shows it: a mel spectrogram of 20 ms steps, whatever the model listens to. A sink of its own, because sound must come without
/// holes and pictures need not. While nobody watches, it does nothing.
/// </summary>
/// <param name="watched">Whether somebody watches.</param>
public sealed class SpectrumSink(Func<bool> watched) : IAudioSink
{
    /// <summary>Levels in dB that the two ends of a byte stand for; a sine of full scale is about +20.</summary>
    private const double Lowest = -60, Highest = 10;

    /// <summary>Columns that are told again in the next message: a viewer that missed one has no hole.</summary>
    private const int Again = 25;

    private const int Most = 150;

    private static readonly AudioFrontEnd Mel = new()
    {
        Id = "page",
        Rate = 16000,
        WindowLength = 640,
        Hop = 320,
        FftSize = 1024,
        Shape = WindowShape.Hann,
        WindowNormalised = true,
        Mel = new MelBank(48, 60, 8000, MelScale.Htk, AreaNormalised: false),
        Log = LogScale.Decibel,
        Floor = 1e-10,
        Columns = Most,
    };

    private readonly Lock _gate = new();
    private readonly AudioAnalyzer _analyzer = new(Mel, new Counters()) { Counts = false };
    private readonly byte[] _levels = new byte[Most * 48];
    private long _told;

    /// <inheritdoc/>
    public string Name => "spectrum";

    /// <inheritdoc/>
    public DeliveryPolicy Policy(bool live) => new DeliveryPolicy.Lossless(32);

    /// <inheritdoc/>
    public ValueTask StartAsync(StreamInfo stream, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask WriteAsync(Localization localization, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask WriteAsync(AudioBlock block, CancellationToken token)
    {
        if (watched())
        {
            lock (_gate)
            {
                _analyzer.Push(block);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FinishAsync(RunSummary summary, CancellationToken token) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Writes the columns up to a frame's time as <c>{to, step, rows, u8}</c>: <c>to</c> is the end of the last column in seconds of the source's timeline,
    /// <c>u8</c> one byte a level, column by column, lowest frequency first, in base64. Null when there are none. For one thread.
    /// </summary>
    internal void Write(Utf8JsonWriter json, TimeSpan time)
    {
        lock (_gate)
        {
            var window = _analyzer.WindowAt(time);
            if (!window.Exists)
            {
                json.WriteNullValue();
                return;
            }

            var ring = window.Ring!;
            var count = (int)Math.Clamp(window.EndColumn - _told + Again, Again, Most);
            count = (int)Math.Min(count, window.EndColumn - ring.Begin);
            _told = window.EndColumn;
            var at = 0;
            for (var column = window.EndColumn - count; column < window.EndColumn; column++)
            {
                foreach (var level in ring.Column(column))
                {
                    _levels[at++] = (byte)Math.Clamp((level - Lowest) / (Highest - Lowest) * 255, 0, 255);
                }
            }

            json.WriteStartObject();
            json.WriteNumber("to"u8, window.To.TotalSeconds);
            json.WriteNumber("step"u8, (double)Mel.Hop / Mel.Rate);
            json.WriteNumber("rows"u8, Mel.Rows);
            json.WriteBase64String("u8"u8, _levels.AsSpan(0, at));
            json.WriteEndObject();
        }
    }
}
