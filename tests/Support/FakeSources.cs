using System.Threading.Channels;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>A video source whose frames the test writes.</summary>
internal sealed class FakeVideo(IClock clock, Counters counters, bool live, DeliveryPolicy? policy = null) : IVideoSource
{
    private readonly FramePool _pool = new();
    private long _seq;

    public PolicyChannel<VideoFrame> Channel { get; } =
        new("video", policy ?? (live ? new DeliveryPolicy.LatestOnly(2) : new DeliveryPolicy.Lossless(1000)), clock, counters);

    public VideoInfo Info { get; init; } = new("fake", 64, 48, 25, live);

    public ChannelReader<VideoFrame> Frames => Channel;

    public void Add(TimeSpan time, int width = 64, int height = 48)
    {
        var frame = _pool.Rent(width, height);
        frame.Pixels.Clear();
        Channel.Write(frame.Stamp(_seq++, time, clock.Now), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Channel.Drain();
        return ValueTask.CompletedTask;
    }
}

/// <summary>An audio source whose samples the test writes: mono, 16 kHz.</summary>
internal sealed class FakeAudio(IClock clock, Counters counters, bool live) : IAudioSource
{
    public const int Rate = 16000;

    private readonly AudioBlockPool _pool = new();
    private long _position;

    public PolicyChannel<AudioBlock> Channel { get; } = new("audio", new DeliveryPolicy.Lossless(10000), clock, counters);

    public AudioInfo Info { get; } = new("fake", Rate, 1, live);

    public ChannelReader<AudioBlock> Blocks => Channel;

    public double DriftPpm => 0;

    public void Add(int length, Func<long, float> sample)
    {
        var block = _pool.Rent(length, 1, Rate);
        for (var i = 0; i < length; i++)
        {
            block.Samples[i] = sample(_position + i);
        }

        Channel.Write(block.Stamp(_position, TimeSpan.FromSeconds((double)_position / Rate), clock.Now), TestContext.Current.CancellationToken);
        _position += length;
    }

    public ValueTask DisposeAsync()
    {
        Channel.Drain();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Keeps what it is given, as plain values.</summary>
internal sealed class CollectingSink(DeliveryPolicy? policy = null) : IAudioSink
{
    public List<(long Seq, TimeSpan Time, double? MediaTime, AudioSpan? Audio, IReadOnlyList<SoundSource> Sources, string? Why)> Items { get; } = [];

    public List<(long Position, int Length)> Audio { get; } = [];

    public List<IReadOnlyList<DroppedFrames>> Dropped { get; } = [];

    public RunSummary? Summary { get; private set; }

    public Func<Localization, CancellationToken, ValueTask>? OnWrite { get; init; }

    public string Name { get; init; } = "collect";

    public DeliveryPolicy Policy(bool live) => policy ?? new DeliveryPolicy.Lossless(live ? 10000 : 4);

    public Exception? StartError { get; init; }

    public bool Disposed { get; private set; }

    public ValueTask StartAsync(StreamInfo stream, CancellationToken token) => StartError is null ? ValueTask.CompletedTask : throw StartError;

    public async ValueTask WriteAsync(Localization localization, CancellationToken token)
    {
        if (OnWrite is { } act)
        {
            await act(localization, token);
        }

        Items.Add((localization.Seq, localization.Time, localization.MediaTime, localization.Audio, [.. localization.Sources], localization.Why));
        Dropped.Add([.. localization.Dropped]);
    }

    public ValueTask WriteAsync(AudioBlock block, CancellationToken token)
    {
        Audio.Add((block.Position, block.Length));
        return ValueTask.CompletedTask;
    }

    public ValueTask FinishAsync(RunSummary summary, CancellationToken token)
    {
        Summary = summary;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}

/// <summary>A localizer that always sees one source in a corner of a 6 x 8 grid while it hears something.</summary>
internal sealed class CornerLocalizer(string name = "corner") : ILocalizer
{
    public int Resets { get; private set; }

    public Action? OnLocalize { get; init; }

    public bool Disposed { get; private set; }

    public LocalizerInfo Info { get; } = new(name, null, new DeviceChoice("cpu", "cpu", null));

    public AudioFrontEnd FrontEnd { get; } = new() { Id = "test", Rate = 16000, WindowLength = 400, FftSize = 512, Hop = 160, Columns = 50 };

    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        OnLocalize?.Invoke();
        output.Heatmap.Resize(6, 8);
        (output.Heatmap.Low, output.Heatmap.High, output.Heatmap.Label) = (0, 1, null);
        output.Heatmap.Scores.Clear();
        output.Heatmap.Scores[0] = 0.9f;
        var heard = audio.Dbfs is not null;
        (output.Presence, output.Why) = (heard ? 1 : 0, heard ? null : audio.Exists ? "silent" : "no audio");
    }

    public void Reset() => Resets++;

    public void Dispose() => Disposed = true;
}
