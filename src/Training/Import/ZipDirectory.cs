using System.Text;

namespace RealtimeSsl.Training.Import;

/// <summary>A file within a zip archive, stored as it is.</summary>
/// <param name="Name">Path within the archive.</param>
/// <param name="Content">Where its bytes lie.</param>
/// <param name="Crc">CRC-32 of them.</param>
internal sealed record ZipEntry(string Name, FileStretch Content, uint Crc);

/// <summary>
/// Table of contents of a zip archive as torch.save writes it: entries stored, not compressed, 64-bit records allowed (APPNOTE.TXT 6.3, 4.3). Our own, since a
/// general reader unpacks what it is told to: here a compressed, overlapping, doubled or outward-pointing entry is refused before a byte of it is read,
/// so nothing can grow beyond the file's own length.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int LongestComment = 65535;
    private const uint Full = 0xFFFFFFFF;

    /// <summary>Reads the table.</summary>
    /// <exception cref="ImportException">It is damaged, or no archive of torch.save.</exception>
    public static IReadOnlyDictionary<string, ZipEntry> Read(CheckpointFile file, MemoryBudget budget)
    {
        var (count, directory) = FindDirectory(file);
        var reader = new ByteReader(file, directory, "the zip directory");
        var entries = new Dictionary<string, ZipEntry>();
        var taken = new List<(long From, long To, string Name)>();
        for (var i = 0L; i < count; i++)
        {
            var (entry, header) = ReadEntry(file, reader, directory.Offset);
            budget.Charge(300 + 2 * entry.Name.Length);
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw file.Refuse($"the entry '{entry.Name}' is in it twice: no file of torch.save");
            }

            taken.Add((header, entry.Content.Offset + entry.Content.Length, entry.Name));
        }

        taken.Sort();
        for (var i = 1; i < taken.Count; i++)
        {
            if (taken[i].From < taken[i - 1].To)
            {
                throw file.Refuse($"the entries '{taken[i - 1].Name}' and '{taken[i].Name}' overlap, as in a zip bomb: no file of torch.save");
            }
        }

        return entries;
    }

    private static (long Count, FileStretch Directory) FindDirectory(CheckpointFile file)
    {
        var length = (int)Math.Min(file.Length, EndLength + LongestComment);
        var tail = new byte[length];
        file.Read(file.Length - length, tail);
        for (var at = length - EndLength; at >= 0; at--)
        {
            // The comment's length must lead to the end: four bytes that look like a record may be anywhere.
            if (tail.AsSpan(at).StartsWith("PK\x05\x06"u8) && at + EndLength + Number(tail, at + 20, 2) == length)
            {
                return Directory(file, tail.AsSpan(at), file.Length - length + at);
            }
        }

        throw file.Refuse("a zip archive without its table of contents: it was cut off; download it again");
    }

    private static (long Count, FileStretch Directory) Directory(CheckpointFile file, ReadOnlySpan<byte> end, long endAt)
    {
        var (count, size, offset) = (Number(end, 10, 2), Number(end, 12, 4), Number(end, 16, 4));
        if (count == 0xFFFF || size == Full || offset == Full)
        {
            // The 64-bit record, by way of its locator just before.
            Span<byte> record = stackalloc byte[56];
            file.Read(endAt - 20, record[..20]);
            var at = record.StartsWith("PK\x06\x07"u8) ? Number(record, 8, 8) : -1;
            file.Read(at, record);
            if (!record.StartsWith("PK\x06\x06"u8))
            {
                throw file.Refuse("its 64-bit zip record is missing: the file is damaged; download it again");
            }

            (count, size, offset) = (Number(record, 32, 8), Number(record, 40, 8), Number(record, 48, 8));
        }

        return size >= 0 && offset >= 0 && count >= 0 && size <= endAt && offset <= endAt - size && count <= size / 46
            ? (count, new FileStretch(offset, size))
            : throw file.Refuse($"its zip directory of {count} entries is said to lie at {offset}, {size} bytes: the file is damaged; download it again");
    }

    private static (ZipEntry Entry, long Header) ReadEntry(CheckpointFile file, ByteReader reader, long limit)
    {
        var record = reader.Bytes(46);
        if (!record.AsSpan().StartsWith("PK\x01\x02"u8))
        {
            throw file.Refuse($"at byte {reader.Position - 46} there is no zip entry: the file is damaged; download it again");
        }

        var (flags, method, crc) = (Number(record, 8, 2), Number(record, 10, 2), (uint)Number(record, 16, 4));
        var (packed, size, header) = (Number(record, 20, 4), Number(record, 24, 4), Number(record, 42, 4));
        var name = Encoding.UTF8.GetString(reader.Bytes((ulong)Number(record, 28, 2)));
        ReadLongSizes(reader.Bytes((ulong)Number(record, 30, 2)), ref size, ref packed, ref header);
        reader.Skip((ulong)Number(record, 32, 2));

        if (method != 0 || packed != size)
        {
            throw file.Refuse(
                $"the entry '{name}' is compressed, {size} bytes from {packed}: torch.save stores, so this may be a zip bomb. "
                + "If you know what is in it, unpack it and import the file inside");
        }

        if ((flags & 1) != 0)
        {
            throw file.Refuse($"the entry '{name}' is encrypted: unpack it first");
        }

        if (name.Length == 0 || name[0] == '/' || name.AsSpan().ContainsAny('\\', ':', '\0') || name.Split('/').Contains(".."))
        {
            throw file.Refuse($"the entry '{name}' points out of the archive: no file of torch.save");
        }

        // What lies at the front of the entry may be longer than its like in the directory: torch aligns the numbers with it.
        Span<byte> local = stackalloc byte[30];
        if (header < 0 || header > limit - local.Length)
        {
            throw file.Refuse($"the entry '{name}' is said to lie at {header}: the file is damaged; download it again");
        }

        file.Read(header, local);
        var nameLength = (int)Number(local, 26, 2);
        var content = header + local.Length + nameLength + Number(local, 28, 2);
        if (!local.StartsWith("PK\x03\x04"u8) || size < 0 || size > limit || content > limit - size || !SameName(file, header + local.Length, nameLength, name))
        {
            throw file.Refuse($"the entry '{name}' is not where the directory says: the file is damaged; download it again");
        }

        return (new ZipEntry(name, new FileStretch(content, size), crc), header);
    }

    private static bool SameName(CheckpointFile file, long at, int length, string name)
    {
        var bytes = new byte[length];
        file.Read(at, bytes);
        return Encoding.UTF8.GetString(bytes) == name;
    }

    /// <summary>The extra field 1 has those of the sizes that do not fit into 32 bits, in this order.</summary>
    private static void ReadLongSizes(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long header)
    {
        while (extra.Length >= 4)
        {
            var length = (int)Math.Min(Number(extra, 2, 2), extra.Length - 4);
            var field = extra.Slice(4, length);
            if (Number(extra, 0, 2) == 1)
            {
                Take(ref field, ref size);
                Take(ref field, ref packed);
                Take(ref field, ref header);
            }

            extra = extra[(4 + length)..];
        }

        static void Take(ref ReadOnlySpan<byte> field, ref long value)
        {
            if (value == Full && field.Length >= 8)
            {
                value = Number(field, 0, 8);
                field = field[8..];
            }
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes, int at, int length)
    {
        var value = 0L;
        for (var i = length - 1; i >= 0; i--)
        {
            value = value << 8 | bytes[at + i];
        }

        return value;
    }
}
