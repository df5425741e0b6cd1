using RealtimeSsl.Capture;
using RealtimeSsl.Capture.Camera;
using RealtimeSsl.Capture.Files;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Capture.Microphone;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>The open sources of a run: one for the pictures, and the same or another for the sound.</summary>
internal sealed class Sources : IAsyncDisposable
{
    private Sources(IVideoSource video, IAudioSource? audio, string name, string whyNoAudio) => (Video, Audio, Name, WhyNoAudio) = (video, audio, name, whyNoAudio);

    /// <summary>The pictures.</summary>
    public IVideoSource Video { get; }

    /// <summary>The sound; null if there is none.</summary>
    public IAudioSource? Audio { get; }

    /// <summary>What a run of this source is called if nobody says.</summary>
    public string Name { get; }

    /// <summary>Why there is no sound.</summary>
    public string WhyNoAudio { get; }

    /// <summary>Opens what the settings name.</summary>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static async Task<Sources> OpenAsync(RunSettings settings, SourceContext context, CancellationToken stop)
    {
        var recording = Recording.Find(settings.Source);
        var spec = recording is null ? SourceSpec.Parse(settings.Source) : new SourceSpec(SourceKind.File, recording.Video);
        if (recording is { IsAnnotated: true })
        {
            context.Log.Warn($"{recording.Video}: its picture has the overlay in it, and the engine will see that; files.source=true records the picture itself");
        }

        Tell(recording, settings.Source, context.Log);
        var name = recording is not null && Directory.Exists(settings.Source) ? $"replay-{Path.GetFileName(Path.GetFullPath(settings.Source).TrimEnd('/'))}" : spec.Name;
        var ownSound = settings.Microphone == "source";
        var video = await OpenPicturesAsync(spec, recording, settings, ownSound, context, stop).ConfigureAwait(false);
        try
        {
            if (ownSound && video is IAudioSource both && HasSound(video))
            {
                return new Sources(video, both, name, "");
            }

            var (microphone, why) = Microphone(settings, spec, video);
            return new Sources(video, microphone is null ? null : OpenMicrophone(microphone, settings.Capture, context), name, why);
        }
        catch
        {
            await video.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What is not obvious about a recording that is played.</summary>
    private static void Tell(Recording? recording, string source, ILog log)
    {
        if (recording is { Complete: false })
        {
            log.Info($"{recording.Video}: the run that recorded it was ended before it could close it; it is played as far as it goes");
        }

        if (recording is not null && Directory.Exists(source))
        {
            var stem = Path.GetFileName(recording.Video).Split('.')[0];
            var others = Directory.EnumerateFiles(source, $"{stem}-*.mp4").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
            if (others.Count > 0)
            {
                log.Info($"{source}: recording was switched off and on; this is its first part, and the others can be played by name: {string.Join(", ", others)}");
            }
        }
    }

    private static async Task<IVideoSource> OpenPicturesAsync(
        SourceSpec spec, Recording? recording, RunSettings settings, bool wantAudio, SourceContext context, CancellationToken stop)
    {
        var capture = settings.Capture;
        switch (spec.Kind)
        {
            case SourceKind.Synthetic:
                var scene = new SyntheticOptions { Scene = spec.Value, Seed = capture.Seed };
                return new SyntheticSource(
                    scene with
                    {
                        Width = capture.Width > 0 ? capture.Width : scene.Width,
                        Height = capture.Height > 0 ? capture.Height : scene.Height,
                        Fps = capture.Fps > 0 ? capture.Fps : scene.Fps,
                    },
                    context);
            case SourceKind.Camera:
                return CameraSource.Open(
                    new CameraOptions
                    {
                        Device = spec.Value,
                        Width = capture.Width,
                        Height = capture.Height,
                        Fps = capture.Fps,
                        Fourcc = capture.Fourcc,
                        StallTimeout = TimeSpan.FromSeconds(capture.StallSeconds),
                    },
                    context);
            default:
                var media = new MediaOptions
                {
                    Input = spec.Value,
                    WantAudio = wantAudio,
                    Origin = recording?.MediaOrigin ?? TimeSpan.Zero,
                    RecordedAt = recording?.StartedAt,
                    Realtime = settings.Realtime,
                    ConnectTimeout = TimeSpan.FromSeconds(capture.ConnectSeconds),
                    StallTimeout = TimeSpan.FromSeconds(capture.StallSeconds),
                };
                return spec.Kind == SourceKind.Files
                    ? await DirectorySource.OpenAsync(media, context, stop).ConfigureAwait(false)
                    : await MediaSource.OpenAsync(media, context, stop).ConfigureAwait(false);
        }
    }

    private static bool HasSound(IVideoSource video) => video is not MediaSource media || media.HasAudio;

    /// <summary>Which microphone to open; none, and why not.</summary>
    private static (string? Device, string Why) Microphone(RunSettings settings, SourceSpec spec, IVideoSource video) => settings.Microphone switch
    {
        "none" => (null, "as asked for"),
        "source" when spec.Kind != SourceKind.Camera => (null, "the source has none"),
        "source" when DeviceList.Microphones().Count == 0 => (null, "a camera has none, and this machine has no microphone"),
        "source" => ("default", ""),
        _ when !video.Info.Live => throw new SourceException(
            $"microphone '{settings.Microphone}': a file's pictures are not of now, so a microphone cannot belong to them; add --realtime, or leave --microphone out"),
        var device => (device, ""),
    };

    private static MicrophoneSource OpenMicrophone(string device, CaptureSettings capture, SourceContext context)
    {
        var options = new MicrophoneOptions { Device = device, Channels = capture.Channels };
        return MicrophoneSource.Open(capture.SampleRate > 0 ? options with { Rate = capture.SampleRate } : options, context);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Audio is not null && !ReferenceEquals(Audio, Video))
        {
            await Audio.DisposeAsync().ConfigureAwait(false);
        }

        await Video.DisposeAsync().ConfigureAwait(false);
    }
}
