using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>A heatmap covers the whole picture, whatever part of it the network saw.</summary>
public sealed class PictureGridTests : IDisposable
{
    private readonly Scene _scene = new(AudioFrontEnds.SslAlign);
    private readonly Heatmap _heatmap = new() { Low = -1, High = 1 };

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_stretched_picture_is_seen_as_a_whole()
    {
        float[] map = [.. Enumerable.Range(0, 196)];
        new PictureGrid(ImageFrontEnds.SslAlign, 14, 14).Place(Frame(640, 360), map, _heatmap);

        Assert.Equal((14, 14), (_heatmap.Rows, _heatmap.Cols));
        Assert.Equal(map, _heatmap.Scores.ToArray());
    }

    [Theory]
    [InlineData(640, 360)]
    [InlineData(360, 640)]
    [InlineData(320, 240)]
    [InlineData(240, 240)]
    [InlineData(1920, 1080)]
    public void A_peak_in_a_cut_out_middle_lies_where_it_is_in_the_picture(int width, int height)
    {
        var grid = new PictureGrid(ImageFrontEnds.Lvs, 14, 14);
        var view = ImageFrontEnds.Lvs.View(width, height);
        for (var cell = 0; cell < 196; cell += 13)
        {
            var map = new float[196];
            map[cell] = 1;
            grid.Place(Frame(width, height), map, _heatmap);

            var peak = _heatmap.Peak();
            var x = view.Left + (cell % 14 + 0.5) / 14 * (view.Right - view.Left);
            var y = view.Top + (cell / 14 + 0.5) / 14 * (view.Bottom - view.Top);
            Assert.Equal(x, peak.X, 0.3 / 14);
            Assert.Equal(y, peak.Y, 0.3 / 14);
        }
    }

    [Fact]
    public void Where_nobody_looked_there_is_nothing()
    {
        var map = Enumerable.Repeat(1f, 196).ToArray();
        new PictureGrid(ImageFrontEnds.Lvs, 14, 14).Place(Frame(640, 360), map, _heatmap);

        Assert.Equal(14, _heatmap.Rows);
        Assert.Equal(24, _heatmap.Cols);
        Assert.Equal(196, _heatmap.Scores.ToArray().Count(s => s == 1));
        Assert.Equal(14 * 10, _heatmap.Scores.ToArray().Count(s => s == -1));
        Assert.Equal(-1, _heatmap.Scores[4]);
        Assert.Equal(1, _heatmap.Scores[5]);
        Assert.Equal(1, _heatmap.Scores[18]);
        Assert.Equal(-1, _heatmap.Scores[19]);
    }

    private VideoFrame Frame(int width, int height) => _scene.Frame(TimeSpan.Zero, 0, width, height);
}
