using System.Globalization;
using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>What FFmpeg reads out of our NUT streams.</summary>
public sealed class NutWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_and_sound_arrive_with_their_exact_times_and_bits()
    {
        var pictures = new PictureFormat(6, 4, 29.97);
        long[] pts = [0, 3003, 6006, 90_000, 90_001, 8_640_000_000];
        var file = _folder["stream.nut"];
        var pixels = Enumerable.Range(0, 6 * 4 * 3).Select(i => (byte)(3 * i)).ToArray();
        var samples = Enumerable.Range(0, 2 * 441).Select(i => i / 1000f).ToArray();
        using (var stream = File.Create(file))
        {
            var nut = new NutWriter(stream, pictures, new SoundFormat(44100, 2));
            foreach (var time in pts)
            {
                nut.WritePicture(pixels, time);
                nut.WriteSound(samples, time * 44100 / 90_000);
            }
        }

        Assert.Equal(["rawvideo,video,6,4", "pcm_f32le,audio,44100,2"], Media.Probe(
            file, "-show_entries", "stream=codec_type,codec_name,width,height,sample_rate,channels"));
        Assert.Equal(
            pts, Media.Probe(file, "-select_streams", "v:0", "-show_entries", "packet=pts").Select(t => long.Parse(t, CultureInfo.InvariantCulture)));
        Assert.Equal(
            pts.Select(t => t * 44100 / 90_000),
            Media.Probe(file, "-select_streams", "a:0", "-show_entries", "packet=pts").Select(t => long.Parse(t, CultureInfo.InvariantCulture)));
        Assert.Equal(pixels, Media.Run("ffmpeg", "-i", file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr24", "-"));
        var heard = Media.Run("ffmpeg", "-i", file, "-map", "0:a", "-frames:a", "1", "-c:a", "copy", "-f", "data", "-");
        Assert.Equal(samples, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(heard).ToArray());
    }

    [Fact]
    public void Pictures_alone_will_do()
    {
        var file = _folder["stream.nut"];
        using (var stream = File.Create(file))
        {
            var nut = new NutWriter(stream, new PictureFormat(640, 360, null), null);
            nut.WritePicture(new byte[640 * 360 * 3], 0);
            nut.WritePicture(new byte[640 * 360 * 3], 12_345);
        }

        Assert.Equal(["0", "12345"], Media.Probe(file, "-show_entries", "packet=pts"));
    }
}
