using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline;

public sealed class DetectorTests
{
    private readonly List<SoundSource> _found = [];

    [Fact]
    public void Two_blobs_are_two_sources_strongest_first_each_with_its_box_and_peak()
    {
        Detect(Map(10, 10, (2, 2, 0.7f), (3, 2, 0.6f), (7, 8, 0.9f)));
        Assert.Equal(2, _found.Count);
        Assert.Equal(0.9f, _found[0].Score, 1e-6f);
        Assert.Equal((0.75f, 0.85f), (_found[0].PeakX, _found[0].PeakY));
        Assert.True(_found[0].Box.Contains(0.75f, 0.85f));
        Assert.InRange(_found[1].Box.X1, 0.15f, 0.2f);
        Assert.InRange(_found[1].Box.X2, 0.4f, 0.45f);
    }

    [Fact]
    public void Cells_that_touch_only_at_a_corner_are_two_sources()
    {
        Detect(Map(4, 4, (1, 1, 0.8f), (2, 2, 0.8f)));
        Assert.Equal(2, _found.Count);
    }

    [Fact]
    public void Nothing_is_found_without_presence()
    {
        Detect(Map(4, 4, (1, 1, 1f)), presence: 0.4);
        Assert.Empty(_found);
    }

    [Fact]
    public void A_map_that_is_high_everywhere_is_one_source_over_the_whole_picture()
    {
        var map = new Heatmap();
        map.Resize(7, 7);
        map.Scores.Fill(0.8f);
        Detect(map);
        Assert.Equal(new Box(0, 0, 1, 1), Assert.Single(_found).Box);
    }

    [Fact]
    public void A_box_reaches_to_where_the_profile_crosses_the_cut()
    {
        // 0.6, 1.0, 0.6 with a cut at 0.5 and 0 beyond: the crossing lies 1/6 of a cell past the centre of a neighbour, never less than its edge.
        Detect(Map(5, 9, (3, 2, 0.6f), (4, 2, 1f), (5, 2, 0.6f)));
        var box = Assert.Single(_found).Box;
        Assert.Equal(3 / 9f, box.X1, 0.02f);
        Assert.Equal(6 / 9f, box.X2, 0.02f);
    }

    [Fact]
    public void Raw_scores_are_read_on_the_maps_own_scale()
    {
        var map = Map(4, 4, (1, 1, 30f));
        (map.Low, map.High) = (10, 40);
        Detect(map);
        Assert.Equal(2 / 3f, Assert.Single(_found).Score, 1e-5f);
    }

    [Fact]
    public void The_weakest_go_first_when_there_are_too_many()
    {
        var map = Map(1, 9, (0, 0, 0.6f), (2, 0, 0.9f), (4, 0, 0.7f), (6, 0, 0.8f));
        new Detector(new DetectorSettings { MaxSources = 2 }).Detect(new LocalizerOutput { Heatmap = map, Presence = 1 }, _found);
        Assert.Equal([0.9f, 0.8f], _found.Select(s => s.Score));
    }

    [Fact]
    public void Detecting_allocates_nothing_once_warm()
    {
        var detector = new Detector(new DetectorSettings());
        var output = new LocalizerOutput { Heatmap = Map(14, 14, (2, 2, 0.7f), (7, 8, 0.9f)), Presence = 1 };
        Assert.Equal(0, Allocations.LeastOfRounds(_ => detector.Detect(output, _found)));
    }

    private void Detect(Heatmap map, double presence = 1) =>
        new Detector(new DetectorSettings()).Detect(new LocalizerOutput { Heatmap = map, Presence = presence }, _found);

    private static Heatmap Map(int rows, int cols, params (int X, int Y, float Score)[] cells)
    {
        var map = new Heatmap();
        map.Resize(rows, cols);
        map.Scores.Clear();
        foreach (var (x, y, score) in cells)
        {
            map.Scores[y * cols + x] = score;
        }

        return map;
    }
}
