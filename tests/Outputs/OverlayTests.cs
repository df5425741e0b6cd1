using OpenCvSharp;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What the overlay promises about the picture under it.</summary>
public sealed class OverlayTests
{
    private static readonly OverlaySettings HeatOnly = new() { Boxes = false, Meter = false, Clock = false, Model = false };
    private readonly Localizations _localizations = new(640, 360);

    [Fact]
    public void Cold_areas_are_untouched_and_the_hot_one_glows()
    {
        using var found = _localizations.Next(0);
        Localizations.AddSource(found, 1, null, 1, 0.75f, 0.5f);
        using var renderer = new OverlayRenderer(HeatOnly);

        var canvas = renderer.Render(found);

        // The left half is cold: exactly the frame's grey.
        Assert.Equal((96, 96), MinMax(canvas, new Rect(0, 0, 320, 360)));
        var hot = At(canvas, 480, 180);
        Assert.True(hot.R > 150 && hot.R > hot.B, $"warm at the peak: {hot}");
    }

    [Fact]
    public void The_glow_is_where_the_score_is_and_fades_without_steps()
    {
        using var found = _localizations.Next(0);
        Localizations.AddSource(found, 1, null, 1, 0.5f, 0.5f);
        using var renderer = new OverlayRenderer(HeatOnly);

        var canvas = renderer.Render(found);

        var reds = Enumerable.Range(0, 320).Select(x => (int)At(canvas, x, 180).R).ToList();
        Assert.Equal(96, reds[0]);
        Assert.All(reds.Zip(reds.Skip(1)), step => Assert.InRange(step.Second - step.First, -2, 6));
        Assert.InRange(Math.Abs(At(canvas, 200, 180).R - At(canvas, 439, 180).R), 0, 6);
    }

    [Fact]
    public void Silence_shows_no_heat_even_if_the_map_has_some()
    {
        using var found = _localizations.Next(0);
        found.Heatmap.Scores.Fill(1);
        using var renderer = new OverlayRenderer(HeatOnly);

        Assert.Equal((96, 96), MinMax(renderer.Render(found), new Rect(0, 0, 640, 360)));
    }

    [Fact]
    public void The_shared_frame_is_not_drawn_into()
    {
        using var found = _localizations.Next(0);
        Localizations.AddSource(found, 1, "dog", 1, 0.5f, 0.5f);
        using var renderer = new OverlayRenderer();

        renderer.Render(found);

        Assert.Equal((96, 96), MinMax(found.Frame.Image, new Rect(0, 0, 640, 360)));
    }

    [Fact]
    public void A_source_keeps_its_color_and_neighbours_have_others()
    {
        using var renderer = new OverlayRenderer();
        var seen = new List<(byte R, byte G, byte B)>();
        for (var i = 0; i < 3; i++)
        {
            using var found = _localizations.Next(i);
            Localizations.AddSource(found, 4, null, 1 - i * 0.2f, 0.5f, 0.6f);
            Localizations.AddSource(found, 5 + i, null, 0.5f, 0.15f, 0.6f, 0.1f);
            var canvas = renderer.Render(found);

            // Upper left corner of box 4: x = 0.35, y = 0.4.
            seen.Add(At(canvas, (int)Math.Round(0.35 * 639), (int)Math.Round(0.4 * 359)));
        }

        Assert.All(seen, color => Assert.Equal(SourceColors.Of(4), color));
        for (var id = 1; id < 12; id++)
        {
            var (a, b) = (SourceColors.Of(id), SourceColors.Of(id + 1));
            Assert.True(Math.Abs(a.R - b.R) + Math.Abs(a.G - b.G) + Math.Abs(a.B - b.B) > 120, $"{id}: {a} {b}");
        }
    }

    [Theory]
    [InlineData(64, 48)]
    [InlineData(320, 240)]
    [InlineData(1920, 1080)]
    [InlineData(33, 201)]
    public void Any_size_and_any_box_can_be_drawn(int width, int height)
    {
        using var found = _localizations.Next(0, new Size(width, height));
        found.Audio = found.Audio!.Value with { Dbfs = 3 };
        Localizations.AddSource(found, 1, "a label much too long for this picture, with é and \n in it", 1, 0, 0, 2.5f, 2.5f);
        Localizations.AddSource(found, 2, null, 0.9f, 1, 1, 0, 0);
        Localizations.AddSource(found, int.MaxValue, "", 0.8f, 0.99f, 0.01f);
        using var renderer = new OverlayRenderer();

        var canvas = renderer.Render(found);

        Assert.Equal((width, height), (canvas.Width, canvas.Height));
    }

    [Fact]
    public void Why_there_is_no_source_is_written_on_the_picture()
    {
        using var silent = _localizations.Next(0);
        using var offScreen = _localizations.Next(0);
        offScreen.Why = "off screen?";
        offScreen.Audio = offScreen.Audio!.Value with { Dbfs = -30 };
        using var renderer = new OverlayRenderer(HeatOnly with { Meter = true });

        using var first = renderer.Render(silent).Clone();
        var second = renderer.Render(offScreen);

        using var difference = new Mat();
        Cv2.Absdiff(first, second, difference);
        var all = MinMax(difference, new Rect(0, 0, 640, 360));
        var above = MinMax(difference, new Rect(0, 0, 640, 300));
        Assert.True(all.High > 100 && above.High == 0, "the words differ, at the bottom");
    }

    private static (byte R, byte G, byte B) At(Mat image, int x, int y)
    {
        var bgr = image.RowSpan<byte>(y).Slice(3 * x, 3);
        return (bgr[2], bgr[1], bgr[0]);
    }

    private static (int Low, int High) MinMax(Mat image, Rect area)
    {
        int low = 255, high = 0;
        for (var y = area.Top; y < area.Bottom; y++)
        {
            foreach (var value in image.RowSpan<byte>(y)[(3 * area.Left)..(3 * area.Right)])
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return (low, high);
    }
}
