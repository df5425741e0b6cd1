using System.Globalization;
using System.Runtime.InteropServices;

namespace RealtimeSsl.Tests.Support;

/// <summary>Finds the flashes and clicks of a <see cref="Take"/> in a recording, as a player shows them.</summary>
internal static class InStep
{
    /// <summary>Asserts that each click is heard within 10 ms of its flash.</summary>
    /// <param name="video">The recording.</param>
    /// <param name="clicks">How many there are to be; null for any number but none.</param>
    /// <param name="from">Where to begin, in seconds.</param>
    /// <param name="seconds">How much to look at; null for all.</param>
    /// <returns>The largest distance of a click and its flash, in seconds.</returns>
    public static double Check(string video, int? clicks, double from = 0, double? seconds = null)
    {
        var culture = CultureInfo.InvariantCulture;
        string[] window = seconds is { } s ? ["-ss", from.ToString(culture), "-t", s.ToString(culture)] : [];
        var to = from + (seconds ?? 1e9);
        var times = Media.PictureTimes(video).Where(t => t >= from - 1e-4 && t < to - 1e-4).Select(t => t - from).ToList();
        var bright = Media.Run("ffmpeg", [.. window, "-i", video, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"]);
        Assert.Equal(times.Count, bright.Length);
        var flashes = Enumerable.Range(0, bright.Length).Where(i => bright[i] > 128 && (i == 0 || bright[i - 1] <= 128)).Select(i => times[i]).ToList();
        var sound = MemoryMarshal.Cast<byte, float>(Media.Run(
            "ffmpeg", [.. window, "-i", video, "-map", "0:a:0", "-af", "aresample=48000:async=1:first_pts=0", "-ac", "1", "-f", "f32le", "-"]));
        List<double> heard = [];
        for (var i = 0; i < sound.Length; i++)
        {
            if (Math.Abs(sound[i]) > 0.25)
            {
                heard.Add(i / 48000.0);
                i += 48000 / 4;
            }
        }

        Assert.True(clicks is null ? heard.Count > 0 : heard.Count == clicks, $"{heard.Count} clicks, expected {clicks}");
        var worst = heard.Max(click => flashes.Min(flash => Math.Abs(flash - click)));
        Assert.InRange(worst, 0, 0.010);
        return worst;
    }
}
