using Microsoft.ML.OnnxRuntime;

namespace RealtimeSsl.Inference.Onnx.Precision;

/// <summary>
/// Lets ONNX Runtime tidy a network before its numbers are changed: constants folded, batch normalisations merged into convolutions, what does nothing left out. Only what is
/// true on every machine; the result has ONNX's own operators.
/// </summary>
public static class Simplifier
{
    /// <summary>Simplifies.</summary>
    /// <param name="file">Name of the network, for errors.</param>
    /// <param name="model">Its content.</param>
    /// <exception cref="InferenceException">ONNX Runtime cannot load it.</exception>
    public static byte[] Simplify(string file, byte[] model)
    {
        var path = Path.Combine(Path.GetTempPath(), $"realtimessl-{Guid.NewGuid():n}.onnx");
        try
        {
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                OptimizedModelFilePath = path,
            };
            new InferenceSession(model, options).Dispose();
            return File.ReadAllBytes(path);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InferenceException($"{file}: ONNX Runtime cannot load it ({ExecutionProvider.OneLine(e.Message)})", e);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
