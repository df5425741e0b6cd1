using System.Buffers.Binary;
using System.Text;

namespace RealtimeSsl.Outputs;

/// <summary>One track of a fragmented MP4.</summary>
/// <param name="Id">Its number in the fragments.</param>
/// <param name="Video">Pictures, or else sound.</param>
/// <param name="Timescale">Ticks per second.</param>
internal readonly record struct Mp4Track(uint Id, bool Video, uint Timescale);

/// <summary>What a fragment says about one track.</summary>
/// <param name="Track">Number of the track.</param>
/// <param name="Time">Decode time of the first sample, in ticks.</param>
/// <param name="TimeAt">Where that stands in the fragment, as a 64-bit number.</param>
/// <param name="Samples">How many samples.</param>
/// <param name="Ticks">Their length together.</param>
/// <param name="Key">Whether the first one can be decoded without others.</param>
internal readonly record struct Mp4Run(uint Track, long Time, int TimeAt, int Samples, long Ticks, bool Key);

/// <summary>
/// The few boxes of a fragmented MP4 that cutting it needs: which tracks there are, and when each fragment begins in each of them.
/// Format: ISO/IEC 14496-12, boxes moov/trak/mdia/(mdhd, hdlr) and moof/(mfhd, traf/(tfhd, tfdt, trun)).
/// </summary>
internal static class Mp4
{
    private const uint NonSync = 0x10000;

    /// <summary>The tracks in a <c>moov</c> box.</summary>
    /// <param name="moov">The box with its header.</param>
    public static List<Mp4Track> Tracks(ReadOnlySpan<byte> moov)
    {
        List<Mp4Track> tracks = [];
        for (var at = 8; Next(moov, ref at, out var type, out var box);)
        {
            if (type != "trak")
            {
                continue;
            }

            uint id = 0, timescale = 0;
            var video = false;
            for (var inTrak = 0; Next(box, ref inTrak, out var name, out var inner);)
            {
                if (name == "tkhd")
                {
                    id = Word(inner, inner[0] == 1 ? 20 : 12);
                }

                for (var inMdia = 0; name == "mdia" && Next(inner, ref inMdia, out var leaf, out var content);)
                {
                    timescale = leaf == "mdhd" ? Word(content, content[0] == 1 ? 20 : 12) : timescale;
                    video = leaf == "hdlr" ? content.Slice(8, 4).SequenceEqual("vide"u8) : video;
                }
            }

            tracks.Add(new Mp4Track(id, video, timescale));
        }

        return tracks;
    }

    /// <summary>What a <c>moof</c> box says about each track that it has samples of.</summary>
    /// <param name="moof">The box with its header.</param>
    public static List<Mp4Run> Runs(ReadOnlySpan<byte> moof)
    {
        List<Mp4Run> runs = [];
        for (var at = 8; Next(moof, ref at, out var type, out var traf);)
        {
            if (type == "traf" && Run(traf, at - traf.Length) is { } run)
            {
                runs.Add(run);
            }
        }

        return runs;
    }

    /// <summary>Where a <c>moof</c> box has its number (32 bits): box header, then mfhd's header, version and flags.</summary>
    public const int SequenceAt = 8 + 8 + 4;

    private static Mp4Run? Run(ReadOnlySpan<byte> traf, int offset)
    {
        uint track = 0, usualTicks = 0, usualFlags = 0;
        var (time, timeAt, samples, ticks, key) = (0L, -1, 0, 0L, false);
        for (var at = 0; Next(traf, ref at, out var type, out var box);)
        {
            var flags = Word(box, 0) & 0xFFFFFF;
            var read = 4;
            switch (type)
            {
                case "tfhd":
                    track = Word(box, read);
                    read += 4 + ((flags & 1) != 0 ? 8 : 0) + ((flags & 2) != 0 ? 4 : 0);
                    usualTicks = (flags & 8) != 0 ? Take(box) : 0;
                    read += (flags & 0x10) != 0 ? 4 : 0;
                    usualFlags = (flags & 0x20) != 0 ? Take(box) : 0;
                    break;
                case "tfdt":
                    if (box[0] != 1)
                    {
                        throw new InvalidDataException("a fragment with a short time");
                    }

                    timeAt = offset + at - box.Length + 4;
                    time = BinaryPrimitives.ReadInt64BigEndian(box[4..]);
                    break;
                case "trun":
                    var count = (int)Take(box);
                    read += (flags & 1) != 0 ? 4 : 0;
                    var first = (flags & 4) != 0 ? Take(box) : usualFlags;
                    for (var i = 0; i < count; i++)
                    {
                        ticks += (flags & 0x100) != 0 ? Take(box) : usualTicks;
                        read += (flags & 0x200) != 0 ? 4 : 0;
                        var own = (flags & 0x400) != 0 ? Take(box) : i == 0 ? first : usualFlags;
                        read += (flags & 0x800) != 0 ? 4 : 0;
                        key = samples + i == 0 ? (own & NonSync) == 0 : key;
                    }

                    samples += count;
                    break;
            }

            uint Take(ReadOnlySpan<byte> from) => Word(from, (read += 4) - 4);
        }

        return samples > 0 && timeAt >= 0 ? new Mp4Run(track, time, timeAt, samples, ticks, key) : null;
    }

    private static uint Word(ReadOnlySpan<byte> box, int at) => BinaryPrimitives.ReadUInt32BigEndian(box[at..]);

    // The next box: its type, and its content without the header.
    private static bool Next(ReadOnlySpan<byte> boxes, ref int at, out string type, out ReadOnlySpan<byte> content)
    {
        if (at + 8 > boxes.Length)
        {
            type = "";
            content = default;
            return false;
        }

        var size = (int)Word(boxes, at);
        if (size < 8 || at + size > boxes.Length)
        {
            throw new InvalidDataException("a box that does not fit into the one around it");
        }

        type = Encoding.ASCII.GetString(boxes.Slice(at + 4, 4));
        content = boxes.Slice(at + 8, size - 8);
        at += size;
        return true;
    }
}
