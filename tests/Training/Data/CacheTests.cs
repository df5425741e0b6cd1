using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Cache;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>Each file is decoded once; nothing that happens to the cache loses more than time.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly DataFixture _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void The_picture_of_a_moment_and_the_sound_around_it_belong_together()
    {
        _data.File("a.mp4");
        var set = _data.Load(_data.List());
        Assert.Equal((10, 10, 10), (set.Count, set.Pictures, set.Sounds));
        var random = SeededRandom.At(1);
        var window = new float[8000];
        for (var i = 0; i < set.Count; i++)
        {
            var pair = set.Pair(i, ref random);
            set.ReadSound(pair.Sound, 0, window);
            Assert.Equal(20 + 10 * i, DataFixture.Grey(set, pair.Picture));
            Assert.Equal(i, FormulaMedia.SecondOf(window, set.Rate));
            Assert.NotEqual(pair.Picture, set.SiblingOf(pair.Picture, ref random));
        }

        // Shifted by 2 s; moved into the recording at its end.
        set.ReadSound(3, 32000, window);
        Assert.Equal(5, FormulaMedia.SecondOf(window, set.Rate));
        set.ReadSound(9, 32000, window);
        Assert.Equal(9, FormulaMedia.SecondOf(window, set.Rate));
    }

    [Fact]
    public void Damaged_and_silent_files_are_left_out_and_named_and_the_rest_is_whole()
    {
        _data.Still("cat/images/0.png", 10);
        _data.Still("cat/images/3.png", 20);
        _data.File("cat/images/4.png", "this is no picture");
        _data.File("cat/audio/whole.wav");
        _data.File("cat/audio/silent.wav");
        _data.File("cat/audio/damaged2.wav");
        var set = _data.Load(_data.List());
        Assert.Equal((2, 2, 1), (set.Count, set.Pictures, set.Sounds));
        Assert.Equal([10, 20], Enumerable.Range(0, 2).Select(i => DataFixture.Grey(set, i)));
        Assert.Contains(_data.Log.Lines, l => l.Contains("damaged2.wav", StringComparison.Ordinal));
        Assert.Contains(_data.Log.Lines, l => l.Contains("4.png: is no picture", StringComparison.Ordinal));
        Assert.Contains(set.List.Notes, n => n.StartsWith("1 sounds that are silent", StringComparison.Ordinal));
        Assert.Contains(set.List.Notes, n => n.StartsWith("2 pictures or sounds that cannot be decoded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_run_decodes_nothing_and_a_changed_file_is_decoded_anew()
    {
        var file = _data.File("a.mp4");
        _data.File("b.mp4");
        _data.Load(_data.List());
        _data.Load(_data.List());
        Assert.All(_data.Media.Decoded.Values, n => Assert.Equal(1, n));
        File.WriteAllText(file, "longer");
        _data.Load(_data.List());
        Assert.Equal(2, _data.Media.Decoded[file + " pictures"]);
        Assert.Equal(1, _data.Media.Decoded[file.Replace("a.mp4", "b.mp4", StringComparison.Ordinal) + " pictures"]);

        // Another size is another picture; the sound is the same.
        _data.Load(_data.List(), format: new MediaFormat(32));
        Assert.Equal(3, _data.Media.Decoded[file + " pictures"]);
        Assert.Equal(2, _data.Media.Decoded[file + " sound"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-40)]
    public void A_shard_that_was_cut_short_is_removed_and_decoded_again(int length)
    {
        var file = _data.File("a.mp4");
        using (var cache = new MediaCache(_data.CacheFolder, 1 << 30, new MonotonicClock(), _data.Log))
        {
            _data.Load(_data.List(), cache);
        }

        var shard = Assert.Single(Directory.GetFiles(_data.CacheFolder));
        using (var cut = File.OpenWrite(shard))
        {
            cut.SetLength(length >= 0 ? length : cut.Length + length);
        }

        // What a killed program leaves behind.
        File.WriteAllText(Path.Combine(_data.CacheFolder, "killed.part"), "half a sh");
        var set = _data.Load(_data.List());
        Assert.Equal(2, _data.Media.Decoded[file + " sound"]);
        Assert.Equal(50, DataFixture.Grey(set, 3));
        Assert.EndsWith(".shard", Assert.Single(Directory.GetFiles(_data.CacheFolder)), StringComparison.Ordinal);
        Assert.Contains(_data.Log.Lines, l => l.Contains("damaged, removed", StringComparison.Ordinal));
    }

    [Fact]
    public void Stopped_half_way_what_was_decoded_is_kept()
    {
        for (var i = 0; i < 6; i++)
        {
            _data.File($"{i}.mp4");
        }

        using var stop = new CancellationTokenSource();
        var list = _data.List();
        using (var cache = new MediaCache(_data.CacheFolder, 1 << 30, new MonotonicClock(), _data.Log))
        {
            var stopper = new StopAfter(_data.Media, 5, stop);
            Assert.ThrowsAny<OperationCanceledException>(
                () => CachedClips.Load(list, new MediaFormat(48), cache, stopper, 1, _data.Log, null, stop.Token));
        }

        var before = _data.Media.Decoded.Count;
        Assert.Equal(60, _data.Load(list).Count);
        Assert.InRange(_data.Media.Decoded.Values.Sum(), 12, 16);
        Assert.InRange(before, 4, 11);
        Assert.DoesNotContain(_data.Log.Lines, l => l.Contains("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void The_size_has_a_bound_and_what_is_not_used_goes_first()
    {
        _data.File("a.mp4");
        var list = _data.List();
        _data.Load(list);
        var size = new DirectoryInfo(_data.CacheFolder).GetFiles().Sum(f => f.Length);
        var error = Assert.Throws<TrainingDataException>(() => _data.Load(list, _data.Cache(size / 2), new MediaFormat(47)));
        Assert.Contains("the cache is full", error.Message, StringComparison.Ordinal);

        // Room for one of two: the other makes way.
        using var cache = _data.Cache(size * 3 / 2);
        File.WriteAllText(Path.Combine(_data.Root, "a.mp4"), "another");
        Assert.Equal(10, _data.Load(_data.List(), cache).Count);
        Assert.InRange(cache.Bytes, 1, size * 3 / 2);
        Assert.InRange(new DirectoryInfo(_data.CacheFolder).GetFiles().Sum(f => f.Length), 1, size * 3 / 2);
    }

    private sealed class StopAfter(IMediaReader reader, int files, CancellationTokenSource stop) : IMediaReader
    {
        private int _left = files;

        public MediaSummary Probe(string path, CancellationToken token) => reader.Probe(path, token);

        public void ReadPictures(string path, int shortSide, Func<OpenCvSharp.Mat, double, bool> seen, CancellationToken token)
        {
            Count();
            reader.ReadPictures(path, shortSide, seen, token);
        }

        public short[] ReadSound(string path, int rate, CancellationToken token)
        {
            Count();
            return reader.ReadSound(path, rate, token);
        }

        private void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                stop.Cancel();
            }
        }
    }
}
