using RealtimeSsl.Evaluation;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>Saved maps of a method with one per class, painted so that their numbers are known.</summary>
public sealed class ClassAwareTests : IDisposable
{
    private const int Side = Conventions.Side;

    private readonly TemporaryFolder _folder = new();
    private readonly EvaluationMedia _media = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_sounding_class_is_held_against_its_own_boxes_and_silent_ones_must_stay_dark()
    {
        var set = Set("boxes.json", """
            [{"picture": "a.jpg", "sound": "a.wav", "boxes": [[0, 0, 0.5, 1], [0.5, 0, 1, 1]], "classes": ["dog", "cat"]},
             {"picture": "b.jpg", "sound": "b.wav", "boxes": [[0, 0, 0.5, 1]], "class": "dog"},
             {"picture": "c.jpg", "sound": "c.wav", "boxes": [[0, 0, 0.5, 1]], "class": "dog"}]
            """);

        // a: half of the dog, twice the cat; the bird's map is dark on a quarter. b: perfect, and no other class. c: the dog has no map.
        Save("a.jpg+a.dog", (x, _) => x < Side / 4 ? 1 : 0);
        Save("a.jpg+a.cat", (_, _) => 1);
        Save("a.jpg+a.bird", (x, y) => x < Side / 2 && y < Side / 2 ? 0.2f : 0.9f);
        Save("b.jpg+b.dog", (x, _) => x < Side / 2 ? 0.7f : 0.3f);
        Save("c.jpg+c.cat", (_, _) => 0);

        var report = await ReportAsync(set);

        var scores = Assert.IsType<ClassAwareScores>(report.ClassAware);
        Assert.Equal((3, 0.5, 2 / 3.0), (scores.Samples, scores.MeanIoU, scores.CIoU03));
        Assert.Equal(0.625, scores.Nsa, 1e-9);
        Assert.Equal((SuccessCurve.Of([0.5, 1, 0]).Auc, 0.5), (scores.Auc, scores.Part));
        Assert.Equal(["c.jpg+c.wav (dog)"], report.Problems["map_of_a_sounding_class_missing_counts_0"]);

        // Painted in few levels: the highest of a's maps is 1 everywhere, those of b and c have no level in between.
        Assert.Contains("b.jpg+b.wav", report.Problems["ties_leave_no_adaptive_prediction_see_comparison_AtLeast"]);
        Assert.Contains("class-aware cIoU@0.3 66.7, AUC 51.7, mean IoU 50.0; NSA 62.5", TextReport.Of(report), StringComparison.Ordinal);
        Assert.Contains("class-aware cIoU@0.3 66.7", HtmlReport.Of(report, []), StringComparison.Ordinal);

        // Taken up from the journal it is the same.
        Assert.Equal(scores, (await ReportAsync(set)).ClassAware);
    }

    [Fact]
    public async Task Duets_of_MUSIC_are_cut_at_a_fifth_of_the_maximum_with_a_map_per_class_and_without()
    {
        var set = Set("duettest.json", """
            {"duet/abc/0012.jpg": {"bbox": [{"normbox": [0, 0, 0.5, 1], "category_id": 3}, {"normbox": [0.5, 0, 0.5, 1], "category_id": 7}]},
             "duet/xyz/0012.jpg": {"bbox": [{"normbox": [0, 0, 0.5, 1], "category_id": 3}]}}
            """);

        // Weak but above a fifth on half of the box; frames of two videos have one number.
        Save("duet/abc/0012.3", (x, _) => x < Side / 4 ? 1 : x < Side / 2 ? 0.3f : 0.1f);
        Save("duet/abc/0012.7", (x, _) => x < Side / 2 ? 0.05f : 0.5f);
        Save("duet/xyz/0012", (x, _) => x < Side / 4 ? 1 : x < Side / 2 ? 0.3f : 0);

        var report = await ReportAsync(set);

        Assert.Equal(new ClassAwareScores(1, 1, 1, 1, double.NaN, 0.2), report.ClassAware);
        Assert.Equal((2, 1.0), (report.Evaluated, report.Systems[0].CIoU03));
        Assert.Contains("MUSIC: cIoU@0.3 100.0, AUC ", TextReport.Of(report), StringComparison.Ordinal);
        Assert.Contains("Sound Promotion Method, Table 1", HtmlReport.Of(report, []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Class_maps_of_two_sizes_are_refused()
    {
        var set = Set("boxes.csv", "picture,sound,x0,y0,x1,y1,class\na.jpg,a.wav,0,0,1,1,dog\n");
        Save("a.jpg+a.dog", (_, _) => 1);
        Save("a.jpg+a.cat", (_, _) => 1, 14);

        var e = await Assert.ThrowsAsync<EvaluationException>(() => ReportAsync(set));

        Assert.Contains("of a.jpg+a.wav for class dog is 224 x 224, another of it 14 x 14", e.Message, StringComparison.Ordinal);
    }

    private async Task<EvaluationReport> ReportAsync(Benchmark set)
    {
        using var maps = new SavedMaps(_folder["maps"], _media, set.Problems);
        var samples = Located.Find(set, _folder["data"], moving: false);
        Directory.CreateDirectory(_folder["out"]);
        var made = await Runner.RunAsync(samples, maps, _folder["out"], 1, "", new LogLines(), (_, _) => { }, TestContext.Current.CancellationToken);
        return new Evaluator(set, Conventions.Standard, _media).Evaluate(samples, made, maps, 1, TestContext.Current.CancellationToken);
    }

    private Benchmark Set(string file, string content)
    {
        foreach (var name in new[] { "a.jpg", "b.jpg", "c.jpg", "a.wav", "b.wav", "c.wav", "duet/abc/0012.jpg", "duet/xyz/0012.jpg", "duet/abc.wav", "duet/xyz.wav" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["data/" + name])!);
            File.WriteAllText(_folder["data/" + name], "");
        }

        File.WriteAllText(_folder["data/" + file], content);
        return BenchmarkReader.Read(_folder["data"]);
    }

    private void Save(string name, Func<int, int, float> paint, int side = Side)
    {
        var path = _folder[$"maps/{name}.npy"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, NpyFile.Of(side, side, [.. Enumerable.Range(0, side * side).Select(i => paint(i % side, i / side))]));
    }
}
