using System.Numerics.Tensors;
using RealtimeSsl.Evaluation;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Reports;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>An evaluation from media to report, on a package of a few kilobytes.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _package = new();
    private readonly EvaluationMedia _media = new();

    public void Dispose()
    {
        _folder.Dispose();
        _package.Dispose();
    }

    [Fact]
    public async Task Each_distinct_picture_and_sound_passes_its_network_once()
    {
        // Three scenes of two sounds, each scene's picture there twice as IS3 has it.
        var set = Scenes(3);
        using var maker = Maker(set);
        var maps = await RunAsync(set, maker);
        Assert.Equal(6, maps.Count);
        Assert.Equal((3, 8), (maker.PicturesSeen, maker.SoundsHeard));

        // Silence has a map, and is nothing to calibrate on: a running engine answers it without the network.
        Assert.All(maps.Values, m => Assert.Equal((true, float.NaN), (m.Silence!.Scores.All(float.IsFinite), m.Silence.Evidence)));
    }

    [Fact]
    public async Task What_was_cut_short_goes_on_where_it_was_and_gives_the_same()
    {
        var set = Scenes(3);
        IReadOnlyDictionary<int, SampleMaps> whole;
        using (var maker = Maker(set))
        {
            whole = await RunAsync(set, maker);
        }

        var journal = Path.Combine(_folder["out"], Runner.JournalName);
        var bytes = await File.ReadAllBytesAsync(journal, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(journal, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);
        using var again = Maker(set);
        var rest = await RunAsync(set, again);

        Assert.InRange(again.PicturesSeen, 1, 2);
        Assert.Equal(whole.Keys.Order(), rest.Keys.Order());
        Assert.All(whole, m => Assert.Equal(m.Value.Own.Scores, rest[m.Key].Own.Scores));
        Assert.All(whole, m => Assert.Equal(m.Value.Other!.Scores, rest[m.Key].Other!.Scores));
        using var third = Maker(set);
        await RunAsync(set, third);
        Assert.Equal(0, third.PicturesSeen);
    }

    [Fact]
    public async Task Swapping_the_two_sounds_of_a_picture_swaps_the_maps()
    {
        var (set, swapped) = (Scenes(1), Scenes(1, swap: true));
        using var maker = Maker(set);
        var maps = await RunAsync(set, maker);
        var other = await RunAsync(swapped, maker, "swapped");
        Assert.NotEqual(maps[0].Own.Scores, maps[1].Own.Scores);
        Assert.Equal(maps[0].Own.Scores, other[1].Own.Scores);
        Assert.Equal(maps[1].Own.Scores, other[0].Own.Scores);
    }

    [Fact]
    public async Task The_report_has_every_baseline_and_says_what_does_not_beat_it()
    {
        var set = Scenes(6);
        var report = await ReportAsync(set, Conventions.Standard);
        Assert.Equal(
            ["tiny", "frame centre", "whole image", "image only: colour contrast (no weights)", "another clip's sound", "silence"], report.Systems.Select(s => s.Name));
        Assert.Equal((12, 6, 0), (report.Evaluated, report.Systems[0].Groups, report.Systems[0].GroupsOfOne));
        Assert.Contains(report.Verdicts, v => v.Contains("does not beat", StringComparison.Ordinal));
        Assert.NotNull(report.Negatives);
        Assert.NotNull(report.Retrieval);
        Assert.Null(report.RetrievalProjected);
        Assert.Contains("projected: no projections in this package", TextReport.Of(report), StringComparison.Ordinal);

        // Box of half the picture: a map of the whole picture covers it by half.
        Assert.Equal(0.5, report.Systems[2].MeanCIoU, 1e-9);

        var path = _folder["report.json"];
        ReportJson.Write(path, report);
        Assert.Equal(report.Systems.Select(s => (s.Name, s.CIoU, s.IAuc)), ReportJson.Read(path).Systems.Select(s => (s.Name, s.CIoU, s.IAuc)));
        Assert.Contains("no difference", ReportComparison.Of(report, ReportJson.Read(path)), StringComparison.Ordinal);
        var html = HtmlReport.Of(report, []);
        Assert.Contains("Beside the literature", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retrieval_is_measured_by_the_projections_of_a_package_too()
    {
        _package.WriteProjected();
        var set = Scenes(6);
        using var maker = Maker(set);
        var maps = await RunAsync(set, maker);
        var report = await ReportAsync(set, Conventions.Standard);

        Assert.All(maps.Values, m => Assert.Equal(1, Math.Sqrt(m.PictureProjected.Sum(v => v * v)), 1e-5));
        Assert.All(maps.Values, m => Assert.Equal(1, Math.Sqrt(m.SoundProjected.Sum(v => v * v)), 1e-5));
        var samples = maps.Values.OrderBy(m => m.Index).ToArray();
        var labels = set.Samples.Select(s => s.Class!).ToArray();
        var expected = BothWays.Of([.. samples.Select(m => m.PictureProjected)], [.. samples.Select(m => m.SoundProjected)], labels);
        Assert.Equal(expected, report.RetrievalProjected);

        // They turn the sounds' vectors round.
        Assert.All(maps.Values, m => Assert.Equal(-1, TensorPrimitives.CosineSimilarity<float>(m.SoundVector, m.SoundProjected), 1e-5f));
        Assert.Contains("retrieval R@1/5/10, projected: sound to picture", TextReport.Of(report), StringComparison.Ordinal);
        var path = _folder["report.json"];
        ReportJson.Write(path, report);
        Assert.Equal((report.Retrieval, report.RetrievalProjected), (ReportJson.Read(path).Retrieval, ReportJson.Read(path).RetrievalProjected));
    }

    [Fact]
    public async Task Bad_media_are_named_and_cost_only_themselves()
    {
        var set = Scenes(5);
        File.WriteAllText(_folder["data/dog_cat_1.jpg"], "broken");
        File.WriteAllText(_folder["data/dog_cat_2_dog.wav"], "broken");
        File.WriteAllText(_folder["data/dog_cat_3_cat.wav"], "empty");
        File.WriteAllText(_folder["data/dog_cat_4.jpg"], "tiny");
        var report = await ReportAsync(set, Conventions.Standard);
        Assert.Equal(6, report.Evaluated);
        Assert.Equal(2, report.Problems["picture_unreadable"].Count);
        Assert.Single(report.Problems["sound_unreadable"]);
        Assert.Equal(["dog_cat_3_cat.jpg"], report.Problems["sound_of_0_samples"]);
        Assert.Equal(2, report.Problems["without_sound_left_out"].Count);
    }

    [Fact]
    public async Task A_sample_without_truth_is_left_out_by_default_and_spoils_the_peers_sum()
    {
        var boxes = (int scene, string _) => scene == 0 ? "[0, 0, 0, 0]" : "[0, 0, 112, 224]";
        var report = await ReportAsync(Scenes(3, box: boxes), Conventions.Standard);
        Assert.Equal((4, 2), (report.Evaluated, report.Problems["without_ground_truth_left_out"].Count));
        Assert.False(double.IsNaN(report.Systems[0].IIoU));
        var peers = await ReportAsync(Scenes(3, box: boxes), Conventions.SslAlign);
        Assert.Equal(6, peers.Evaluated);
    }

    [Fact]
    public async Task Saved_maps_score_as_the_models_own()
    {
        var set = Scenes(2);
        using var maker = Maker(set);
        var maps = await RunAsync(set, maker);
        Directory.CreateDirectory(_folder["saved"]);
        foreach (var map in maps.Values)
        {
            await File.WriteAllBytesAsync(_folder[$"saved/{Path.GetFileNameWithoutExtension(set.Samples[map.Index].Name)}.npy"], NpyFile.Of(map.Rows, map.Cols, map.Own.Scores), TestContext.Current.CancellationToken);
        }

        using var saved = new SavedMaps(_folder["saved"], _media, set.Problems);
        var read = await RunAsync(set, saved, "saved-out");
        Assert.Equal(maps.Values.Select(m => m.Own.Scores), maps.Keys.Select(k => read[k].Own.Scores));
    }

    [Fact]
    public void Presence_becomes_a_probability_and_the_package_stays_whole()
    {
        var package = _package.Write();
        var maps = Enumerable.Range(0, 200).Select(i => Map(0.5f + i % 10 * 0.02f, 0.3f + i % 10 * 0.03f)).ToArray();
        var calibration = CalibrationFit.Fit(maps, "test");
        Assert.InRange(calibration.Even, 0.4, 0.6);
        Assert.InRange(calibration.Presence(0.7), 0.8, 1);
        Assert.InRange(calibration.Presence(0.3), 0, 0.2);
        Assert.InRange(calibration.Roc, 0.9, 1);

        var calibrated = package.With(Calibration.FileName, calibration.ToBytes());
        Assert.NotEqual(package.Sha256, calibrated.Sha256);
        Assert.Equal(calibration, Calibration.Of(calibrated));
        Assert.Equal(calibration, Calibration.Of(calibrated.With(Calibration.FileName, calibration.ToBytes())));
        Assert.Null(Calibration.Of(package));

        static SampleMaps Map(float own, float other) => new()
        {
            Index = 0, Rows = 1, Cols = 1, Own = new HeardMap([own], own), Other = new HeardMap([other], other), Silence = new HeardMap([0.1f], 0.1f),
        };
    }

    [Fact]
    public async Task Evidence_of_a_joint_network_is_its_raw_score_calibrated_or_not()
    {
        var package = _package.WriteJoint();
        var set = Scenes(2);
        var plain = await EvidenceAsync("plain");
        package.With(Calibration.FileName, new Calibration { Slope = 3, Intercept = -1, Data = "test", Own = 10, Foreign = 10, Roc = 0.9 }.ToBytes());
        Assert.Equal(plain, await EvidenceAsync("calibrated"));

        async Task<float[]> EvidenceAsync(string folder)
        {
            using var maker = MapMakers.Open(_package.Folder, new LocalizerOptions(new LogLines()) { Device = "cpu" }, _media, set.Problems, 0, 1);
            var maps = await RunAsync(set, maker, folder);
            Assert.Equal(4, maps.Count);
            Assert.All(maps.Values, m => Assert.Equal(m.Own.Scores.Max(), m.Own.Evidence, 1e-6f));
            Assert.All(maps.Values, m => Assert.NotEqual(m.Own.Evidence, m.Other!.Evidence));

            // Silence is no pair to learn from: a running engine answers it without the network.
            Assert.All(maps.Values, m => Assert.Equal(float.NaN, m.Silence!.Evidence));
            return [.. maps.OrderBy(m => m.Key).Select(m => m.Value.Own.Evidence)];
        }
    }

    [Fact]
    public void A_model_that_does_not_listen_is_not_calibrated()
    {
        var deaf = Enumerable.Range(0, 50).Select(i => new SampleMaps
        {
            Index = i, Rows = 1, Cols = 1, Own = new HeardMap([0.5f], i % 7), Other = new HeardMap([0.5f], i % 7),
        });
        Assert.Contains("does not tell own from foreign", Assert.Throws<EvaluationException>(() => CalibrationFit.Fit(deaf, "test")).Message, StringComparison.Ordinal);
    }

    private async Task<EvaluationReport> ReportAsync(Benchmark set, Conventions conventions)
    {
        using var maker = Maker(set);
        var samples = Located.Find(set, _folder["data"], moving: false);
        var maps = await RunAsync(set, maker, "report-" + conventions.Id);
        return new Evaluator(set, conventions, _media).Evaluate(samples, maps, maker, 1, TestContext.Current.CancellationToken);
    }

    private Task<IReadOnlyDictionary<int, SampleMaps>> RunAsync(Benchmark set, IMapMaker maker, string folder = "out")
    {
        Directory.CreateDirectory(_folder[folder]);
        var samples = Located.Find(set, _folder["data"], moving: false);
        return Runner.RunAsync(samples, maker, _folder[folder], 1, "", new LogLines(), (_, _) => { }, TestContext.Current.CancellationToken);
    }

    private TwoStreamMaps Maker(Benchmark set)
    {
        if (!File.Exists(_package.ManifestPath))
        {
            _package.Write();
        }

        return (TwoStreamMaps)MapMakers.Open(_package.Folder, new LocalizerOptions(new LogLines()) { Device = "cpu" }, _media, set.Problems, 0, 1);
    }

    private Benchmark Scenes(int count, bool swap = false, Func<int, string, string>? box = null)
    {
        Directory.CreateDirectory(_folder["data"]);
        var entries = new List<string>();
        for (var i = 0; i < count; i++)
        {
            foreach (var (label, other) in new[] { ("dog", "cat"), ("cat", "dog") })
            {
                var name = $"dog_cat_{i}_{label}";
                File.WriteAllText(_folder[$"data/{name}.wav"], "");
                entries.Add($$"""{"image": "{{name}}.jpg", "audio": "dog_cat_{{i}}_{{(swap ? other : label)}}.wav", "gt_box": {{box?.Invoke(i, label) ?? "[0, 0, 112, 224]"}} }""");
            }

            File.WriteAllText(_folder[$"data/dog_cat_{i}.jpg"], $"picture {i}");
        }

        File.WriteAllText(_folder["data/synthetic_bbox.json"], $"[{string.Join(",", entries)}]");
        return BenchmarkReader.Read(_folder["data"]);
    }
}
