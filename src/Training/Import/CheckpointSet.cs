using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// The weights of one network in one file or several: SSPL publishes its picture, sound and predictive coding networks one by one. No two files may have
/// a tensor of the same name, since which one counts would not be known.
/// </summary>
internal sealed class CheckpointSet : IDisposable
{
    private readonly Dictionary<string, CheckpointTensor> _tensors = [];
    private readonly Dictionary<CheckpointTensor, Checkpoint> _owners = new(ReferenceEqualityComparer.Instance);
    private readonly List<Checkpoint> _files = [];

    private CheckpointSet()
    {
    }

    /// <summary>The files.</summary>
    public IReadOnlyList<Checkpoint> Files => _files;

    /// <summary>Where they lie, for errors.</summary>
    public string Path => string.Join(", ", _files.Select(f => f.Path));

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors => _tensors;

    /// <summary>Opens them.</summary>
    /// <exception cref="ImportException">One is not there, damaged, dangerous or no checkpoint, or two have the same tensor.</exception>
    public static CheckpointSet Open(IReadOnlyList<string> paths)
    {
        var set = new CheckpointSet();
        try
        {
            foreach (var path in paths)
            {
                set.Add(Checkpoint.Open(path));
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 of the file; of several, that of their hashes one after the other.</summary>
    public string Sha256() => _files.Count == 1
        ? _files[0].Sha256()
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(_files.Select(f => f.Sha256())))));

    /// <inheritdoc cref="Checkpoint.Read"/>
    public void Read(CheckpointTensor tensor, Span<float> values) => _owners[tensor].Read(tensor, values);

    /// <summary>All of its tensors in one file of 32-bit floats, which needs no libtorch to write: counters fit into those, too.</summary>
    public byte[] ToSafetensors() => Safetensors.ToBytes([.. _tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new SafetensorsEntry(
        t.Key, "F32", [.. t.Value.Shape.Select(s => (long)s)], sizeof(float) * t.Value.Count, bytes => Read(t.Value, MemoryMarshal.Cast<byte, float>(bytes))))]);

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(f => f.Dispose());

    private void Add(Checkpoint file)
    {
        _files.Add(file);
        foreach (var (name, tensor) in file.Tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
            {
                // A counter of batches says nothing, and every part may have one.
                if (name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
                {
                    continue;
                }

                throw new ImportException(
                    $"{file.Path}: it has '{CheckpointFile.Printable(name)}', and so has {_owners[_tensors[name]].Path}: give each part of the network once");
            }

            _owners[tensor] = file;
        }
    }
}
