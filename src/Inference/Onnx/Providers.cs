using Microsoft.ML.OnnxRuntime;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>One accelerator that ONNX Runtime may have been built with.</summary>
/// <param name="Name">Name in configuration and messages.</param>
/// <param name="OrtName">ONNX Runtime's own name for it.</param>
/// <param name="HowToGet">The way out when it is absent.</param>
/// <param name="Append">Adds it to a session's options; throws when its native parts are absent.</param>
internal sealed record Provider(string Name, string OrtName, string HowToGet, Action<SessionOptions> Append);

/// <summary>
/// The accelerators we know, in the order in which <c>auto</c> tries them. The managed API names all of them on every system; which ones
/// the native library has is asked at run time, so that one build serves all.
/// </summary>
internal static class Providers
{
    /// <summary>What runs everywhere.</summary>
    public const string Cpu = "cpu";

    /// <summary>Anything but the CPU.</summary>
    public static readonly IReadOnlyList<Provider> Accelerators =
    [
        new("directml", "DmlExecutionProvider", "it needs Windows 10 or later and the package Microsoft.ML.OnnxRuntime.DirectML", options =>
        {
            // DirectML plans its own memory: https://onnxruntime.ai/docs/execution-providers/DirectML-ExecutionProvider.html
            options.EnableMemoryPattern = false;
            options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
            options.AppendExecutionProvider_DML(0);
        }),
        new("cuda", "CUDAExecutionProvider", "it needs an NVIDIA driver, CUDA 12, cuDNN 9 and the package Microsoft.ML.OnnxRuntime.Gpu",
            options => options.AppendExecutionProvider_CUDA(0)),
    ];
}
