using RealtimeSsl.Capture.Media;

namespace RealtimeSsl.Tests.Capture;

public sealed class NutReaderTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact(Timeout = 60_000)]
    public void StreamsAndPacketsAreThoseThatFfprobeSees()
    {
        var path = Nut();
        using var file = File.OpenRead(path);
        var reader = new NutReader(file);
        reader.ReadHeader();
        Assert.Equal((NutKind.Video, 34, 26), (reader.Streams[0].Kind, reader.Streams[0].Width, reader.Streams[0].Height));
        Assert.Equal(12.5, reader.Streams[0].Fps);
        Assert.Equal((NutKind.Audio, 8000, 2), (reader.Streams[1].Kind, reader.Streams[1].Rate, reader.Streams[1].Channels));

        var seen = new List<string>();
        while (reader.TryNext(out var packet))
        {
            seen.Add($"{packet.Stream},{packet.Pts},{packet.Size}");
        }

        Assert.Equal(TestMedia.Probe(path, "-show_entries", "packet=stream_index,pts,size"), seen);
    }

    [Fact(Timeout = 60_000)]
    public void APresentationTimeIsExact()
    {
        var track = new NutTrack { TimeBase = (1001, 30000) };
        Assert.Equal(333_667, track.Scale(1, TimeSpan.TicksPerSecond));
        Assert.Equal(-333_667, track.Scale(-1, TimeSpan.TicksPerSecond));
        Assert.Equal(10_010_000L * 3600, track.Scale(30L * 3600, TimeSpan.TicksPerSecond));
        Assert.Throws<InvalidDataException>(() => track.Scale(long.MaxValue, TimeSpan.TicksPerSecond));
    }

    [Fact(Timeout = 120_000)]
    public void DamagedBytesNeverCrashOrHangIt()
    {
        var good = File.ReadAllBytes(Nut());
        var random = new Random(20260720);
        var (ended, refused, packets) = (0, 0, 0L);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = good.AsSpan(0, i % 4 == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (var n = random.Next(i % 4 == 0 ? 0 : 1, 12); n > 0 && bytes.Length > 0; n--)
            {
                // Half of the damage goes where it hurts most: into the headers.
                bytes[random.Next(random.Next(2) == 0 ? Math.Min(600, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                var reader = new NutReader(new MemoryStream(bytes));
                reader.ReadHeader();
                while (reader.TryNext(out var packet))
                {
                    packets++;
                    reader.Discard(Math.Min(packet.Size, 100));
                }

                ended++;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                refused++;
            }
        }

        Assert.Equal(2000, ended + refused);
        Assert.True(ended > 100 && refused > 100 && packets > 1000, $"{ended} ended, {refused} refused, {packets} packets");
    }

    private string Nut() => _media.Make(
        "raw.nut",
        "testsrc2=s=34x26:r=25/2:d=2 sine=440:r=8000:d=2 -ac 2 -c:v rawvideo -pix_fmt bgr24 -c:a pcm_f32le");
}
