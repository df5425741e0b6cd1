using System.Text.Json;
using RealtimeSsl.Cli.Benching;
using RealtimeSsl.Cli.Benching.Against;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The verb <c>bench</c>: every stage has its line, the report obeys its schema, what cannot be measured is refused. No test of speed.</summary>
public sealed class BenchTests : IDisposable
{
    private const int Limit = 120_000;
    private static readonly string[] Small = ["--runs", "3", "--size", "320x180", "--threads", "1"];
    private readonly TinyPackage _tiny = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _tiny.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task Every_stage_of_a_package_and_of_the_pipeline()
    {
        _tiny.Write();
        var outcome = await CommandLine.RunAsync(["bench", "--model", _tiny.Folder, "--model", "synchrony", .. Small, "--json", _folder["bench.json"]]);

        Assert.Equal((0, ""), (outcome.Code, outcome.Errors));
        string[] wanted =
        [
            "image front end, 320x180 to 32x24", "image trunk (fp32)", "audio columns", "audio window", "audio trunk (fp32)", "head: sound", "head: map, 6x8", "verdict",
            "new picture, sound reused", "whole pair: new picture, new sound", "localizer, in a run of the engine",
            "detector, ", "tracker, ", "overlay", "frame message (JSON)", "live page: JPEG and message",
        ];
        Assert.All(wanted, stage => Assert.Contains("\n  " + stage, outcome.Output, StringComparison.Ordinal));
        Assert.Contains("Reusing a sound's embedding saves ", outcome.Output, StringComparison.Ordinal);

        using var report = await ReportAsync();
        var model = report.RootElement.GetProperty("models")[0];
        var stages = model.GetProperty("stages").EnumerateArray().ToList();
        Assert.Equal("fp32", model.GetProperty("image_precision").GetString());
        Assert.Equal(10, stages.Count);
        Assert.All(stages, s => Assert.Equal(3, s.GetProperty("ms").GetProperty("runs").GetInt32()));
        Assert.All(stages, s => Assert.InRange(s.GetProperty("ms").GetProperty("p50").GetDouble(), 0, s.GetProperty("ms").GetProperty("p95").GetDouble()));
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_of_one_network_as_a_whole()
    {
        _tiny.WriteJoint();
        var outcome = await CommandLine.RunAsync(["bench", "stages", "--model", _tiny.Folder, .. Small]);

        Assert.Equal(0, outcome.Code);
        Assert.Contains("\n  whole pair: new picture, new sound", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("reused", outcome.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task An_evaluation_of_a_set_as_large_as_is_asked_for()
    {
        _tiny.Write();
        var outcome = await CommandLine.RunAsync("bench", "evaluation", "--model", _tiny.Folder, "--pictures", "6", "--runs", "1", "--threads", "1", "--json", _folder["bench.json"]);

        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("6 pictures x 2 sounds", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("12 of 12 samples, round-0", outcome.Errors, StringComparison.Ordinal);
        Assert.Empty(JsonSchema.Load("bench.json").Check(await File.ReadAllBytesAsync(_folder["bench.json"], TestContext.Current.CancellationToken)));
    }

    [Theory(Timeout = Limit)]
    [InlineData("model 'no-such-model': unknown", "--model", "no-such-model")]
    [InlineData("bench 'fast': unknown; there are stages", "fast")]
    [InlineData("--against tensorflow: unknown; there is pytorch", "--against", "tensorflow")]
    [InlineData("--runs 0: must be 1 to", "--runs", "0")]
    [InlineData("--threads -1: must be 1 to 256", "--threads", "-1")]
    [InlineData("--size 8x8: must be WIDTHxHEIGHT", "--size", "8x8")]
    [InlineData("add --against pytorch", "--checkpoint", "a.pth")]
    [InlineData("--pictures 5: must be 6 to 100000", "evaluation", "--pictures", "5")]
    [InlineData("--pictures is for one bench", "--pictures", "60")]
    [InlineData("needs one package: --model NAME", "evaluation")]
    [InlineData("--json no-such-folder/a.json: a folder, or in a folder", "--json", "no-such-folder/a.json")]
    [InlineData("'synchrony' has no two trunks", "--against", "pytorch", "--checkpoint", "a.pth", "--model", "synchrony")]
    [InlineData("needs --checkpoint FILE", "--against", "pytorch", "--model", "synchrony")]
    [InlineData("cannot start no-such-python", "--against", "pytorch", "--python", "no-such-python")]
    public async Task What_cannot_be_measured(string reason, params string[] arguments)
    {
        var outcome = await CommandLine.RunAsync(["bench", .. arguments]);

        Assert.Equal(2, outcome.Code);
        Assert.Contains(reason, string.Join('\n', outcome.Complaints), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task PyTorch_that_is_not_installed_is_named_with_its_package()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell script stands in for Python");

        // An interpreter that sees nothing but its own library.
        await File.WriteAllTextAsync(_folder["bare"], "#!/bin/sh\nexec python3 -I -S \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder["bare"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var outcome = await CommandLine.RunAsync("bench", "--against", "pytorch", "--python", _folder["bare"]);

        Assert.Equal(2, outcome.Code);
        Assert.Contains("has no PyTorch", outcome.Complaints[0], StringComparison.Ordinal);
        Assert.Contains("apt-get install python3-torch", outcome.Complaints[0], StringComparison.Ordinal);
    }

    [Fact(Timeout = 2 * Limit)]
    public async Task PyTorch_runs_the_same_network_beside_ours()
    {
        Assert.SkipUnless(HasPyTorch(), "needs python3-torch");
        var outcome = await CommandLine.RunAsync("bench", "--against", "pytorch", "--runs", "1", "--size", "320x180", "--json", _folder["bench.json"]);

        Assert.Equal((0, ""), (outcome.Code, outcome.Errors));
        using var report = await ReportAsync();
        var model = report.RootElement.GetProperty("against").GetProperty("models")[0];
        Assert.Equal("fp32", model.GetProperty("precision").GetString());
        Assert.All((string[])["image", "audio", "map"], output => Assert.InRange(model.GetProperty(output).GetProperty("difference").GetDouble(), 0, Agreement.Same));
        Assert.Equal(
            ["image trunk", "audio trunk", "whole pair", "sound reused, against their whole pair"],
            model.GetProperty("contests").EnumerateArray().Select(c => c.GetProperty("what").GetString()));
    }

    [Fact]
    public void A_ratio_and_its_interval()
    {
        double[] ours = [1.0, 1.1, 0.9, 1.0, 1.0, 1.05, 0.95, 1.0];

        // A disturbance that meets both sides of a block does not change how they compare.
        double[] theirs = [.. ours.Select(ms => 3 * ms)];
        (theirs[2], ours[2]) = (30, 10);
        var steady = Ratio.Of(theirs, ours);
        var noisy = Ratio.Of([3, 9, 1, 3, 27, 3, 1, 3], ours);

        Assert.Equal(3, steady.Value, 2);
        Assert.InRange(steady.Low, 2.8, 3);
        Assert.InRange(steady.High, 3, 3.2);
        Assert.True(noisy.High - noisy.Low > steady.High - steady.Low);
    }

    [Fact]
    public void Percentiles_lie_between_neighbours()
    {
        var timing = Timing.Of([4, 1, 3, 2]);
        Assert.Equal((4, 2.5, 3.85, 1.0), (timing.Runs, timing.P50, timing.P95, timing.Best));
    }

    [Fact]
    public void A_networks_precision_is_that_of_its_weights()
    {
        Assert.Equal("fp32", NetworkPrecision.Of(TinyPackage.Files["image.onnx"]));

        var model = ModelProto.Parser.ParseFrom(TinyPackage.Files["image.onnx"]);
        model.Graph.Initializer.First(t => t.Dims.Count > 1).DataType = 10;
        Assert.Equal("fp16", NetworkPrecision.Of(Google.Protobuf.MessageExtensions.ToByteArray(model)));
        model.Graph.Initializer.Last(t => t.Dims.Count > 1).DataType = 3;
        Assert.Equal("int8", NetworkPrecision.Of(Google.Protobuf.MessageExtensions.ToByteArray(model)));
    }

    private static bool HasPyTorch() => File.Exists("/usr/bin/python3") && Directory.Exists("/usr/lib/python3/dist-packages/torch");

    /// <summary>The report, which obeys its schema.</summary>
    private async Task<JsonDocument> ReportAsync()
    {
        var json = await File.ReadAllBytesAsync(_folder["bench.json"], TestContext.Current.CancellationToken);
        Assert.Empty(JsonSchema.Load("bench.json").Check(json));
        return JsonDocument.Parse(json);
    }
}
