using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

public sealed class MediaFileTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TestMedia _media = new();
    private readonly SourceContext _context = Sources.Context();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    public static TheoryData<string, string> Kinds => new()
    {
        { "plain.mp4", TestMedia.Plain },
        { "stereo.mkv", "testsrc2=s=97x53:r=30000/1001:d=2 sine=440:r=48000:d=2 -ac 2 -c:v ffv1 -c:a libmp3lame" },
        {
            "vfr.mp4",
            "testsrc2=s=64x48:r=30:d=3,select='not(mod(floor(n*n/7),3))' sine=300:r=22050:d=3 -fps_mode vfr -c:v libx264 -c:a aac"
        },
        { "stream.ts", "testsrc2=s=64x48:r=25:d=2 sine=440:r=48000:d=2 -c:v mpeg2video -c:a mp2" },
        { "clip.avi", "testsrc2=s=66x50:r=12:d=2 sine=440:r=8000:d=2 -c:v mjpeg -c:a pcm_s16le" },
        { "silent.mp4", "testsrc2=s=64x48:r=25:d=1 -c:v libx264" },
    };

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Kinds))]
    public async Task EveryFrameOfAFileArrivesOnceAtItsOwnTime(string name, string arguments)
    {
        var path = _media.Make(name, arguments);
        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);

        var expected = TestMedia.FrameTimes(path);
        Assert.Equal(expected.Length, take.Frames.Count);
        Assert.All(take.Times.Zip(expected), t => Assert.Equal(t.Second, t.First, 1e-5));
        Assert.Equal(Enumerable.Range(0, expected.Length).Select(i => (long)i), take.Frames.Select(f => f.Seq));
        Assert.False(source.Video.Live);
        Assert.All(_context.Counters.All.Where(c => c.Name.Contains("dropped", StringComparison.Ordinal)), c => Assert.Equal(0, c.Value));
    }

    [Fact(Timeout = Limit)]
    public async Task TheSameFileGivesTheSameFramesAndSamplesOnEveryRun()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        var (first, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        var (second, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.Equal(first.Frames, second.Frames);
        Assert.Equal(first.Blocks, second.Blocks);
    }

    [Fact(Timeout = Limit)]
    public async Task SoundIsWhatFfmpegDecodesSampleForSample()
    {
        var path = _media.Make(
            "stereo.mp4", "testsrc2=s=64x48:r=25:d=2 aevalsrc=0.5*sin(880*PI*t)|0.25*sin(600*PI*t):s=44100:d=2 -c:v libx264 -c:a aac");
        var raw = _media.Make("stereo.f32", $"-i {path} -map 0:a -f f32le");
        var expected = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(raw, Token)).ToArray();

        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token, keepSound: true);
        Assert.Equal((44100, 2), (source.Audio.Rate, source.Audio.Channels));
        Assert.Equal(expected, take.Sound);
        Assert.Equal(0, take.Blocks[0].Position);
        Assert.Equal(0, _context.Counters["media.gaps"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task BlocksFollowEachOtherOnTheSampleClock()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        foreach (var (before, after) in take.Blocks.Zip(take.Blocks.Skip(1)))
        {
            Assert.Equal(before.Position + before.Length, after.Position);
            Assert.Equal(after.Position / 44100.0, after.Time.TotalSeconds, 1e-5);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task SoundThatEndsEarlyLeavesNobodyWaiting()
    {
        var path = _media.Make("short.mp4", "testsrc2=s=64x48:r=25:d=6 sine=440:r=16000:d=1 -c:v libx264 -c:a aac");
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.Equal(150, take.Frames.Count);
        Assert.Contains(take.Blocks, b => b.Length == 0 && b.Time > TimeSpan.FromSeconds(5));
        Assert.InRange(take.Samples, 16000, 17100);
    }

    [Fact(Timeout = Limit)]
    public async Task AHoleInTheSoundIsAJumpOfThePosition()
    {
        var path = _media.Make(
            "hole.mkv",
            "testsrc2=s=64x48:r=25:d=4 sine=440:r=16000:d=4,aselect='not(between(t,1,2.5))' -c:v libx264 -c:a pcm_s16le");
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.Equal(1, _context.Counters["media.gaps"].Value);
        var sound = take.Blocks.Where(b => b.Length > 0).ToList();
        var steps = sound.Zip(sound.Skip(1)).Select(p => p.Second.Position - p.First.Position - p.First.Length);
        Assert.InRange(steps.Single(s => s != 0) / 16000.0, 1.3, 1.7);
        Assert.All(take.Blocks, b => Assert.Equal(b.Position / 16000.0, b.Time.TotalSeconds, 1e-3));
        Assert.Equal(100, take.Frames.Count);
    }

    [Fact(Timeout = Limit)]
    public async Task PicturesWithAHoleOfManySecondsDoNotBlockTheSound()
    {
        // One picture every 30 s, sound all along: thousands of blocks between two pictures.
        var path = _media.Make("slides.mkv", "testsrc2=s=64x48:r=1/30:d=120 sine=440:r=44100:d=120 -c:v libx264 -c:a aac");
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.Equal(4, take.Frames.Count);
        Assert.InRange(take.Samples, 120 * 44100, 121 * 44100);
    }

    [Fact(Timeout = Limit)]
    public async Task PicturesAloneCanBeReadOfAFileWithSound()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = path, WantAudio = false }, _context, Token);
        Assert.False(source.HasAudio);
        Assert.Equal(50, take.Frames.Count);
        Assert.Throws<InvalidOperationException>(() => source.Audio);
    }

    [Fact(Timeout = Limit)]
    public async Task SoundAloneCanBeReadOfASoundFile()
    {
        var path = _media.Make("tone.mp3", "sine=440:r=44100:d=5 -c:a libmp3lame");
        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = path, WantVideo = false }, _context, Token);
        Assert.False(source.HasVideo);
        Assert.InRange(take.Samples, 5 * 44100, 5 * 44100 + 4000);
    }

    [Fact(Timeout = Limit)]
    public async Task AFileCanBeCutAtALength()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path, MaxLength = TimeSpan.FromSeconds(0.8) }, _context, Token);
        Assert.Equal(20, take.Frames.Count);
        Assert.True(take.Blocks[^1].Time < TimeSpan.FromSeconds(0.8));
    }

    [Theory(Timeout = Limit)]
    [InlineData("clip.ts", 0.6)]
    [InlineData("clip.mkv", 0.6)]
    [InlineData("clip.mp4", 0.6)]
    public async Task OfATruncatedFileWhatIsThereIsUsed(string name, double share)
    {
        var path = _media.Make(name, TestMedia.Plain + " -g 5 -movflags +faststart");
        await using (var file = File.OpenWrite(path))
        {
            file.SetLength((long)(file.Length * share));
        }

        var log = new ListLog();
        var context = Sources.Context(log);
        var (take, _) = await Sources.ReadAsync(new MediaOptions { Input = path }, context, Token);
        Assert.InRange(take.Frames.Count, 10, 49);
        Assert.Equal(TestMedia.FrameTimes(path).Length, take.Frames.Count);
        if (name == "clip.mp4")
        {
            Assert.Equal(1, context.Counters["media.truncated"].Value);
            Assert.Contains(log.Lines, l => l.Contains("clip.mp4 is cut short", StringComparison.Ordinal));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task AWrongInputIsAnErrorInPlainWords()
    {
        var text = _media.PathOf("text.mp4");
        await File.WriteAllTextAsync(text, "this is no film\n", Token);
        var notes = _media.PathOf("notes.txt");
        await File.WriteAllTextAsync(notes, "this is no film either\n", Token);
        var empty = _media.PathOf("empty.mp4");
        await File.WriteAllTextAsync(empty, "", Token);
        var tone = _media.Make("tone.wav", "sine=440:d=1");
        var silent = _media.Make("silent.mp4", "testsrc2=s=64x48:d=1 -c:v libx264");
        var cover = _media.Make(
            "cover.mp3", "sine=440:d=1 testsrc2=s=64x48:d=0.04 -map 0 -map 1 -c:v mjpeg -disposition:v attached_pic");

        await Expect(_media.PathOf("nowhere.mp4"), "no such file");
        await Expect(_media.Folder, "is a directory");
        await Expect(text, "is not a media file");
        await Expect(notes, "is not a media file");
        await Expect(empty, "it is empty");
        await Expect(tone, "has no picture");
        await Expect(cover, "has no picture");
        await Expect(silent, "has no sound", video: false);

        async Task Expect(string input, string words, bool video = true)
        {
            var options = new MediaOptions { Input = input, WantVideo = video };
            var e = await Assert.ThrowsAsync<SourceException>(() => MediaSource.OpenAsync(options, _context, Token));
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
            Assert.Contains(input, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task AFileOfAnyNameCanBeRead()
    {
        var path = _media.Make("plain.mp4", TestMedia.Plain);
        foreach (var name in new[] { "-dash.mp4", "a:b.mp4", "100%03d.mp4", "it's a \"film\" ü.mp4", "two words.mp4" })
        {
            File.Copy(path, _media.PathOf(name));
            var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = _media.PathOf(name) }, _context, Token);
            Assert.Equal(50, take.Frames.Count);
            Assert.Equal(name, source.Video.Name);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task AReaderThatStopsEarlyLeavesNoProcessBehind()
    {
        var path = _media.Make("long.mkv", "testsrc2=s=640x480:r=25:d=20 sine=440:d=20 -c:v mpeg4 -c:a aac");
        var source = await MediaSource.OpenAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.True(await source.Frames.WaitToReadAsync(Token));
        await source.DisposeAsync();
        var left = TestMedia.Execute("ps", "-eo", "args").Output;
        Assert.DoesNotContain(path, left, StringComparison.Ordinal);
    }

    public static IEnumerable<TheoryDataRow<string>> Clips()
    {
        var folder = ClipFolder();
        return folder is null
            ? [new TheoryDataRow<string>("")]
            : Directory.GetFiles(folder, "*.mp4").Order(StringComparer.Ordinal).Select(p => new TheoryDataRow<string>(Path.GetFileName(p)));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Clips))]
    public async Task EveryFrameOfARealClipArrives(string clip)
    {
        Assert.SkipUnless(clip.Length > 0, "needs ../shared/media/clips");
        var path = Path.Combine(ClipFolder()!, clip);
        var counted = TestMedia.Probe(path, "-count_frames", "-select_streams", "V:0", "-show_entries", "stream=nb_read_frames")[0];
        var (take, source) = await Sources.ReadAsync(new MediaOptions { Input = path }, _context, Token);
        Assert.Equal(counted, $"{take.Frames.Count}");
        Assert.True(source.HasAudio);
        Assert.Equal(0, _context.Counters["media.gaps"].Value);
        Assert.Equal(0, _context.Counters["media.overlaps"].Value);
        Assert.True(take.Frames[0].Time < TimeSpan.FromSeconds(0.2), $"first picture at {take.Frames[0].Time}");
        Assert.InRange(take.Samples / (double)source.Audio.Rate - take.Frames[^1].Time.TotalSeconds, -1, 1);
    }

    private static string? ClipFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var clips = Path.Combine(folder.FullName, "../shared/media/clips");
            if (Directory.Exists(clips))
            {
                return Path.GetFullPath(clips);
            }
        }

        return null;
    }
}
