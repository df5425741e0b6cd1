using Microsoft.ML.OnnxRuntime;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>What an input of a network must look like.</summary>
/// <param name="What">In words, for errors: "the image".</param>
/// <param name="Shape">Sizes, batch of 1 first.</param>
public sealed record TrunkInput(string What, int[] Shape)
{
    /// <summary>Number of values.</summary>
    public int Count => Shape.Aggregate(1, (n, d) => n * d);
}

/// <summary>
/// One network in one session, with its inputs and outputs in memory that is allocated once: write into <see cref="Input"/>,
/// <see cref="Run"/>, read <see cref="Output"/>. Running allocates nothing. Not thread-safe: one trunk belongs to one localizer.
/// </summary>
public sealed class OnnxTrunk : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly string[] _names;
    private readonly float[][] _inputs;
    private readonly OrtValue[] _inputValues;
    private readonly float[][] _outputs;
    private readonly OrtValue[] _outputValues;
    private readonly bool _copies;

    /// <summary>
    /// Loads a network and runs it once on zeros, so that everything that can fail fails here, and the first frame is no slower than the
    /// next.
    /// </summary>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="model">Its content.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="threads">Threads within an operator; 0: one per core.</param>
    /// <param name="inputs">What the package feeds it, in the order of the network's inputs.</param>
    /// <exception cref="InferenceException">It is no ONNX model, or takes other inputs.</exception>
    public OnnxTrunk(string file, byte[] model, DeviceChoice device, int threads, params TrunkInput[] inputs)
    {
        try
        {
            using var options = ExecutionProvider.Options(device, threads);
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InferenceException(
                $"{file}: ONNX Runtime cannot load it ({ExecutionProvider.OneLine(e.Message)}); export it again", e);
        }

        try
        {
            CheckInputs(file, inputs);
            _names = [.. _session.InputNames];
            _inputs = [.. inputs.Select(i => GC.AllocateArray<float>(i.Count, pinned: true))];
            _inputValues = [.. inputs.Select((input, i) => Over(_inputs[i], Array.ConvertAll(input.Shape, d => (long)d)))];
            using (var first = _session.Run(_run, _names, _inputValues, _session.OutputNames))
            {
                OutputShapes = [.. first.Select((value, i) => FloatShape(file, _session.OutputNames[i], value))];
            }

            _outputs = [.. OutputShapes.Select(s => GC.AllocateArray<float>((int)s.Aggregate(1L, (n, d) => n * d), pinned: true))];
            _outputValues = [.. OutputShapes.Select((shape, i) => Over(_outputs[i], shape))];
            _binding = _session.CreateIoBinding();
            _copies = device.Effective != Providers.Cpu;
            Bind();
        }
        catch (Exception e)
        {
            Dispose();
            if (e is OnnxRuntimeException)
            {
                throw new InferenceException($"{file}: it does not run ({ExecutionProvider.OneLine(e.Message)})", e);
            }

            throw;
        }
    }

    /// <summary>Shapes of the outputs, as the network gives them for the package's inputs.</summary>
    public IReadOnlyList<long[]> OutputShapes { get; } = [];

    /// <summary>The values of an input, row-major; they stay until they are overwritten.</summary>
    public Span<float> Input(int index = 0) => _inputs[index];

    /// <summary>The values of an output after <see cref="Run"/>, row-major.</summary>
    public ReadOnlySpan<float> Output(int index = 0) => _outputs[index];

    /// <summary>Computes the outputs from the inputs.</summary>
    public void Run()
    {
        if (_copies)
        {
            // A device's copy of an input is made when it is bound, not when the session runs.
            BindInputs();
        }

        _session.RunWithBinding(_run, _binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding?.Dispose();
        foreach (var value in (_inputValues ?? []).Concat(_outputValues ?? []))
        {
            value.Dispose();
        }

        _run.Dispose();
        _session.Dispose();
    }

    private static OrtValue Over(float[] memory, long[] shape) => OrtValue.CreateTensorValueFromMemory(memory, shape);

    private void Bind()
    {
        BindInputs();
        for (var i = 0; i < _outputValues.Length; i++)
        {
            _binding.BindOutput(_session.OutputNames[i], _outputValues[i]);
        }
    }

    private void BindInputs()
    {
        for (var i = 0; i < _inputValues.Length; i++)
        {
            _binding.BindInput(_names[i], _inputValues[i]);
        }
    }

    private void CheckInputs(string file, TrunkInput[] expected)
    {
        if (_session.InputNames.Count != expected.Length)
        {
            throw new InferenceException(
                $"{file}: it takes {_session.InputNames.Count} inputs ({string.Join(", ", _session.InputNames)}), "
                + $"the package feeds {expected.Length}");
        }

        for (var i = 0; i < expected.Length; i++)
        {
            var name = _session.InputNames[i];
            var metadata = _session.InputMetadata[name];
            var shape = metadata.Dimensions;
            if (metadata.ElementType != typeof(float))
            {
                throw new InferenceException(
                    $"{file}: input '{name}' is of {metadata.ElementType.Name}, expected Single; keep inputs and outputs in float32");
            }

            // -1: the network leaves the size open.
            if (shape.Length != expected[i].Shape.Length || shape.Zip(expected[i].Shape).Any(s => s.First >= 0 && s.First != s.Second))
            {
                throw new InferenceException(
                    $"{file}: input '{name}' has the shape [{string.Join(",", shape)}], "
                    + $"{expected[i].What} is [{string.Join(",", expected[i].Shape)}]: "
                    + "the front end in model.json and the network do not belong together");
            }
        }
    }

    private static long[] FloatShape(string file, string name, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return info.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float
            ? info.Shape
            : throw new InferenceException(
                $"{file}: output '{name}' is of {info.ElementDataType}, expected Float; keep inputs and outputs in float32");
    }
}
