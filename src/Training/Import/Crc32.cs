namespace RealtimeSsl.Training.Import;

/// <summary>CRC-32 of zip archives (ISO 3309, reflected polynomial 0xEDB88320), which .NET has in a package of its own only.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => c >> 1 ^ (0xEDB88320u & 0u - (c & 1))))];

    /// <summary>Of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ crc >> 8;
        }

        return ~crc;
    }

    /// <summary>Of a stretch of a file.</summary>
    public static uint Of(CheckpointFile file, FileStretch stretch)
    {
        var crc = uint.MaxValue;
        file.ReadThrough(stretch, piece =>
        {
            foreach (var b in piece)
            {
                crc = Table[(byte)(crc ^ b)] ^ crc >> 8;
            }
        });
        return ~crc;
    }
}
