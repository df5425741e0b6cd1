using System.Collections.Concurrent;
using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Which H.264 encoder a recording uses: the hardware's where FFmpeg and this machine have one, x264 otherwise. What FFmpeg lists is what it was
/// built with, not what is there; so a candidate is asked to encode a few pictures, once.
/// </summary>
/// <param name="Device">Requested, effective, and why they differ.</param>
/// <param name="Codec">FFmpeg's name of the encoder.</param>
internal sealed record EncoderChoice(DeviceChoice Device, string Codec)
{
    private static readonly ConcurrentDictionary<(string, string), Task<EncoderChoice>> Chosen = new();

    private const string NoNvidia = "no /dev/nvidiactl (no NVIDIA driver)", NoRenderer = "no /dev/dri/renderD* (no graphics device)";

    // Name in the settings, FFmpeg's, whether this system can have it at all, and what is missing here before it need be tried; null if nothing is.
    private static readonly (string Name, string Codec, bool Here, Func<string?> Missing)[] Hardware =
    [
        ("videotoolbox", "h264_videotoolbox", OperatingSystem.IsMacOS(), () => null),
        ("nvenc", "h264_nvenc", !OperatingSystem.IsMacOS(), () => OperatingSystem.IsWindows() || File.Exists("/dev/nvidiactl") ? null : NoNvidia),
        ("qsv", "h264_qsv", !OperatingSystem.IsMacOS(), () => OperatingSystem.IsWindows() || RenderNode is not null ? null : NoRenderer),
        ("amf", "h264_amf", OperatingSystem.IsWindows(), () => null),
        ("vaapi", "h264_vaapi", OperatingSystem.IsLinux(), () => RenderNode is not null ? null : NoRenderer),
        ("mf", "h264_mf", OperatingSystem.IsWindows(), () => null),
    ];

    private static string? RenderNode => OperatingSystem.IsLinux() && Directory.Exists("/dev/dri")
        ? Directory.EnumerateFiles("/dev/dri", "renderD*").Order(StringComparer.Ordinal).FirstOrDefault()
        : null;

    /// <summary>x264, and why.</summary>
    public static EncoderChoice Software(string requested, string? why) => new(new DeviceChoice(requested, "x264", why), "libx264");

    /// <summary>Chooses. The first time it tries them out, which takes a moment.</summary>
    /// <exception cref="OutputException">The setting forbids any other (<c>!</c>), and it does not work here.</exception>
    public static async Task<EncoderChoice> ForAsync(RecordingSettings settings, CancellationToken token)
    {
        var choice = await Chosen.GetOrAdd((settings.Ffmpeg, settings.Encoder), _ => ChooseAsync(settings, token)).ConfigureAwait(false);
        return choice.Codec != "libx264" || choice.Device.Why is null || !settings.Encoder.EndsWith('!') ? choice
            : throw new OutputException($"recording.encoder {settings.Encoder}: {choice.Device.Why}; name another, or leave the '!' out to fall back to x264");
    }

    /// <summary>Options that stand before the input.</summary>
    public IEnumerable<string> Before => Codec == "h264_vaapi" ? ["-vaapi_device", RenderNode ?? "/dev/dri/renderD128"] : [];

    /// <summary>The last filters: what form the encoder takes pictures in.</summary>
    public string Filters => Codec switch
    {
        "h264_vaapi" => "format=nv12,hwupload",
        "h264_qsv" or "h264_mf" or "h264_amf" => "format=nv12",
        _ => "format=yuv420p",
    };

    /// <summary>
    /// Options of the encoder. None reorders pictures: where one begins, its sound begins, so that files can be cut there. Live, none holds a picture
    /// back: a crash costs no more than the part it comes in.
    /// </summary>
    public IEnumerable<string> Options(RecordingSettings settings, bool live)
    {
        var quality = settings.Quality.ToString(CultureInfo.InvariantCulture);
        string[] options = Codec switch
        {
            "libx264" => ["-preset", settings.Preset, "-crf", quality, .. live ? (string[])["-tune", "zerolatency"] : []],
            "h264_nvenc" => ["-preset", "p4", "-rc", "vbr", "-cq", quality, "-b:v", "0", "-forced-idr", "1", "-delay", "0"],
            "h264_qsv" => ["-global_quality", quality, "-look_ahead", "0", "-forced_idr", "1"],
            "h264_vaapi" => ["-rc_mode", "CQP", "-qp", quality],
            "h264_amf" => ["-rc", "cqp", "-qp_i", quality, "-qp_p", quality],
            "h264_videotoolbox" => ["-q:v", (100 - settings.Quality * 2).ToString(CultureInfo.InvariantCulture), "-realtime", "1"],
            _ => ["-rate_control", "quality", "-quality", (100 - settings.Quality * 2).ToString(CultureInfo.InvariantCulture)],
        };
        return ["-c:v", Codec, .. options, "-bf", "0"];
    }

    private static async Task<EncoderChoice> ChooseAsync(RecordingSettings settings, CancellationToken token)
    {
        var wanted = settings.Encoder.TrimEnd('!');
        if (wanted == "x264")
        {
            return Software(wanted, null);
        }

        List<string> whys = [];
        foreach (var (name, codec, here, missing) in Hardware.Where(h => wanted == "auto" ? h.Here : h.Name == wanted))
        {
            var candidate = new EncoderChoice(new DeviceChoice(wanted, name, null), codec);
            var why = !here ? "not on this system" : missing() ?? await candidate.TryAsync(settings, token).ConfigureAwait(false);
            if (why is null)
            {
                // Which one "auto" stands for is the first that works; those before it are why it is not another.
                return whys.Count == 0 ? candidate : candidate with { Device = candidate.Device with { Why = string.Join("; ", whys) } };
            }

            whys.Add($"{name}: {why}");
        }

        return Software(wanted, string.Join("; ", whys));
    }

    // Null if it works, else why not.
    private async Task<string?> TryAsync(RecordingSettings settings, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        string[] source = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=10:d=0.5", "-vf", Filters];
        using var ffmpeg = new FfmpegProcess(settings.Ffmpeg, [.. Before, .. source, .. Options(settings, live: true), "-f", "null", "-"]);
        ffmpeg.Input.Close();
        try
        {
            return await ffmpeg.ExitAsync(limit.Token).ConfigureAwait(false) == 0 ? null : ffmpeg.LastWords();
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return "it encodes nothing within 10 s";
        }
    }
}
