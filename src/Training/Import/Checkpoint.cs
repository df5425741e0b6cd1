using RealtimeSsl.Training.Import.Pickle;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// A file of trained weights, in any of the layouts in use: torch.save's zip and legacy layouts, safetensors. Reads descriptions at once and numbers
/// when asked, so that it costs less memory than the file is long. Nothing in a file is run; what is not a checkpoint is refused with the reason.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly CheckpointFile _file;
    private readonly CheckpointContent _content;

    private Checkpoint(CheckpointFile file)
    {
        _file = file;
        _content = Open(file);
        (Container, Tensors) = StateDict.Find(_content.Root, file);
        Facts = StateDict.Facts(_content.Root);
    }

    /// <summary>Where it lies.</summary>
    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long Length => _file.Length;

    /// <summary>Name of its layout, for people.</summary>
    public string Layout => _content.Layout;

    /// <summary>Key under which the weights were; null if the file is nothing but weights.</summary>
    public string? Container { get; }

    /// <summary>The network's tensors by name, wrappers' prefixes (<c>module.</c>, <c>model.</c>) taken off.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>What the file says of its training: epoch, best score.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; }

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImportException">It is not there, damaged, dangerous, or no checkpoint.</exception>
    public static Checkpoint Open(string path)
    {
        var file = new CheckpointFile(path);
        try
        {
            return new Checkpoint(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 of the file, in hex.</summary>
    public string Sha256() => _file.Sha256();

    /// <summary>Reads a tensor's numbers, row by row, as 32-bit floats.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="values">As many as <see cref="CheckpointTensor.Count"/>.</param>
    /// <exception cref="ImportException">They are missing or damaged.</exception>
    public void Read(CheckpointTensor tensor, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, tensor.Count);
        if (values.IsEmpty)
        {
            return;
        }

        var place = _content.Locate(tensor.Storage);
        var size = TensorTypes.Size(tensor.Type);
        if (place.Length / size < tensor.Storage.Count)
        {
            throw _file.Refuse($"storage '{tensor.Storage.Key}' has {place.Length} bytes, too few for its {tensor.Storage.Count} numbers: the file is damaged");
        }

        var first = place.Offset + (tensor.Storage.View.First + tensor.Offset) * size;
        if (tensor.IsContiguous)
        {
            ReadRows(tensor.Type, first, values);
        }
        else
        {
            // A transposed matrix and the like: all that lies between its first and last number, which is no more than its storage.
            var all = new byte[tensor.Span * size];
            _file.Read(first, all);
            Gather(tensor, all, values);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static CheckpointContent Open(CheckpointFile file)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(512, file.Length)];
        file.Read(0, start);
        var budget = new MemoryBudget(file);
        return start switch
        {
            _ when start.StartsWith(TorchZipCheckpoint.Magic) => TorchZipCheckpoint.Read(file, budget),
            _ when start.StartsWith(TorchLegacyCheckpoint.Magic) => TorchLegacyCheckpoint.Read(file, budget),
            _ when Safetensors.Begins(start, file.Length) => Safetensors.Read(file, budget),
            _ => throw file.Refuse(WhatItIs(start)),
        };
    }

    private static string WhatItIs(ReadOnlySpan<byte> start) => start switch
    {
        [] => "it is empty: download it again",
        [(byte)'<', ..] => "a web page: the download's warning page was saved instead of the file; open the link in a browser and confirm",
        [0x1f, 0x8b, ..] => "compressed with gzip: unpack it first",
        [0x80, ..] => "a plain pickle, not of torch.save; in PyTorch: torch.save(weights, NEW)",
        [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "HDF5 (Keras); only PyTorch's checkpoints and safetensors are read",
        _ when start.Length > 262 && start[257..].StartsWith("ustar"u8) =>
            "a tar archive: torch.save's layout before PyTorch 0.1.10, or a packed folder; unpack it, or in PyTorch: torch.save(torch.load(FILE), NEW)",
        _ => "no checkpoint: neither torch.save's zip or legacy layout nor safetensors; was it cut off, or is it of another program?",
    };

    private void ReadRows(TensorType type, long offset, Span<float> values)
    {
        const int chunk = 1 << 14;
        var size = TensorTypes.Size(type);
        var buffer = new byte[Math.Min(chunk, values.Length) * size];
        while (!values.IsEmpty)
        {
            var count = Math.Min(chunk, values.Length);
            var bytes = buffer.AsSpan(0, count * size);
            _file.Read(offset, bytes);
            TensorTypes.ToFloats(type, bytes, values[..count]);
            values = values[count..];
            offset += bytes.Length;
        }
    }

    private static void Gather(CheckpointTensor tensor, ReadOnlySpan<byte> all, Span<float> values)
    {
        var size = TensorTypes.Size(tensor.Type);
        Span<int> index = stackalloc int[tensor.Shape.Count];
        index.Clear();
        var at = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            TensorTypes.ToFloats(tensor.Type, all.Slice((int)(at * size), size), values.Slice(i, 1));

            // One step in row-major order: the last index first, what is full starts over.
            for (var d = index.Length - 1; d >= 0; d--)
            {
                at += tensor.Strides[d];
                if (++index[d] < tensor.Shape[d])
                {
                    break;
                }

                at -= tensor.Strides[d] * tensor.Shape[d];
                index[d] = 0;
            }
        }
    }
}
