using System.Globalization;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Raw pictures and sound in, H.264 and AAC in MP4 out, each picture at exactly its time. The file grows in whole fragments of a second: cut off
/// at any moment (a crash, a power cut) it plays up to the last one. <see cref="FinishAsync"/> makes an ordinary MP4 of it, index first.
/// </summary>
internal sealed class Encoder : IDisposable
{
    private static readonly int[] AacRates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];
    private readonly RecordingSettings _settings;
    private readonly string _part;
    private readonly FfmpegProcess _ffmpeg;
    private readonly NutWriter _nut;
    private readonly Timer _watchdog;
    private volatile bool _hung;

    /// <summary>Starts FFmpeg.</summary>
    /// <param name="settings">Quality and program.</param>
    /// <param name="part">The growing file.</param>
    /// <param name="pictures">What pictures come.</param>
    /// <param name="sound">What sound comes, if any.</param>
    /// <exception cref="OutputException">FFmpeg cannot be started.</exception>
    public Encoder(RecordingSettings settings, string part, PictureFormat pictures, SoundFormat? sound)
    {
        (_settings, _part) = (settings, part);
        _watchdog = new Timer(_ =>
        {
            _hung = true;
            _ffmpeg?.Kill();
        });
        _ffmpeg = new FfmpegProcess(settings.Ffmpeg, Arguments(settings, part, sound));
        try
        {
            _nut = new NutWriter(_ffmpeg.Input, pictures, sound);
        }
        catch (IOException e)
        {
            var error = Failure(e);
            Dispose();
            throw error;
        }
    }

    /// <summary>Writes one picture; waits while the encoder is busy.</summary>
    /// <exception cref="OutputException">The encoder is gone: full disk, killed, hung.</exception>
    public void WritePicture(ReadOnlySpan<byte> pixels, long pts)
    {
        Watch();
        try
        {
            _nut.WritePicture(pixels, pts);
        }
        catch (IOException e)
        {
            throw Failure(e);
        }

        Rest();
    }

    /// <summary>Writes a run of samples; see <see cref="WritePicture"/>.</summary>
    public void WriteSound(ReadOnlySpan<float> samples, long index)
    {
        Watch();
        try
        {
            _nut.WriteSound(samples, index);
        }
        catch (IOException e)
        {
            throw Failure(e);
        }

        Rest();
    }

    /// <summary>
    /// Lets FFmpeg finish the growing file, then makes an ordinary MP4 of it under the final name. If that does not succeed (no room, no time),
    /// the growing file, whole now, takes the final name as it is.
    /// </summary>
    /// <param name="path">The final name.</param>
    /// <param name="soundEnd">Where the sound ends, exactly.</param>
    /// <param name="token">Bounds the wait.</param>
    /// <exception cref="OutputException">The recording did not come to a proper end; what there is stays in the growing file.</exception>
    public async Task FinishAsync(string path, TimeSpan soundEnd, CancellationToken token)
    {
        Watch();
        try
        {
            _ffmpeg.Input.Close();
            if (await _ffmpeg.ExitAsync(token).ConfigureAwait(false) != 0)
            {
                throw Failure(null);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            throw Failure(e);
        }

        Rest();
        var ordinary = path + ".tmp";
        if (await RemuxAsync(ordinary, soundEnd, token).ConfigureAwait(false))
        {
            File.Move(ordinary, path);
            File.Delete(_part);
        }
        else
        {
            File.Delete(ordinary);
            File.Move(_part, path);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchdog.Dispose();
        _ffmpeg.Dispose();
    }

    private static List<string> Arguments(RecordingSettings settings, string part, SoundFormat? sound)
    {
        // All is known from the headers: nothing to probe, the first picture is encoded when it arrives.
        List<string> arguments =
        [
            "-f", "nut", "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0", "-i", "pipe:0",
            "-fps_mode", "passthrough", "-enc_time_base:v", "-1",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
            "-c:v", "libx264", "-preset", settings.Preset, "-crf", settings.Quality.ToString(CultureInfo.InvariantCulture),
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
            "-force_key_frames", "expr:gte(t,n_forced*2)",
        ];
        if (sound is { } format)
        {
            arguments.AddRange(["-c:a", "aac", "-b:a", format.Channels == 1 ? "128k" : "192k"]);
            if (format.Channels > 2)
            {
                arguments.AddRange(["-ac", "2"]);
            }

            if (!AacRates.Contains(format.Rate))
            {
                arguments.AddRange(["-ar", "48000"]);
            }
        }

        arguments.AddRange(["-movflags", "frag_keyframe+delay_moov+default_base_moof", "-frag_duration", "1000000"]);
        arguments.AddRange(["-flush_packets", "1", "-f", "mp4", "-y", part]);
        return arguments;
    }

    private async Task<bool> RemuxAsync(string path, TimeSpan soundEnd, CancellationToken token)
    {
        // Copied times: the sound begins before zero (AAC's run-in, which players skip), and nothing is to be moved for it. Its last packet is
        // as long as there is sound in it: a fragmented file has lost that.
        string[] arguments =
        [
            "-copyts", "-i", _part, "-c", "copy",
            "-bsf:a", string.Create(CultureInfo.InvariantCulture, $"setts=duration=max(1\\,min(DURATION\\,{soundEnd.TotalSeconds:0.0000000}/TB-PTS))"),
            "-movflags", "+faststart", "-f", "mp4", "-y", path,
        ];
        using var ffmpeg = new FfmpegProcess(_settings.Ffmpeg, arguments);
        ffmpeg.Input.Close();
        try
        {
            return await ffmpeg.ExitAsync(token).ConfigureAwait(false) == 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Watch() => _watchdog.Change(TimeSpan.FromSeconds(_settings.StallSeconds), Timeout.InfiniteTimeSpan);

    private void Rest() => _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private OutputException Failure(Exception? cause)
    {
        Rest();
        var why = cause is OperationCanceledException ? "it did not finish in time"
            : _hung ? $"it hung for {_settings.StallSeconds} s and was ended"
            : _ffmpeg.LastWords();
        return new OutputException($"{_part}: the encoder stopped: {why} (what was recorded up to here is in this file, and plays)", cause);
    }
}
