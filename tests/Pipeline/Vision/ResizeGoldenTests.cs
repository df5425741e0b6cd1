using System.Text.Json;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline.Vision;

/// <summary>A heatmap is brought to picture size exactly as OpenCV and torch do in the methods' evaluations.</summary>
public sealed class ResizeGoldenTests
{
    private static readonly JsonElement Expected = Golden.Load("resize");

    public static TheoryData<int, string, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string, string>();
            foreach (var (i, c) in Expected.GetProperty("cases").EnumerateArray().Index())
            {
                data.Add(i, c.GetProperty("id").GetString()!, c.GetProperty("src").GetString()!);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Maps_are_enlarged_as_the_library_does(int number, string library, string map)
    {
        var expected = Expected.GetProperty("cases")[number];
        var rows = Expected.GetProperty("inputs").GetProperty(map).EnumerateArray().Select(r => r.Doubles()).ToArray();
        var (side, target) = (rows.Length, expected.GetProperty("shape")[0].GetInt32());
        var name = library switch
        {
            "cv2_linear" or "torch_bilinear_align_false" => "cv-linear",
            "cv2_cubic" => "cv-cubic",
            "torch_bilinear_align_true" => "bilinear-aligned",
            "torch_bicubic_align_true" => "bicubic-aligned",
            "torch_bicubic_align_false" => "bicubic",
            _ => throw new InvalidOperationException(library),
        };

        var resize = new SeparableResize(side, side, target, target, HeatmapUpsampling.ById(name).Kind);
        var actual = new float[target * target];
        resize.Apply([.. rows.SelectMany(r => r).Select(v => (float)v)], actual);

        foreach (var probe in expected.GetProperty("probes").EnumerateArray())
        {
            Assert.Equal(probe[2].GetDouble(), actual[probe[0].GetInt32() * target + probe[1].GetInt32()], 1e-6);
        }

        foreach (var (i, value) in expected.GetProperty("row0_first16").Doubles().Index())
        {
            Assert.Equal(value, actual[i], 1e-6);
        }

        Assert.Equal(expected.GetProperty("min").GetDouble(), actual.Min(), 1e-6);
        Assert.Equal(expected.GetProperty("max").GetDouble(), actual.Max(), 1e-6);
        Assert.Equal(expected.GetProperty("sum").GetDouble(), actual.Sum(v => (double)v), 2e-3);
        Assert.Equal(expected.GetProperty("abs_sum").GetDouble(), actual.Sum(v => Math.Abs((double)v)), 2e-3);
    }

    [Fact]
    public void All_18_cases_are_there() => Assert.Equal(18, Cases.Count);

    [Fact]
    public void An_unknown_upsampling_lists_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => HeatmapUpsampling.ById("nearest"));
        Assert.All(HeatmapUpsampling.All, u => Assert.Contains(u.Id, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ResizeKind.Linear)]
    [InlineData(ResizeKind.Cubic)]
    [InlineData(ResizeKind.LinearAligned)]
    [InlineData(ResizeKind.CubicAligned)]
    [InlineData(ResizeKind.PilBicubic)]
    public void A_constant_stays_constant_for_all_sizes_down_to_one_pixel(ResizeKind kind)
    {
        foreach (var (from, to) in ((int, int)[])[(1, 7), (2, 9), (3, 3), (7, 1), (50, 3), (14, 224)])
        {
            var actual = new float[to * (to + 1)];
            var source = new float[from * from];
            Array.Fill(source, 0.5f);
            new SeparableResize(from, from, to, to + 1, kind).Apply(source, actual);
            Assert.All(actual, v => Assert.Equal(0.5f, v, 1e-6f));
        }
    }

    [Theory]
    [InlineData(ResizeKind.Linear)]
    [InlineData(ResizeKind.PilBicubic)]
    [InlineData(ResizeKind.CubicAligned)]
    public void Part_of_a_table_is_that_part_of_the_whole(ResizeKind kind)
    {
        var whole = new TapTable(31, 100, kind);
        var part = new TapTable(31, 100, kind, skip: 40, count: 20);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(whole.First(40 + i), part.First(i));
            Assert.Equal(whole.Weights(40 + i), part.Weights(i));
        }
    }

    [Fact]
    public void Pillows_bilinear_is_a_triangle_as_wide_as_the_reduction()
    {
        // 4 to 2: pixel 0 looks from its centre 1 as far as 2 to both sides, which weighs 0.75, 0.75, 0.25, without what lies outside.
        var table = new TapTable(4, 2, ResizeKind.PilBilinear);

        Assert.Equal([3 / 7.0, 3 / 7.0, 1 / 7.0], table.Weights(0)[..3].ToArray().Select(w => Math.Round(w, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(0, table.Weights(0)[3..].ToArray().Sum(), 1e-12);
        Assert.Equal([0.75, 0.25], new TapTable(2, 4, ResizeKind.PilBilinear).Weights(1)[..2].ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
    }
}
