using RealtimeSsl.Capture.Media;
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
        var capture = settings.Capture;
        if (settings.Source == "synthetic" || settings.Source.StartsWith("synthetic:", StringComparison.Ordinal))
        {
            var scene = new SyntheticSource(
                new SyntheticOptions
                {
                    Scene = settings.Source.Length > 10 ? settings.Source[10..] : "demo",
                    Seed = capture.Seed,
                    Width = capture.Width > 0 ? capture.Width : 960,
                    Height = capture.Height > 0 ? capture.Height : 540,
                    Fps = capture.Fps > 0 ? capture.Fps : 30,
                },
                context);
            return new Sources(scene, scene, settings.Source.Replace(':', '-'), "");
        }

        var media = await MediaSource.OpenAsync(new MediaOptions { Input = settings.Source, Realtime = settings.Realtime }, context, stop).ConfigureAwait(false);
        return new Sources(media, media.HasAudio ? media : null, Path.GetFileNameWithoutExtension(settings.Source), "the source has none");
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
