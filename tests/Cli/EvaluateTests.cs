using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The verb <c>evaluate</c> as a person uses it, rightly and wrongly.</summary>
public sealed class EvaluateTests : IDisposable
{
    private const int Limit = 180_000;
    private static readonly string Clips = Path.Combine(Repository.Root, "..", "shared", "media", "vggss");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Synchrony_on_clips_with_boxes()
    {
        Assert.SkipUnless(Directory.Exists(Clips), "no clips in ../shared/media/vggss");
        var outcome = await CommandLine.RunAsync("evaluate", "--data", Clips, "--model", "synchrony", "--out", _folder["report"], "--limit", "2");

        Assert.Equal((0, 0), (outcome.Code, outcome.Complaints.Length));
        Assert.Contains("2 of 2 samples", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("frame centre", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder["report/report.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["report/report.json"], TestContext.Current.CancellationToken));
        Assert.Equal(2, report.RootElement.GetProperty("samples").GetArrayLength());
        Assert.InRange(report.RootElement.GetProperty("systems")[0].GetProperty("ciou_adaptive").GetDouble(), 0, 1);

        var compared = await CommandLine.RunAsync("evaluate", "compare", _folder["report"], _folder["report/report.json"]);
        Assert.Equal(0, compared.Code);
        Assert.Contains("no difference", compared.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_calibration_decides_presence_in_the_next_run(bool joint)
    {
        using var tiny = new TinyPackage();
        var package = joint ? tiny.WriteJoint() : tiny.Write();
        Media.Run(
            "ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=3", "-f", "lavfi", "-i", "anoisesrc=d=3:a=0.3:seed=1", "-c:v", "mpeg4", "-c:a", "pcm_s16le", _folder["clip.mkv"]);
        var before = await PresencesAsync("before");
        var calibration = new Calibration { Slope = 3, Intercept = -1, Data = "made up", Own = 10, Foreign = 10, Roc = 0.9 };
        package.With(Calibration.FileName, calibration.ToBytes());
        var after = await PresencesAsync("after");

        // With its limit at half of its range, presence without a calibration is the score's place in the range.
        var (low, high) = (package.Manifest.ScoreRange.Low, package.Manifest.ScoreRange.High);
        var judged = before.Zip(after).Where(p => p.First is > 0 and < 1).ToArray();
        Assert.Equal(before.Length, after.Length);
        Assert.InRange(judged.Length, 5, before.Length);
        Assert.All(judged, p => Assert.Equal(calibration.Presence(low + p.First * (high - low)), p.Second, 2e-3));
        Assert.All(judged, p => Assert.NotEqual(p.First, p.Second));

        async Task<double[]> PresencesAsync(string run)
        {
            var outcome = await CommandLine.RunAsync(
                "run", "--source", _folder["clip.mkv"], "--model", tiny.Folder, "--device", "cpu", "--no-web", "--no-video", "--out", _folder[run]);
            Assert.True(outcome.Code == 0, outcome.Errors);
            return [.. (await File.ReadAllLinesAsync(_folder[run + "/detections.jsonl"], TestContext.Current.CancellationToken))
                .Select(l => (double)JsonNode.Parse(l)!["presence"]!)];
        }
    }

    [Fact(Timeout = Limit)]
    public Task No_data() => RefusedAsync("evaluate needs --data", "evaluate", "--model", "synchrony");

    [Fact(Timeout = Limit)]
    public Task A_folder_that_is_not_there() => RefusedAsync("no-such: no such folder", "evaluate", "--data", "no-such");

    [Fact(Timeout = Limit)]
    public Task A_folder_without_annotations() => RefusedAsync("no annotations found", "evaluate", "--data", _folder.Path);

    [Fact(Timeout = Limit)]
    public Task A_preset_that_is_unknown() => RefusedAsync("--preset lvt: unknown; there are standard", "evaluate", "--data", _folder.Path, "--preset", "lvt");

    [Fact(Timeout = Limit)]
    public Task A_range_of_things_that_makes_no_sense() =>
        RefusedAsync("--objects 4-2", "evaluate", "make-mosaic", "--data", _folder.Path, "--out", _folder["out"], "--objects", "4-2");

    [Fact(Timeout = Limit)]
    public Task A_report_that_is_not_there() => RefusedAsync("evaluate --out DIR writes one", "evaluate", "compare", _folder["a"], _folder["b"]);

    private static async Task RefusedAsync(string reason, params string[] arguments)
    {
        var outcome = await CommandLine.RunAsync(arguments);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(reason, string.Join('\n', outcome.Complaints), StringComparison.Ordinal);
    }
}
