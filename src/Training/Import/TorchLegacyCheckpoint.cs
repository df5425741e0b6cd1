using System.Globalization;
using System.Numerics;
using RealtimeSsl.Training.Import.Pickle;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// torch.save before PyTorch 1.6: five pickles, one after the other (magic number, protocol, machine, what was saved, keys of the storages),
/// then each storage's count (8 bytes) and numbers, in the order of the keys (torch/serialization.py, _legacy_load).
/// </summary>
internal static class TorchLegacyCheckpoint
{
    private const int Protocol = 1001;

    private static readonly BigInteger MagicNumber = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>How such a file begins: the magic number, pickled.</summary>
    public static ReadOnlySpan<byte> Magic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Reads the description, and where each storage lies; the numbers stay where they are.</summary>
    public static CheckpointContent Read(CheckpointFile file, MemoryBudget budget)
    {
        var reader = new ByteReader(file, new FileStretch(0, file.Length), "the pickle");
        var words = new PickleWords(reader, budget);
        var pickles = new PickleReader(reader, words, budget);
        if (pickles.Read() is not BigInteger magic || magic != MagicNumber || pickles.Read() is not (long)Protocol)
        {
            throw file.Refuse($"no file of torch.save of protocol {Protocol}");
        }

        if (pickles.Read() is PickleDict machine && machine["little_endian"] is false)
        {
            throw file.Refuse("its numbers are big-endian; save it again on a little-endian machine");
        }

        var root = pickles.Read();
        var keys = pickles.Read() as PickleList ?? throw file.Refuse("the list of its storages is missing: the file is damaged; download it again");
        var places = Places(file, reader, words.Storages, keys);
        return new CheckpointContent("legacy layout of torch.save", root, storage => places.TryGetValue(storage.Key, out var place)
            ? place
            : throw file.Refuse($"the numbers of storage '{storage.Key}' are missing: the file is damaged; download it again"));
    }

    private static Dictionary<string, FileStretch> Places(CheckpointFile file, ByteReader reader, List<TensorStorage> storages, PickleList keys)
    {
        var known = new Dictionary<string, TensorStorage>();
        foreach (var storage in storages)
        {
            if (known.TryAdd(storage.Key, storage))
            {
                continue;
            }

            if (known[storage.Key] is var other && (other.Count != storage.Count || other.Type != storage.Type))
            {
                throw file.Refuse($"storage '{storage.Key}' is {other.Count} {other.Type} and {storage.Count} {storage.Type}: the file is damaged");
            }
        }

        var places = new Dictionary<string, FileStretch>();
        foreach (var key in keys.Items)
        {
            if (key is not string name || !known.TryGetValue(name, out var storage))
            {
                throw file.Refuse($"numbers of a storage '{key as string}' that nothing uses: the file is damaged; download it again");
            }

            var count = reader.Number(8);
            if (count != (ulong)storage.Count)
            {
                throw file.Refuse($"storage '{name}' has {count} numbers, {storage.Count} are expected: the file is damaged; download it again");
            }

            // Numbers of at least one byte: what does not fit into the file does not fit into 63 bits either.
            var bytes = count > (ulong)file.Length ? ulong.MaxValue : count * (ulong)TensorTypes.Size(storage.Type);
            reader.Need(bytes);
            places[name] = new FileStretch(reader.Position, (long)bytes);
            reader.Skip(bytes);
        }

        return places;
    }
}
