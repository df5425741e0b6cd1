using OpenCvSharp;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>Resizing gives the numbers that Python's cv2 gave: heatmaps are drawn and scored through it.</summary>
public class ResizeTests
{
    [Theory]
    [InlineData("cv2_linear", "a7", InterpolationFlags.Linear)]
    [InlineData("cv2_linear", "a14", InterpolationFlags.Linear)]
    [InlineData("cv2_linear", "a16", InterpolationFlags.Linear)]
    [InlineData("cv2_cubic", "a7", InterpolationFlags.Cubic)]
    [InlineData("cv2_cubic", "a14", InterpolationFlags.Cubic)]
    [InlineData("cv2_cubic", "a16", InterpolationFlags.Cubic)]
    public void Resizing_a_heatmap_gives_the_golden_numbers(string id, string source, InterpolationFlags interpolation)
    {
        var golden = Golden.Load("resize");
        var rows = golden.GetProperty("inputs").GetProperty(source).EnumerateArray()
            .Select(row => row.EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray();
        var expected = golden.GetProperty("cases").EnumerateArray()
            .Single(c => c.GetProperty("id").GetString() == id && c.GetProperty("src").GetString() == source);
        var side = expected.GetProperty("shape")[0].GetInt32();

        using var small = new Mat(rows.Length, rows[0].Length, MatType.CV_32FC1);
        for (var y = 0; y < rows.Length; y++) rows[y].CopyTo(small.RowSpan<float>(y));
        using var large = new Mat();
        Cv2.Resize(small, large, new Size(side, side), interpolation: interpolation);

        Assert.Equal((side, side, MatType.CV_32FC1), (large.Rows, large.Cols, large.Type()));
        foreach (var probe in expected.GetProperty("probes").EnumerateArray())
            Assert.Equal(probe[2].GetDouble(), large.Get<float>(probe[0].GetInt32(), probe[1].GetInt32()), 2e-6);
        Cv2.MinMaxLoc(large, out double min, out double max);
        Assert.Equal(expected.GetProperty("min").GetDouble(), min, 2e-6);
        Assert.Equal(expected.GetProperty("max").GetDouble(), max, 2e-6);
        Assert.Equal(expected.GetProperty("sum").GetDouble(), Cv2.Sum(large).Val0, 0.01);
    }
}
