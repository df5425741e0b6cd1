using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>What is edited while the program runs: the configuration, and the package of the running model.</summary>
public sealed class ReloadTests : IDisposable
{
    private const int Limit = 180_000;
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _tiny = new();

    private string Config => _folder["my.yaml"];

    public void Dispose()
    {
        _folder.Dispose();
        _tiny.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task An_edited_configuration_and_a_package_made_anew_take_effect_without_a_restart()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        var first = _tiny.Write().Sha256;
        Edit("synchrony");
        using var process = CommandLine.Start(
            "run", "--source", "synthetic:drum", "--config", Config, "--no-web", "--no-video", "--out", _folder["run"], "capture.width=320", "capture.height=180");
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await SeenAsync(m => (string?)m["name"] == "synchrony");

        Edit("tiny");
        await SeenAsync(m => (string?)m["sha256"] == first);

        // Broken: said, and nothing changes. Limits: at once. What cannot be: said.
        await File.WriteAllTextAsync(Config, $"model: tiny\ntracker:\n  coast_second: 1\n{Models}", TestContext.Current.CancellationToken);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Edit("tiny", "detector:\n  max_sources: 3\nengine:\n  patience_ms: 80\n");
        await Task.Delay(1500, TestContext.Current.CancellationToken);

        // As an export or a training does: the same name, other weights.
        var second = _tiny.Write(m => m with { Version = "2" }).Sha256;
        await SeenAsync(m => (string?)m["sha256"] == second);

        // A package that is damaged is refused; the one that runs goes on.
        await File.WriteAllTextAsync(Path.Combine(_tiny.Folder, "image.onnx"), "no network", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(_tiny.ManifestPath, "\n", TestContext.Current.CancellationToken);
        await Task.Delay(1500, TestContext.Current.CancellationToken);

        Edit("synchrony");
        await SeenAsync(m => (string?)m["name"] == "synchrony", after: second);
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await errors;
        Assert.True(process.ExitCode == 0, said);
        Assert.Contains("my.yaml:3: tracker.coast_second: unknown key 'coast_second'; did you mean 'coast_seconds'?; the settings stay as they are", said, StringComparison.Ordinal);
        Assert.Contains("in effect: detector.max_sources 3", said, StringComparison.Ordinal);
        Assert.Contains("engine.patience_ms: 80 needs a restart; until then it stays 60", said, StringComparison.Ordinal);
        Assert.Contains("the package of tiny has changed", said, StringComparison.Ordinal);
        Assert.Contains("image.onnx: SHA-256 is", said, StringComparison.Ordinal);
        Assert.Contains("tiny runs on", said, StringComparison.Ordinal);

        // Every frame in order, and the summary says which model made which.
        var lines = (await File.ReadAllLinesAsync(_folder["run/detections.jsonl"], TestContext.Current.CancellationToken)).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(Enumerable.Range(0, lines.Count), lines.Select(l => (int)l["seq"]!));
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(_folder["run/summary.json"], TestContext.Current.CancellationToken))!;
        var models = summary["models"]!.AsArray();
        Assert.Equal([null, first, second, null], models.Select(m => (string?)m!["model"]!["sha256"]));
        Assert.All(models, m => Assert.Equal((string?)m!["model"]!["sha256"], (string?)lines[(int)m["from_seq"]!]["model"]!["sha256"]));
        Assert.Equal("synchrony", (string?)summary["model"]!["name"]);
        Assert.Equal((1, 3), ((int)summary["counters"]!["config.refused"]!, (int)summary["counters"]!["engine.model_switches"]!));
    }

    [Fact(Timeout = Limit)]
    public async Task A_run_whose_output_cannot_start_leaves_no_folder()
    {
        var run = await CommandLine.RunAsync(
            "run", "--source", "synthetic:drum", "--no-web", "--seconds", "1", "--out", _folder["run"], "recording.ffmpeg=/nowhere/ffmpeg");
        Assert.Equal(2, run.Code);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private string Models => $"inference:\n  models: {_tiny.ModelsFolder}\n";

    private void Edit(string model, string more = "") => File.WriteAllText(Config, $"model: {model}\n{Models}{more}");

    /// <summary>Until a message says so, after the last one of another model if need be.</summary>
    private async Task SeenAsync(Func<JsonNode, bool> wanted, string? after = null)
    {
        var path = _folder["run/detections.jsonl"];
        while (true)
        {
            if (File.Exists(path))
            {
                var models = Lines(path).Select(l => JsonNode.Parse(l)!["model"]!).ToList();
                var from = after is null ? 0 : models.FindLastIndex(m => (string?)m["sha256"] == after);
                if (from >= 0 && models.Skip(from).Any(wanted))
                {
                    return;
                }
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static List<string> Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
