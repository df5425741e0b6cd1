using RealtimeSsl.Capture.Files;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

public sealed class DirectorySourceTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TestMedia _media = new();
    private readonly ListLog _log = new();
    private readonly SourceContext _context;

    public DirectorySourceTests() => _context = Sources.Context(_log);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact(Timeout = Limit)]
    public async Task FilesFollowEachOtherOnOneTimeline()
    {
        _media.Make("1.mp4", TestMedia.Plain);
        _media.Make("2.mkv", "testsrc2=s=64x48:r=10:d=1 sine=440:r=22050:d=1 -ac 2 -c:v libx264 -c:a pcm_s16le");
        _media.Make("3.mp4", "testsrc2=s=64x48:r=25:d=1 -c:v libx264");
        await File.WriteAllTextAsync(_media.PathOf("notes.txt"), "not a medium, and not looked at", Token);

        var (take, source) = await ReadAsync(_media.Folder);
        Assert.Equal((44100, 1), (source.Audio.Rate, source.Audio.Channels));
        Assert.Equal([160, 64], take.Frames.Select(f => f.Width).Distinct());
        Assert.Equal(50 + 10 + 25, take.Frames.Count);
        Assert.Equal(Enumerable.Range(0, 85).Select(i => (long)i), take.Frames.Select(f => f.Seq));
        Assert.All(take.Frames.Zip(take.Frames.Skip(1)), p => Assert.True(p.Second.Time > p.First.Time));

        // The second begins where the sound of the first ends (AAC fills its last block), the third where the pictures of the second end.
        Assert.InRange(take.Frames[50].Time.TotalSeconds, 2.0, 2.05);
        Assert.InRange(take.Frames[60].Time.TotalSeconds, 3.0, 3.1);
        Assert.InRange(take.Samples, 3 * 44100 - 100, 3 * 44100 + 2048);
        Assert.All(take.Blocks.Where(b => b.Length > 0), b => Assert.Equal(b.Position / 44100.0, b.Time.TotalSeconds, 1e-3));
        Assert.Contains(take.Blocks, b => b.Length == 0 && b.Time.TotalSeconds > 3.5);
        Assert.Equal(0, _context.Counters["files.skipped"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task AFolderGivesTheSameOnEveryRun()
    {
        _media.Make("1.mp4", TestMedia.Plain);
        _media.Make("2.mp4", TestMedia.Plain);
        var (first, _) = await ReadAsync(_media.Folder);
        var (second, _) = await ReadAsync(_media.Folder);
        Assert.Equal(first.Frames, second.Frames);
        Assert.Equal(first.Blocks, second.Blocks);
    }

    [Fact(Timeout = Limit)]
    public async Task DamagedFilesAreReportedAndSkipped()
    {
        await File.WriteAllTextAsync(_media.PathOf("0.mp4"), "no film", Token);
        await File.WriteAllTextAsync(_media.PathOf("1.jpg"), "no picture", Token);
        _media.Make("2.mp4", TestMedia.Plain);
        await File.WriteAllBytesAsync(_media.PathOf("3.mkv"), [], Token);
        _media.Make("4.mp4", TestMedia.Plain);

        var (take, _) = await ReadAsync(_media.Folder);
        Assert.Equal(100, take.Frames.Count);
        Assert.Equal(3, _context.Counters["files.skipped"].Value);
        foreach (var name in new[] { "0.mp4", "1.jpg", "3.mkv" })
        {
            Assert.Single(_log.Lines, l => l.StartsWith($"Warning: skipped: {_media.PathOf(name)}", StringComparison.Ordinal));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task ARowOfPicturesIsAFilmWithoutSound()
    {
        _media.Make("%03d.png", "testsrc2=s=160x120:r=25:d=0.2 -f image2");
        var (take, source) = await ReadAsync(_media.PathOf("*.png"));
        Assert.False(source.HasAudio);
        Assert.Equal([0, 0.04, 0.08, 0.12, 0.16], take.Times);
        Assert.Equal(5, take.Frames.Select(f => f.Hash).Distinct().Count());
        Assert.Equal(25, source.Video.Fps);
    }

    [Fact(Timeout = Limit)]
    public async Task AFolderCanBePacedAsIfLive()
    {
        _media.Make("1.mp4", TestMedia.Plain + " -t 0.6");
        _media.Make("2.mp4", TestMedia.Plain + " -t 0.6");
        var (take, source) = await ReadAsync(_media.Folder, realtime: true);
        Assert.True(source.Video.Live);
        Assert.True(_context.Clock.Now - source.Video.MediaOrigin!.Value > TimeSpan.FromSeconds(1.1));
        Assert.Equal(30, take.Frames.Count + _context.Counters["video.dropped.newest_wins"].Value);
    }

    [Fact(Timeout = Limit)]
    public async Task AFolderCanBeCutAtALength()
    {
        _media.Make("1.mp4", TestMedia.Plain);
        _media.Make("2.mp4", TestMedia.Plain);
        var options = new MediaOptions { Input = _media.Folder, MaxLength = TimeSpan.FromSeconds(2.5) };
        await using var source = await DirectorySource.OpenAsync(options, _context, Token);
        var take = await Take.AllAsync(source, source, Token);
        Assert.InRange(take.Frames.Count, 61, 63);
    }

    [Fact(Timeout = Limit)]
    public async Task NothingToReadIsAnError()
    {
        await Expect(_media.Folder, "no media file or picture in this folder");
        await Expect(_media.PathOf("*.mp4"), "no file matches");
        await Expect(_media.PathOf("nowhere/*.mp4"), "no file matches");
        await File.WriteAllTextAsync(_media.PathOf("1.mp4"), "no film", Token);
        await Expect(_media.Folder, "none of its 1 files can be read");

        async Task Expect(string input, string words)
        {
            var e = await Assert.ThrowsAsync<SourceException>(() => ReadAsync(input));
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
            Assert.Contains(input, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Limit)]
    public void AGlobMayHaveItsStarsAnywhere()
    {
        foreach (var file in new[] { "a/1/x.mp4", "a/2/x.mp4", "a/2/y.jpg", "b/x.mp4", ".hidden/x.mp4" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_media.PathOf(file))!);
            File.WriteAllText(_media.PathOf(file), "");
        }

        Assert.Equal(["a/1/x.mp4", "a/2/x.mp4"], Find("a/*/x.mp4"));
        Assert.Equal(["a/2/x.mp4", "a/2/y.jpg"], Find("?/2/*"));
        Assert.Equal(["a/1/x.mp4", "a/2/x.mp4"], Find("a/**/*.mp4"));
        Assert.Equal(["a/2/x.mp4", "a/2/y.jpg"], Find("a/2"));

        IEnumerable<string> Find(string glob) => FileList.Find(_media.PathOf(glob)).Select(f => Path.GetRelativePath(_media.Folder, f));
    }

    private async Task<(Take Take, MediaSource Source)> ReadAsync(string input, bool realtime = false)
    {
        await using var source = await DirectorySource.OpenAsync(new MediaOptions { Input = input, Realtime = realtime }, _context, Token);
        return (await Take.AllAsync(source, source.HasAudio ? source : null, Token), source);
    }
}
