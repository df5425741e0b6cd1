using OpenCvSharp;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// A recording in the making: with the first picture past each half second (0.5, 1.5, ...) the picture flashes and the sound clicks.
/// </summary>
internal sealed class Take : IAsyncDisposable
{
    private const double Block = 0.02;
    private readonly RecordingSink _sink;
    private readonly AudioBlockPool _blocks = new();
    private readonly AudioInfo? _audio;
    private readonly Localizations _localizations;
    private readonly List<double> _clicks = [double.NegativeInfinity];
    private readonly Random _random = new(1);
    private double _heard;
    private long _position;

    private Take(int width, int height, AudioInfo? audio, RecordingSettings? settings, RecordingLayer layer, bool on)
    {
        Switch = new Switch("recording", on);
        Health = new Health(Clock);
        (_audio, Size) = (audio, new Size(width, height));
        _localizations = new Localizations(width, height);
        _sink = new RecordingSink(
            layer, new OverlaySettings { Heatmap = false, Boxes = false, Meter = false, Clock = false }, settings ?? new RecordingSettings(), Clock, Counters, Log, Health)
        {
            Recording = Switch,
        };
    }

    public Switch Switch { get; }

    public Counters Counters { get; } = new();

    public ListLog Log { get; } = new();

    public Health Health { get; }

    /// <summary>Adds what the test is about to each localization.</summary>
    public Action<Localization, double>? Finding { get; set; }

    /// <summary>Stands at the begin of the localizations' time: nothing is ever late unless a test moves it.</summary>
    public ManualClock Clock { get; } = new();

    public Size Size { get; set; }

    /// <summary>Whether there are samples at a time at all.</summary>
    public Func<double, bool> IsSounding { get; set; } = _ => true;

    /// <summary>Whether the pictures are noise, which takes much room.</summary>
    public bool IsNoisy { get; set; }

    /// <summary>How much slower the device's clock is than it says: its samples take that share longer.</summary>
    public double Drift { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Take> StartAsync(
        string folder, int width, int height, double? fps, AudioInfo? audio, bool live = false, RecordingSettings? settings = null,
        RecordingLayer layer = RecordingLayer.Annotated, bool on = true)
    {
        Assert.SkipUnless(OperatingSystem.IsWindows() || File.Exists("/usr/bin/ffmpeg"), "needs FFmpeg");
        var take = new Take(width, height, audio, settings, layer, on);
        await take._sink.StartAsync(Localizations.Stream(folder, width, height, fps, live, audio), Token);
        return take;
    }

    public Task PlayAsync(double from, double to, double step) =>
        PlayAsync(Enumerable.Range(0, (int)Math.Round((to - from) / step)).Select(i => from + i * step), to);

    /// <summary>Shows pictures at those times; the sound goes a little ahead, as it does in the engine, and up to the end.</summary>
    public async Task PlayAsync(IEnumerable<double> times, double end)
    {
        var list = times.ToList();
        _clicks.AddRange(list.Where(time => time - Math.Floor(time) >= 0.4999).GroupBy(Math.Floor).Select(second => second.Min()));
        foreach (var time in list)
        {
            await SoundAsync(_heard, Math.Min(time + 0.1, end));
            using var found = _localizations.Next(time, Size);
            found.Frame.Pixels.Fill(_clicks.Exists(click => time >= click && time < click + 0.2) ? (byte)240 : (byte)30);
            if (IsNoisy)
            {
                _random.NextBytes(found.Frame.Pixels);
            }

            Finding?.Invoke(found, time);
            await _sink.WriteAsync(found, Token);
        }

        await SoundAsync(_heard, end);
    }

    /// <summary>Lets the microphone hear that span.</summary>
    public async Task SoundAsync(double from, double to)
    {
        if (_audio is null)
        {
            return;
        }

        var length = (int)(_audio.Rate * Block);
        for (_heard = Math.Max(_heard, from); _heard < to - 1e-6; _heard += (double)length / _audio.Rate * (1 + Drift))
        {
            if (!IsSounding(_heard))
            {
                continue;
            }

            using var block = _blocks.Rent(length, _audio.Channels, _audio.Rate);
            for (var i = 0; i < length; i++)
            {
                var time = _heard + (double)i / _audio.Rate * (1 + Drift);
                var since = time - _clicks.FindLast(click => click <= time);
                var sample = since is >= 0 and < 0.02 ? (float)Math.Sin(2 * Math.PI * 1000 * since) : 0;
                block.Samples.Slice(i * _audio.Channels, _audio.Channels).Fill(sample);
            }

            // What was lost is not counted by the device either: only the time tells.
            block.Stamp(_position, TimeSpan.FromSeconds(_heard), TimeSpan.FromSeconds(_heard));
            _position += length;
            await _sink.WriteAsync(block, Token);
        }
    }

    public async Task EndAsync(string why = "end of source", TimeSpan? limit = null)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        source.CancelAfter(limit ?? TimeSpan.FromSeconds(60));
        await _sink.FinishAsync(new RunSummary { Ended = why }, source.Token);
    }

    public ValueTask DisposeAsync() => _sink.DisposeAsync();
}
