using System.Collections.Concurrent;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Raw pictures and sound in, parts of a recording out (H.264 and AAC in MP4 fragments), each picture at exactly its time. FFmpeg does the work
/// and sees no disk: whatever becomes of the files, the encoder goes on.
/// </summary>
internal sealed class Encoder : IDisposable
{
    /// <summary>Longest part, in seconds. What a crash costs is at most this and what the encoder holds back.</summary>
    public const double PartSeconds = 0.5;

    /// <summary>Distance of the pictures that need no others: files may be cut there, and players can seek there.</summary>
    public const double KeySeconds = 1;

    private static readonly int[] AacRates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];
    private readonly RecordingSettings _settings;
    private readonly FfmpegProcess _ffmpeg;
    private readonly NutWriter _nut;
    private readonly Timer _watchdog;
    private readonly Thread _reader;
    private readonly ConcurrentQueue<long> _seqs = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hung;

    /// <summary>Starts FFmpeg.</summary>
    /// <param name="settings">Quality and program.</param>
    /// <param name="choice">Which encoder.</param>
    /// <param name="live">Whether a picture must not wait for those after it.</param>
    /// <param name="run">What its parts share.</param>
    /// <param name="pictures">What pictures come.</param>
    /// <param name="sound">What sound comes, if any.</param>
    /// <param name="parts">Takes the parts, on a thread of the encoder's.</param>
    /// <exception cref="OutputException">FFmpeg cannot be started.</exception>
    public Encoder(
        RecordingSettings settings, EncoderChoice choice, bool live, EncoderRun run, PictureFormat pictures, SoundFormat? sound, Action<Part> parts)
    {
        _settings = settings;
        _watchdog = new Timer(_ =>
        {
            _hung = true;
            _ffmpeg?.Kill();
        });
        _ffmpeg = new FfmpegProcess(settings.Ffmpeg, Arguments(settings, choice, live, sound), output: true);
        _reader = new Thread(() => Read(run, parts)) { IsBackground = true, Name = "record parts" };
        _reader.Start();
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

    /// <summary>Parts that came out so far.</summary>
    public int Parts { get; private set; }

    /// <summary>Pictures that no part has shown yet.</summary>
    public int Pending => _seqs.Count;

    /// <summary>Writes one picture; waits while the encoder is busy.</summary>
    /// <param name="pixels">B, G, R.</param>
    /// <param name="pts">Its time, in 1 / <see cref="NutWriter.PictureClock"/> s since the run's begin.</param>
    /// <param name="seq">Number of its frame message.</param>
    /// <exception cref="OutputException">The encoder is gone: killed, hung.</exception>
    public void WritePicture(ReadOnlySpan<byte> pixels, long pts, long seq)
    {
        _seqs.Enqueue(seq);
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

    /// <summary>Lets it encode what it has; all parts are handed over when this is done.</summary>
    /// <exception cref="OutputException">It did not come to a proper end.</exception>
    public async Task FinishAsync(CancellationToken token)
    {
        Watch();
        try
        {
            _ffmpeg.Input.Close();
            await _read.Task.WaitAsync(token).ConfigureAwait(false);
            if (await _ffmpeg.ExitAsync(token).ConfigureAwait(false) != 0)
            {
                throw Failure(null);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException)
        {
            throw Failure(e);
        }

        Rest();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchdog.Dispose();
        _ffmpeg.Kill();
        _reader.Join(TimeSpan.FromSeconds(5));
        _ffmpeg.Dispose();
    }

    private static List<string> Arguments(RecordingSettings settings, EncoderChoice choice, bool live, SoundFormat? sound)
    {
        // All is known from the headers: nothing to probe, the first picture is encoded when it arrives.
        List<string> arguments =
        [
            .. choice.Before,
            "-f", "nut", "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0", "-i", "pipe:0",
            "-fps_mode", "passthrough", "-enc_time_base:v", "-1",
            "-vf", $"pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,{choice.Filters}",
            .. choice.Options(settings, live),
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
            "-force_key_frames", FormattableString.Invariant($"expr:gte(t,n_forced*{KeySeconds})"),
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

        arguments.AddRange(["-movflags", "frag_keyframe+delay_moov+default_base_moof+skip_trailer"]);
        arguments.AddRange(["-frag_duration", FormattableString.Invariant($"{PartSeconds * 1e6:0}"), "-flush_packets", "1", "-f", "mp4", "pipe:1"]);
        return arguments;
    }

    private void Read(EncoderRun run, Action<Part> take)
    {
        try
        {
            var reader = new PartReader(_ffmpeg.Output, run);
            while (reader.Read() is { } part)
            {
                var (first, last) = (-1L, -1L);
                for (var i = 0; i < part.Pictures && _seqs.TryDequeue(out var seq); i++)
                {
                    (first, last) = (first < 0 ? seq : first, seq);
                }

                part.Seq = (first, last);
                Parts++;
                take(part);
            }

            _read.SetResult();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            // Told by whoever writes or finishes; nobody may be waiting.
            _read.SetException(e);
            _ = _read.Task.Exception;
            _ffmpeg.Kill();
        }
    }

    private void Watch() => _watchdog.Change(TimeSpan.FromSeconds(_settings.StallSeconds), Timeout.InfiniteTimeSpan);

    private void Rest() => _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private OutputException Failure(Exception? cause)
    {
        Rest();
        var why = cause is OperationCanceledException ? "it did not finish in time"
            : _hung ? $"it hung for {_settings.StallSeconds} s and was ended"
            : cause is InvalidDataException ? $"it gave {cause.Message}"
            : _ffmpeg.LastWords();
        return new OutputException($"the encoder stopped: {why}", cause);
    }
}
