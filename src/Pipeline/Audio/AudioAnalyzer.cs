namespace RealtimeSsl.Pipeline;

/// <summary>
/// A source's audio blocks to windows of features: mono mix, resampling, columns, and the time they show. The sample clock cuts the
/// windows; block stamps only say where it lies on the timeline (<see cref="SampleTimeline"/>). A loss of less than a second is filled
/// with silence, so that the spectrogram keeps its rhythm; a longer one, a leap of the stamps, or another format is a cut, after which
/// windows grow anew. Counted: <c>audio.gaps</c>, <c>audio.lost_samples</c> (per channel, at the source's rate), <c>audio.resets</c>. For
/// one thread; nothing is allocated per block or window.
/// </summary>
public sealed class AudioAnalyzer
{
    /// <summary>The shortest hole that is a cut, and the longest time that the newest window stands for what comes after it.</summary>
    public static readonly TimeSpan LongestHole = TimeSpan.FromSeconds(1);

    private const int Chunk = 1024;

    // Stamps are whole ticks: a column that ends within a microsecond after a frame belongs to it.
    private const double Slack = 1e-6;

    private readonly SpectrogramWriter _writer;
    private readonly SampleTimeline _timeline = new();
    private readonly double _silenceFloor;
    private readonly Counter _gaps;
    private readonly Counter _resets;
    private readonly Counter _lost;
    private readonly double[] _mono = new double[Chunk];
    private Resampler? _resampler;
    private double[] _resampled = [];
    private int _channels;
    private long _origin;
    private long _expected;

    /// <summary>Makes an analyzer that waits for the first block.</summary>
    /// <param name="frontEnd">What a column is.</param>
    /// <param name="counters">Where gaps and resets are counted.</param>
    /// <param name="silenceFloor">Level in dB re full scale below which it is silent.</param>
    /// <param name="history">How far behind the newest sample a window may end; 4 s by default.</param>
    public AudioAnalyzer(AudioFrontEnd frontEnd, Counters counters, double silenceFloor = -60, TimeSpan? history = null)
    {
        var columns = (history ?? TimeSpan.FromSeconds(4)).TotalSeconds * frontEnd.Rate / frontEnd.Hop;
        Ring = new SpectrogramRing(frontEnd, frontEnd.Columns + (int)Math.Ceiling(columns));
        _writer = new SpectrogramWriter(Ring);
        _silenceFloor = silenceFloor;
        (_gaps, _resets, _lost) = (counters["audio.gaps"], counters["audio.resets"], counters["audio.lost_samples"]);
    }

    /// <summary>What a column is.</summary>
    public AudioFrontEnd FrontEnd => Ring.FrontEnd;

    /// <summary>Whether gaps and resets are counted. Not by a second analyzer of the same stream.</summary>
    public bool Counts { get; set; } = true;

    /// <summary>The columns.</summary>
    public SpectrogramRing Ring { get; }

    /// <summary>
    /// Up to here nothing changes any more: a window up to any time before it is final. Never steps back; lags the newest sample
    /// by the resampler's few milliseconds.
    /// </summary>
    public TimeSpan CoveredUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>Takes a block, in the order of the source. The caller keeps it and disposes it.</summary>
    public void Push(AudioBlock block)
    {
        if (block.Length == 0)
        {
            Cover(block.Time);
            return;
        }

        if (_resampler is null)
        {
            Start(block);
        }
        else if (!Continues(block, _resampler.From))
        {
            _resets.Add(Counts ? 1 : 0);
            Start(block);
        }

        Write(block.Samples, block.Channels);
        _expected = block.Position + block.Length;
        Cover(_timeline.TimeAt((double)_writer.Samples / FrontEnd.Rate));
    }

    /// <summary>No block will come any more: what the resampler still held is written, and nobody needs to wait for anything.</summary>
    public void End()
    {
        Silence(_resampler?.Lookahead ?? 0);
        Cover(TimeSpan.MaxValue);
    }

    /// <summary>
    /// The newest columns wholly at or before a time, at most the front end's Columns of them. <see cref="AudioWindow.None"/> before the
    /// first column, for a time whose columns are no longer all here, and later than <see cref="LongestHole"/> after the last one.
    /// </summary>
    public AudioWindow WindowAt(TimeSpan time)
    {
        var samples = (_timeline.SecondsAt(time) + Slack) * FrontEnd.Rate;
        if (_resampler is null || samples < FrontEnd.WindowLength)
        {
            return AudioWindow.None;
        }

        var available = Ring.End - _writer.FirstColumn;
        var count = (long)Math.Min((samples - FrontEnd.WindowLength) / FrontEnd.Hop + 1, available);
        var first = Math.Max(0, count - FrontEnd.Columns);
        var to = _timeline.TimeAt((double)((count - 1) * FrontEnd.Hop + FrontEnd.WindowLength) / FrontEnd.Rate);
        if (count == 0 || _writer.FirstColumn + first < Ring.Begin || time - to > LongestHole)
        {
            return AudioWindow.None;
        }

        var from = _timeline.TimeAt((double)(first * FrontEnd.Hop) / FrontEnd.Rate);
        var dbfs = 20 * Math.Log10(_writer.Rms(_writer.FirstColumn + count));
        return new AudioWindow(Ring, _writer.FirstColumn + count, from, to, dbfs >= _silenceFloor ? dbfs : null);
    }

    private void Cover(TimeSpan time) => CoveredUntil = time > CoveredUntil ? time : CoveredUntil;

    private void Start(AudioBlock block)
    {
        if (_resampler?.From == block.Rate)
        {
            _resampler.Reset();
        }
        else
        {
            _resampler = new Resampler(block.Rate, FrontEnd.Rate);
            _resampled = new double[_resampler.MaxOutput(Chunk)];
        }

        _writer.Cut();
        _timeline.Start(block.Time);
        (_channels, _origin, _expected) = (block.Channels, block.Position, block.Position);
    }

    // Whether the block goes on where the last one ended; fills a short hole.
    private bool Continues(AudioBlock block, int rate)
    {
        if (block.Rate != rate || block.Channels != _channels)
        {
            return false;
        }

        var lost = block.Position - _expected;
        if (lost > 0 && Counts)
        {
            _gaps.Add();
            _lost.Add(lost);
        }

        if (lost < 0 || lost >= LongestHole.TotalSeconds * rate
            || !_timeline.Follow(block.Time, (double)(block.Position - _origin) / rate, (double)block.Length / rate))
        {
            return false;
        }

        Silence(lost);
        return true;
    }

    private void Write(ReadOnlySpan<float> samples, int channels)
    {
        for (var length = samples.Length / channels; length > 0; length = samples.Length / channels)
        {
            var part = Math.Min(length, Chunk);
            Mix(samples[..(part * channels)], channels, _mono);
            samples = samples[(part * channels)..];
            WriteMono(part);
        }
    }

    private void Silence(long length)
    {
        Array.Clear(_mono);
        for (; length > 0; length -= Chunk)
        {
            WriteMono((int)Math.Min(length, Chunk));
        }
    }

    private void WriteMono(int length) => _writer.Write(_resampled.AsSpan(0, _resampler!.Process(_mono.AsSpan(0, length), _resampled)));

    private static void Mix(ReadOnlySpan<float> interleaved, int channels, Span<double> mono)
    {
        for (var (i, at) = (0, 0); at < interleaved.Length; i++, at += channels)
        {
            var sum = 0.0;
            for (var channel = 0; channel < channels; channel++)
            {
                sum += interleaved[at + channel];
            }

            mono[i] = sum / channels;
        }
    }
}
