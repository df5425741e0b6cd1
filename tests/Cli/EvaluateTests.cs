using System.Text.Json;
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
        Assert.Contains("can be chance", compared.Output, StringComparison.Ordinal);
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
