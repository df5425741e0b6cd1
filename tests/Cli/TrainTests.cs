using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Tests.Cli;

/// <summary><c>train</c> as a person uses it.</summary>
[Collection("libtorch")]
public sealed class TrainTests : IDisposable
{
    private static readonly string[] Small =
    [
        "train", "--data", "synthetic:duet", "--preset", "compact", "--threads", "1", "input.size=32", "input.columns=32", "input.synthetic_pairs=256", "--batch", "8",
        "validation.scenes=4", "compute.checkpoint_minutes=0", "compute.loaders=1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_was_killed_goes_on_to_the_same_weights()
    {
        await RunAsync([.. Small, "--epochs", "2", "--name", "whole"]);
        using (var process = Start([.. Small, "--epochs", "2", "--name", "killed"]))
        {
            // It writes a checkpoint after each of the 32 batches of an epoch; it is killed (SIGKILL) as soon as there is one.
            var patience = Stopwatch.StartNew();
            while (!process.HasExited && !(Run("killed") is { } run && File.Exists(run.Last)))
            {
                Assert.True(patience.Elapsed < TimeSpan.FromSeconds(120), "no checkpoint in two minutes");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.False(process.HasExited);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var state = State(Run("killed")!);
        Assert.Equal(0, state.Epoch);
        Assert.InRange(state.Batch, 1, 31);
        Assert.False(File.Exists(Run("killed")!.Final));
        var resumed = await RunAsync(["train", "--resume", Run("killed")!.Path]);
        Assert.Contains($"goes on in epoch 1 after batch {state.Batch}", resumed.Errors, StringComparison.Ordinal);
        Assert.Equal(64, State(Run("killed")!).Step);
        Assert.Equal(File.ReadAllBytes(Run("whole")!.Final), File.ReadAllBytes(Run("killed")!.Final));
    }

    [Fact]
    public async Task What_was_trained_runs_in_the_engine_which_takes_over_what_is_trained_beside_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        await RunAsync([.. Small, "--epochs", "2", "--out", "models/first", "--licence", "MIT"]);
        var package = ModelPackage.Load(_folder["models/first"]);
        Assert.Equal(("compact", "MIT", 32), (package.Manifest.Method, package.Manifest.Licence, package.Manifest.ImageFrontEnd.Width));
        using var engine = Start(["run", "--source", "synthetic:duet", "--model", "first", "--no-web", "--no-video", "--out", "run", "capture.width=320", "capture.height=180"]);
        var said = engine.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await SeenAsync(package.Sha256);

        // On-site: the same settings, a tenth of the rate; what the base knew is judged again, at full precision though it learns in bfloat16.
        var tuned = await RunAsync(
            ["train", "--from", "first", "--data", "synthetic:duet", "--freeze", "trunks", "--epochs", "1", "--out", "models/first", "--replace", "input.synthetic_pairs=64",
                "compute.bf16=true", "compute.channels_last=true"]);
        Assert.Contains("what first knew: pointing", tuned.Errors, StringComparison.Ordinal);
        var after = ModelPackage.Load(_folder["models/first"]);
        Assert.NotEqual(package.Sha256, after.Sha256);
        Assert.Single(Directory.EnumerateDirectories(_folder["models"], "first.before-*"));

        await SeenAsync(after.Sha256);
        using (var kill = Process.Start("kill", ["-INT", engine.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await engine.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(engine.ExitCode == 0, await said);

        // No frame is missing, each has one model, and the old one was never refused or left for another in between.
        var lines = (await File.ReadAllLinesAsync(_folder["run/detections.jsonl"], TestContext.Current.CancellationToken)).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(Enumerable.Range(0, lines.Count), lines.Select(l => (int)l["seq"]!));
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(_folder["run/summary.json"], TestContext.Current.CancellationToken))!;
        Assert.Equal([package.Sha256, after.Sha256], summary["models"]!.AsArray().Select(m => (string?)m!["model"]!["sha256"]));
        Assert.Equal((1, 0), ((int)summary["counters"]!["engine.model_switches"]!, (int?)summary["counters"]!["engine.model_refused"] ?? 0));
    }

    [Fact]
    public async Task A_checkpoint_that_was_imported_with_its_weights_can_be_trained_further_by_its_name()
    {
        using (var generator = TorchSharp.torch.manual_seed(1))
        using (var method = TrainingMethods.ById("mobile"))
        {
            await File.WriteAllBytesAsync(_folder["published.safetensors"], WeightFile.ToBytes(method.Network.state_dict()), TestContext.Current.CancellationToken);
        }

        await RunAsync(["import", "published.safetensors", "--method", "mobile", "--out", "models/base", "--keep-weights"]);
        string[] few = ["--data", "synthetic:duet", "--epochs", "1", "--batch", "4", "--threads", "1", "input.size=64", "input.synthetic_pairs=8", "validation.scenes=2"];
        var tuned = await RunAsync(["train", "--from", "base", .. few, "--out", "models/tuned"]);
        Assert.Matches(@"base: \d+ tensors read\n", tuned.Errors);
        Assert.Contains("others trained it", tuned.Errors, StringComparison.Ordinal);
        var manifest = ModelPackage.Load(_folder["models/tuned"]).Manifest;
        Assert.Equal(("mobile", "sslalign"), (manifest.Method, manifest.AudioFrontEnd.Id));

        // Without its weights, a package is only for running; a checkpoint does not say its method; not everything that runs can be trained.
        await RunAsync(["import", "published.safetensors", "--method", "mobile", "--out", "models/bare"]);
        await RefusedAsync("--keep-weights", ["train", "--from", "bare", .. few]);
        await RefusedAsync("add --method", ["train", "--from", "published.safetensors", .. few]);
        await RefusedAsync("resnet18: cannot be trained here", ["import", "published.safetensors", "--method", "resnet18", "--out", "models/x", "--keep-weights"]);
    }

    [Theory]
    [InlineData("needs --data", "train")]
    [InlineData("nowhere: no such folder", "train", "--data", "nowhere")]
    [InlineData("unknown; there are", "train", "--data", "synthetic", "--method", "magic")]
    [InlineData("no such preset; there are", "train", "--data", "synthetic", "--preset", "magic")]
    [InlineData("did you mean 'rate'", "train", "--data", "synthetic", "optimizer.rats=3")]
    [InlineData("cannot be mixed", "train", "--data", "synthetic", "--data", "elsewhere")]
    [InlineData("input.size 112: the networks of heartheflow know pictures of 224 x 224 only", "train", "--data", "synthetic", "--method", "heartheflow", "input.size=112")]
    [InlineData("input.audio ezvsl: sspl hears sspl only", "train", "--data", "synthetic", "--method", "sspl", "input.audio=ezvsl")]
    [InlineData("several things sound", "train", "--data", "synthetic:silence")]
    [InlineData("there is no run", "train", "--resume")]
    public Task Wrong_use_is_said_in_one_line(string complaint, params string[] arguments) => RefusedAsync(complaint, arguments);

    private async Task RefusedAsync(string complaint, string[] arguments)
    {
        using var process = Start(arguments);
        var outcome = await CommandLine.EndAsync(process);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(complaint, Assert.Single(outcome.Complaints.Take(1)), StringComparison.Ordinal);
    }

    /// <summary>Until the engine says that this model answers.</summary>
    private async Task SeenAsync(string sha256)
    {
        var path = _folder["run/detections.jsonl"];
        for (var patience = Stopwatch.StartNew(); ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            if (File.Exists(path))
            {
                using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                if ((await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Contains(sha256, StringComparison.Ordinal))
                {
                    return;
                }
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), $"{sha256[..12]} is not seen in a minute");
        }
    }

    private static TrainState State(TrainFolder run)
    {
        using var reader = new BinaryReader(File.OpenRead(run.Last));
        reader.ReadString();
        return JsonSerializer.Deserialize<TrainState>(reader.ReadString())!;
    }

    private TrainFolder? Run(string name) =>
        Directory.Exists(_folder["runs/train"]) && Directory.EnumerateDirectories(_folder["runs/train"], $"*-{name}").SingleOrDefault() is { } path ? new TrainFolder(path) : null;

    private async Task<Outcome> RunAsync(string[] arguments)
    {
        using var process = Start(arguments);
        var outcome = await CommandLine.EndAsync(process);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return outcome;
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "realtimessl.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OPENCV_LOG_LEVEL"] = "ERROR";
        start.Environment["GOMP_SPINCOUNT"] = "0";
        return Process.Start(start)!;
    }
}
