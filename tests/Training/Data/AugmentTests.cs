using OpenCvSharp;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>What each operation does to a picture or a spectrogram whose content is known.</summary>
public sealed class AugmentTests : IDisposable
{
    private readonly PictureBench _bench = new(ImageFrontEnds.SslAlign with { Width = 8, Height = 8 });

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Quarter_turns_are_all_four_and_nothing_is_lost()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < 40; seed++)
        {
            Put(2, 3, (x, y) => (byte)(10 * y + x));
            Apply(PictureOps.QuarterTurn(), seed);
            seen.Add($"{_bench.Picture.Width}x{_bench.Picture.Height}: {string.Join(' ', Greens())}");
        }

        Assert.Equal(
            ["2x3: 0 1 10 11 20 21", "2x3: 21 20 11 10 1 0", "3x2: 1 11 21 0 10 20", "3x2: 20 10 0 21 11 1"],
            seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_crop_after_the_resize_moves_about_and_keeps_the_size()
    {
        var corners = new HashSet<int>();
        for (var seed = 0; seed < 60; seed++)
        {
            Put(16, 11, (x, y) => (byte)(16 * x));
            Apply(PictureOps.ResizeShort(1.4), seed);
            Assert.Equal(11, _bench.Picture.Height);
            Apply(PictureOps.RandomCrop(), seed);
            Assert.Equal((8, 8), (_bench.Picture.Width, _bench.Picture.Height));
            corners.Add(Greens()[0] / 16);
        }

        Assert.True(corners.Count >= 8, $"{corners.Count} places");
    }

    [Fact]
    public void A_random_resized_crop_fits_any_picture_and_keeps_its_least_area()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            Put(seed % 2 == 0 ? 200 : 9, seed % 2 == 0 ? 9 : 200, (x, y) => (byte)(x + y));
            Apply(PictureOps.RandomResizedCrop(0.3), seed);
            Assert.Equal((8, 8), (_bench.Picture.Width, _bench.Picture.Height));
        }

        for (var seed = 0; seed < 100; seed++)
        {
            Put(100, 100, (x, y) => (byte)x);
            Apply(PictureOps.RandomResizedCrop(0.5), seed);

            // Half the area at 3 to 4 is 61 pixels wide.
            Assert.InRange(Greens()[7] - Greens()[0], 50, 100);
        }
    }

    [Fact]
    public void Colours_change_as_torchvision_says()
    {
        Put(8, 8, (_, _) => 100);
        Jitter(new ColorJitter(new(0.5, 0.5), new(1, 1), new(1, 1), new(0, 0)));
        Assert.All(Greens(), g => Assert.Equal(50, g));

        // Contrast 0 leaves the mean grey, saturation 0 each pixel's own.
        Put(8, 8, (x, _) => (byte)(x < 4 ? 40 : 160));
        Jitter(new ColorJitter(new(1, 1), new(0, 0), new(1, 1), new(0, 0)));
        Assert.All(Greens(), g => Assert.Equal(100, g));
        _bench.Picture.SetTo(new Scalar(200, 100, 50));
        Apply(PictureOps.Gray(1), 1);
        Assert.All(_bench.Picture.AsSpan<byte>().ToArray(), v => Assert.Equal((int)Math.Round(0.299 * 200 + 0.587 * 100 + 0.114 * 50), v));

        // A third of the colour circle: red becomes green.
        _bench.Picture.SetTo(new Scalar(200, 0, 0));
        Jitter(new ColorJitter(new(1, 1), new(1, 1), new(1, 1), new(1.0 / 3, 1.0 / 3)));
        Assert.Equal([0, 200, 0], _bench.Picture.AsSpan<byte>()[..3].ToArray().Select(v => (int)v));
    }

    [Fact]
    public void A_moved_picture_is_black_where_nothing_came_in()
    {
        var shifts = new HashSet<(int, int)>();
        for (var seed = 0; seed < 50; seed++)
        {
            Put(10, 10, (_, _) => 200);
            Apply(PictureOps.Translate(0.2), seed);
            var greens = Greens();
            shifts.Add((Enumerable.Range(0, 10).Count(x => greens[50 + x] == 0), Enumerable.Range(0, 10).Count(y => greens[10 * y + 5] == 0)));
        }

        Assert.All(shifts, s => Assert.True(s.Item1 <= 2 && s.Item2 <= 2));
        Assert.True(shifts.Count >= 6);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(90, false)]
    [InlineData(180, true)]
    [InlineData(30, false)]
    public void A_warp_and_its_matrix_say_the_same(double degrees, bool mirrored)
    {
        Put(8, 8, (x, y) => (byte)(20 * x + 10 * y));
        var before = Greens();
        var theta = new float[6];
        Warp.Matrix(degrees, mirrored, theta);
        Warp.Apply(_bench, theta);
        var after = Greens();
        for (var y = 0; y < 8; y++)
        {
            for (var x = 0; x < 8; x++)
            {
                // affine_grid: from the result's place to the source's, -1..1 over the outer edges.
                var (u, v) = ((2 * x + 1) / 8.0 - 1, (2 * y + 1) / 8.0 - 1);
                var sx = ((theta[0] * u + theta[1] * v + theta[2] + 1) * 8 - 1) / 2;
                var sy = ((theta[3] * u + theta[4] * v + theta[5] + 1) * 8 - 1) / 2;
                if (sx is >= 0 and <= 7 && sy is >= 0 and <= 7)
                {
                    Assert.InRange(after[8 * y + x], 20 * sx + 10 * sy - 3, 20 * sx + 10 * sy + 3);
                }
            }
        }

        Assert.Equal(degrees == 0 && !mirrored, before.SequenceEqual(after));
    }

    [Fact]
    public void Masks_are_narrower_than_told_and_fall_everywhere()
    {
        var mask = new SpectrogramMask(1, 5, 7);
        var (rows, columns) = (20, 30);
        var hits = new int[rows * columns];
        for (var seed = 0; seed < 400; seed++)
        {
            var values = Enumerable.Repeat(1f, rows * columns).ToArray();
            var random = SeededRandom.At(seed);
            mask.Apply(values, rows, columns, ref random);
            var masked = Enumerable.Range(0, rows).Count(r => values.AsSpan(r * columns, columns).IndexOf(1f) < 0);
            Assert.InRange(masked, 0, 4);
            for (var i = 0; i < values.Length; i++)
            {
                hits[i] += values[i] == 0 ? 1 : 0;
            }
        }

        Assert.All(hits, h => Assert.InRange(h, 1, 399));
    }

    [Fact]
    public void Neighbours_are_the_most_alike_and_are_read_back_as_they_were()
    {
        float[] points = [1, 0, 0.9f, 0.1f, 0, 1, 0.1f, 5, -1, 0];
        var neighbours = Neighbours.Of(points, 2, 2, TestContext.Current.CancellationToken);
        Assert.Equal([1, 3], neighbours[0].ToArray());
        Assert.Equal([3, 1], neighbours[2].ToArray());
        Assert.Equal([2, 3], neighbours[4].ToArray().Order());
        using var folder = new Support.TemporaryFolder();
        neighbours.Save(folder["n"]);
        Assert.Equal(neighbours[3].ToArray(), Neighbours.Load(folder["n"], 5)[3].ToArray());
        Assert.Contains("for 5 items", Assert.Throws<TrainingDataException>(() => Neighbours.Load(folder["n"], 6)).Message, StringComparison.Ordinal);
        using (var cut = File.OpenWrite(folder["n"]))
        {
            cut.SetLength(cut.Length - 1);
        }

        Assert.Contains("damaged", Assert.Throws<TrainingDataException>(() => Neighbours.Load(folder["n"], 5)).Message, StringComparison.Ordinal);
        var random = SeededRandom.At(1);
        Assert.Equal([1, 3], Enumerable.Range(0, 40).Select(_ => neighbours.Draw(0, ref random)).Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mosaic_shows_in_each_box_the_picture_whose_sound_is_heard(bool pasted)
    {
        using var data = new DataFixture();
        foreach (var (name, grey) in new[] { ("a", 40), ("b", 90), ("c", 140), ("d", 190), ("e", 240) })
        {
            data.Still($"{name}/images/0.png", grey);
            data.File($"{name}/audio/4.wav");
        }

        var from = data.Load(data.List());
        var set = new MosaicClips(from, new MosaicOptions { Scenes = 12, Pasted = pasted, Side = 64 });
        Assert.Equal(12, set.Pictures);
        using var picture = new Mat();
        var random = SeededRandom.At(1);
        for (var i = 0; i < set.Count; i++)
        {
            var pair = set.Pair(i, ref random);
            var info = set.Describe(pair);
            var box = Assert.Single(info.Boxes);
            set.ReadPicture(pair.Picture, picture);
            var (x, y) = ((int)((box.X1 + box.X2) * 32), (int)((box.Y1 + box.Y2) * 32));
            Assert.Equal(40 + 50 * (info.Class![0] - 'a'), picture.AsSpan<byte>()[3 * (64 * y + x)]);
        }

        var scene = Enumerable.Range(0, set.Count).Select(i => set.Pair(i, ref random)).Where(p => p.Picture == 0).Select(set.Describe).ToArray();
        Assert.InRange(scene.Length, 2, 4);
        Assert.Equal(scene.Length, scene.Select(s => s.Class).Distinct().Count());
        Assert.All(scene, a => Assert.All(scene, b => Assert.True(a == b || a.Boxes[0].IoU(b.Boxes[0]) == 0)));
        Assert.Equal(pasted, scene.Sum(s => s.Boxes[0].Area) < 0.999);
        Assert.Equal(2, new MosaicClips(from, new MosaicOptions { Sounding = 2, Endless = true }).Describe(new ClipPair(5, 20)).Boxes.Count);
    }

    [Fact]
    public void Chance_is_even_and_its_streams_are_independent()
    {
        var random = SeededRandom.At(1, 2, 3);
        Assert.InRange(Enumerable.Range(0, 4000).Average(_ => random.Uniform()), 0.48, 0.52);
        var counts = new int[5];
        for (var i = 0; i < 5000; i++)
        {
            counts[random.Below(5)]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 850, 1150));
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => SeededRandom.At(1, 2, i).Bits()).Distinct().Count());
        var again = SeededRandom.At(7, 1);
        var first = again.Bits();
        Assert.Equal(first, SeededRandom.At(7, 1).Bits());
    }

    private void Put(int width, int height, Func<int, int, byte> value)
    {
        _bench.Picture.Create(height, width, MatType.CV_8UC3);
        var pixels = _bench.Picture.AsSpan<byte>();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = value(i / 3 % width, i / 3 / width);
        }
    }

    private int[] Greens() => [.. _bench.Picture.AsSpan<byte>().ToArray().Where((_, i) => i % 3 == 1).Select(v => (int)v)];

    private void Apply(PictureOp op, int seed)
    {
        var random = SeededRandom.At(seed);
        op(_bench, ref random);
    }

    private void Jitter(ColorJitter jitter) => Apply(PictureOps.Jitter(jitter, 1), 1);
}
