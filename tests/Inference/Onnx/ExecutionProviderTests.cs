using Microsoft.ML.OnnxRuntime;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Onnx;

/// <summary>Where networks compute: what was asked for, what is used, and why they differ.</summary>
public sealed class ExecutionProviderTests
{
    private static readonly string[] OnlyCpu = ["CPUExecutionProvider"];
    private static readonly string[] WithCuda = ["CUDAExecutionProvider", "CPUExecutionProvider"];
    private static readonly string[] WithBoth = ["CUDAExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider"];

    private readonly LogLines _log = new();

    [Fact]
    public void Asking_for_cuda_where_there_is_none_uses_the_cpu_and_says_why()
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "this ONNX Runtime has CUDA");

        var choice = ExecutionProvider.Choose("cuda", _log);

        Assert.Equal(("cuda", "cpu"), (choice.Requested, choice.Effective));
        Assert.Contains("built without it", choice.Why, StringComparison.Ordinal);
        Assert.Contains("NVIDIA driver", choice.Why, StringComparison.Ordinal);
        var (level, line) = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(choice.Why!, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Requiring_cuda_where_there_is_none_fails_in_one_line()
    {
        var e = Assert.Throws<InferenceException>(() => ExecutionProvider.Choose("cuda!", _log, OnlyCpu, Starts));

        Assert.Contains("cuda!", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Auto_on_a_machine_without_accelerators_says_what_is_missing_without_alarm()
    {
        var choice = ExecutionProvider.Choose("auto", _log, OnlyCpu, Starts);

        Assert.Equal("cpu", choice.Effective);
        Assert.Contains("no directml", choice.Why, StringComparison.Ordinal);
        Assert.Contains("no cuda", choice.Why, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Info, Assert.Single(_log.Lines).Level);
    }

    [Fact]
    public void Auto_takes_cuda_where_it_starts() =>
        Assert.Equal(new DeviceChoice("auto", "cuda", null), ExecutionProvider.Choose("auto", _log, WithCuda, Starts));

    [Fact]
    public void Auto_prefers_DirectML() =>
        Assert.Equal(new DeviceChoice("auto", "directml", null), ExecutionProvider.Choose("auto", _log, WithBoth, Starts));

    [Fact]
    public void A_device_that_is_built_in_but_does_not_start_tells_its_own_reason()
    {
        var choice = ExecutionProvider.Choose("cuda", _log, WithCuda, _ => "libcudnn.so.9: cannot open");

        Assert.Equal("cpu", choice.Effective);
        Assert.Contains("libcudnn.so.9", choice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_the_cpu_needs_no_reason()
    {
        Assert.Equal(new DeviceChoice("cpu", "cpu", null), ExecutionProvider.Choose("cpu", _log));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("auto!")]
    [InlineData("")]
    public void An_unknown_device_lists_those_that_there_are(string name)
    {
        var e = Assert.Throws<InferenceException>(() => ExecutionProvider.Choose(name, _log));
        Assert.Contains("auto, cpu, directml, cuda", e.Message, StringComparison.Ordinal);
    }

    private static string? Starts(Provider provider) => null;
}
