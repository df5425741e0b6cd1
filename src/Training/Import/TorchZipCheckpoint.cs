using RealtimeSsl.Training.Import.Pickle;

namespace RealtimeSsl.Training.Import;

/// <summary>
/// torch.save since PyTorch 1.6: a zip archive with <c>NAME/data.pkl</c> and one file <c>NAME/data/KEY</c> for each storage
/// (torch/serialization.py, caffe2/serialize/inline_container.cc).
/// </summary>
internal static class TorchZipCheckpoint
{
    private const string PickleName = "/data.pkl";

    /// <summary>How such a file begins.</summary>
    public static ReadOnlySpan<byte> Magic => "PK\x03\x04"u8;

    /// <summary>Reads the description; the numbers stay where they are.</summary>
    public static CheckpointContent Read(CheckpointFile file, MemoryBudget budget)
    {
        var entries = ZipDirectory.Read(file, budget);
        var pickles = entries.Values.Where(e => e.Name.EndsWith(PickleName, StringComparison.Ordinal) && e.Name.Count(c => c == '/') == 1).ToList();
        if (pickles is not [var pickle])
        {
            throw file.Refuse($"a zip archive with {pickles.Count} files */data.pkl, where torch.save writes one: unpack it and import the file inside");
        }

        var folder = pickle.Name[..^PickleName.Length];
        if (entries.ContainsKey($"{folder}/constants.pkl"))
        {
            throw file.Refuse("TorchScript: a whole program, not its weights; in PyTorch: torch.save(torch.jit.load(FILE).state_dict(), NEW)");
        }

        CheckOrder();
        Check(pickle);
        var reader = new ByteReader(file, pickle.Content, pickle.Name);
        var root = new PickleReader(reader, new PickleWords(reader, budget), budget).Read();
        var good = new HashSet<string>();
        return new CheckpointContent("zip layout of torch.save", root, Locate);

        FileStretch Locate(TensorStorage storage)
        {
            var name = $"{folder}/data/{storage.Key}";
            if (!entries.TryGetValue(name, out var entry))
            {
                throw file.Refuse($"the numbers of storage '{storage.Key}' are missing: there is no '{name}' in it");
            }

            if (good.Add(name))
            {
                Check(entry);
            }

            return entry.Content;
        }

        void Check(ZipEntry entry)
        {
            if (Crc32.Of(file, entry.Content) is var crc && crc != entry.Crc)
            {
                throw file.Refuse($"'{entry.Name}' has the CRC-32 {crc:x8}, its directory says {entry.Crc:x8}: the file is damaged; download it again");
            }
        }

        void CheckOrder()
        {
            if (entries.TryGetValue($"{folder}/byteorder", out var order) && order.Content.Length < 16)
            {
                var text = System.Text.Encoding.ASCII.GetString(new ByteReader(file, order.Content, order.Name).Bytes((ulong)order.Content.Length));
                if (text != "little")
                {
                    throw file.Refuse($"its numbers are '{text}'-endian; save it again on a little-endian machine");
                }
            }
        }
    }
}
