using System.Diagnostics;
using System.Text.Json;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;
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
    public async Task What_was_trained_runs_in_the_engine_and_training_goes_on_from_it()
    {
        await RunAsync([.. Small, "--epochs", "2", "--out", "models/first", "--licence", "MIT"]);
        var package = ModelPackage.Load(_folder["models/first"]);
        Assert.Equal(("compact", "MIT", 32), (package.Manifest.Method, package.Manifest.Licence, package.Manifest.ImageFrontEnd.Width));
        var run = await RunAsync(["run", "--source", "synthetic:duet", "--seconds", "2", "--model", "first", "--no-web", "--no-video", "--out", "run"]);
        Assert.Contains(package.Sha256[..12], File.ReadAllText(_folder["run/detections.jsonl"]), StringComparison.Ordinal);
        Assert.Equal(0, run.Code);

        // On-site: the same settings, a tenth of the rate; what the base knew is judged again, at full precision though it learns in bfloat16.
        var tuned = await RunAsync(
            ["train", "--from", "first", "--data", "synthetic:duet", "--freeze", "trunks", "--epochs", "1", "--out", "models/first", "--replace", "input.synthetic_pairs=64",
                "compute.bf16=true", "compute.channels_last=true"]);
        Assert.Contains("what first knew: pointing", tuned.Errors, StringComparison.Ordinal);
        Assert.NotEqual(package.Sha256, ModelPackage.Load(_folder["models/first"]).Sha256);
        Assert.Single(Directory.EnumerateDirectories(_folder["models"], "first.before-*"));
    }

    [Theory]
    [InlineData("needs --data", "train")]
    [InlineData("nowhere: no such folder", "train", "--data", "nowhere")]
    [InlineData("unknown; there are", "train", "--data", "synthetic", "--method", "magic")]
    [InlineData("no such preset; there are", "train", "--data", "synthetic", "--preset", "magic")]
    [InlineData("did you mean 'rate'", "train", "--data", "synthetic", "optimizer.rats=3")]
    [InlineData("cannot be mixed", "train", "--data", "synthetic", "--data", "elsewhere")]
    [InlineData("several things sound", "train", "--data", "synthetic:silence")]
    [InlineData("there is no run", "train", "--resume")]
    public async Task Wrong_use_is_said_in_one_line(string complaint, params string[] arguments)
    {
        using var process = Start(arguments);
        var outcome = await CommandLine.EndAsync(process);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(complaint, Assert.Single(outcome.Complaints.Take(1)), StringComparison.Ordinal);
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
