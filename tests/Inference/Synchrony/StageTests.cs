using RealtimeSsl.Inference;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Synchrony;

/// <summary>The stages of the synchrony localizer, one by one.</summary>
public sealed class StageTests
{
    private const int Width = 320;
    private const int Height = 180;
    private static readonly SynchronySettings Settings = new();

    [Fact]
    public void A_small_picture_is_the_mean_of_its_pixels()
    {
        var small = new Thumbnail();
        small.Resize(2, 2);
        var bgr = new byte[6 * 4 * 3];
        bgr.AsSpan().Fill(100);
        bgr.AsSpan(0, 9).Fill(220);
        small.Read(bgr, 6, 4);
        Assert.Equal([160f, 100f, 100f, 100f], small.Pixels);
    }

    [Fact]
    public void Motion_lies_where_something_changed()
    {
        var grid = Grid();
        grid.Advance(Picture(100), Width, Height, 1 / 30.0);
        Assert.Equal(PictureChange.Continues, grid.Advance(Picture(100, square: 130), Width, Height, 1 / 30.0));
        var peak = Array.IndexOf(grid.Motion, grid.Motion.Max());
        Assert.InRange((peak % grid.Cols + 0.5) / grid.Cols, 0.5, 0.65);
        Assert.InRange((peak / grid.Cols + 0.5) / grid.Rows, 0.5, 0.75);
        Assert.Equal(0, grid.Motion[0]);
    }

    [Fact]
    public void A_lamp_that_changes_the_whole_picture_is_no_motion()
    {
        var grid = Grid();
        grid.Advance(Picture(100), Width, Height, 1 / 30.0);
        Assert.Equal(PictureChange.Continues, grid.Advance(Picture(112), Width, Height, 1 / 30.0));
        Assert.All(grid.Motion, m => Assert.Equal(0, m));
    }

    [Fact]
    public void A_flash_is_passed_over_and_a_cut_is_told()
    {
        var grid = Grid();
        grid.Advance(Picture(60), Width, Height, 1 / 30.0);
        Assert.Equal(PictureChange.Interrupted, grid.Advance(Picture(200), Width, Height, 1 / 30.0));
        Assert.Equal(PictureChange.Continues, grid.Advance(Picture(60), Width, Height, 1 / 30.0));
        Assert.All(grid.Motion, m => Assert.Equal(0, m));

        Assert.Equal(PictureChange.Interrupted, grid.Advance(Picture(200), Width, Height, 1 / 30.0));
        Assert.Equal(PictureChange.Cut, grid.Advance(Picture(200), Width, Height, 1 / 30.0));
        Assert.Equal(PictureChange.Continues, grid.Advance(Picture(200), Width, Height, 1 / 30.0));
    }

    [Fact]
    public void Sound_is_a_level_above_the_background_and_an_onset_where_it_rises()
    {
        var sound = new OnsetEnvelope(Settings, 1);
        var (quiet, loud) = (Column(-55), Column(-20));
        for (var i = 0; i < 100; i++)
        {
            sound.Push(quiet);
        }

        Assert.False(sound.Sounds);
        sound.Push(loud);
        Assert.True(sound.Sounds);
        Assert.Equal(35, sound.Onset, 3);
        sound.Push(loud);
        sound.Push(loud);
        Assert.Equal(0, sound.Onset);
        Assert.InRange(sound.Level, 20, 30);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(60)]
    public void Ticks_hold_the_same_motion_at_any_frame_rate(double fps)
    {
        var ticks = new TickGrid(1, 1 / 30.0);
        ticks.Start(5);
        var (sum, count) = (0f, 0);
        for (var i = 1; i <= fps * 2; i++)
        {
            ticks.AddMotion([1f], 5 + i / fps);
            ticks.AddSound(1, 1, 5 + i / fps);
            while (ticks.TryNext())
            {
                sum += ticks.Motion[0];
                count++;
            }
        }

        Assert.InRange(count, 54, 60);
        Assert.Equal(count, sum, 2);
    }

    [Fact]
    public void Only_the_cell_that_moves_with_the_sound_scores_above_chance()
    {
        var statistics = new SynchronyStatistics(9, Settings, Settings.SlowSeconds);
        Span<float> motion = stackalloc float[9];
        var (next, since) = (10, 0);
        for (var tick = 0; tick < 300; tick++, since++)
        {
            var sounds = tick == next;
            if (sounds)
            {
                (next, since) = (tick + 12 + (int)(Golden.Uniform(3, (uint)tick, 0, 12)), 0);
            }

            for (var c = 0; c < 9; c++)
            {
                motion[c] = c == 4 ? (since < 3 ? 2 : 0) : (float)Math.Max(0, Golden.Uniform((uint)(20 + c), (uint)(tick / 4), -3, 2));
            }

            statistics.Push(motion, since < 4 ? 20 : 0, sounds ? 10 : 0);
        }

        Assert.Equal(4, Array.IndexOf(statistics.Score, statistics.Score.Max()));
        Assert.True(statistics.Score[4] > 2 * statistics.Chance, $"{statistics.Score[4]} against {statistics.Chance}");
        Assert.All(Enumerable.Range(0, 9).Where(c => c != 4), c => Assert.True(statistics.Score[c] < statistics.Score[4] / 3));
    }

    [Fact]
    public void One_lucky_coincidence_weighs_less_than_several()
    {
        var score = new float[2];
        for (var events = 0; events < 2; events++)
        {
            var statistics = new SynchronyStatistics(1, Settings, Settings.SlowSeconds);
            for (var tick = 0; tick < 120; tick++)
            {
                var hit = events == 0 ? tick == 70 : tick % 17 == 2;
                statistics.Push([hit ? 2 : 0], hit ? 20 : 0, hit ? 10 : 0);
            }

            score[events] = statistics.Score[0];
        }

        Assert.True(score[1] > 2 * score[0], $"one event {score[0]}, several {score[1]}");
    }

    private static MotionGrid Grid()
    {
        var grid = new MotionGrid(Settings);
        Assert.True(grid.Fit(Width, Height));
        Assert.False(grid.Fit(Width, Height));
        return grid;
    }

    private static byte[] Picture(byte grey, byte? square = null)
    {
        var bgr = new byte[Width * Height * 3];
        bgr.AsSpan().Fill(grey);
        for (var y = 100; square is { } value && y < 124; y++)
        {
            bgr.AsSpan((y * Width + 172) * 3, 24 * 3).Fill(value);
        }

        return bgr;
    }

    private static float[] Column(float db) => Enumerable.Repeat(db, 40).ToArray();
}
