using OpenCvSharp;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Files;

/// <summary>
/// A folder or a glob of media files and pictures as one source, one after the other on one timeline: each begins where the one before
/// ended. All sound comes in the format of the first that has any. A file that cannot be read is reported, counted (<c>files.skipped</c>)
/// and skipped.
/// </summary>
public static class DirectorySource
{
    /// <summary>A single picture stands for this long.</summary>
    public static readonly TimeSpan PictureDuration = TimeSpan.FromMilliseconds(40);

    /// <summary>How many files are looked into for the format of the sound, at most: that takes a tenth of a second each.</summary>
    private const int SoundSearch = 32;

    /// <summary>Opens the first of the files that can be read, and starts.</summary>
    /// <param name="options">The input is a folder or a glob.</param>
    /// <param name="context">Clock, counters, log.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="SourceException">There is no file, or none that can be read.</exception>
    public static async Task<MediaSource> OpenAsync(MediaOptions options, SourceContext context, CancellationToken token)
    {
        var files = FileList.Find(options.Input);
        var run = new Sequence(files, options, context);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Input));
        await run.LookForSoundAsync(token).ConfigureAwait(false);
        var (width, height, fps) = await Task.Run(() => run.First(token), token).ConfigureAwait(false);
        var origin = options.Realtime ? context.Clock.Now + PacedTimeline.HeadStart : TimeSpan.Zero;
        var video = new VideoInfo(name, width, height, fps, options.Realtime) { MediaOrigin = origin };
        var audio = run.Sound is { } s ? new AudioInfo(name, s.Rate, s.Channels, options.Realtime) : null;
        var feed = MediaFeed.For(options, options.Realtime, context, video, audio);
        return new MediaSource(name, context, feed, video, audio, stop => run.Play(feed, origin, stop));
    }

    private sealed class Sequence(IReadOnlyList<string> files, MediaOptions options, SourceContext context)
    {
        private int _next;
        private (MediaConnection? Connection, Mat? Picture) _open;

        /// <summary>The format of all sound; null if there is none.</summary>
        public (int Rate, int Channels)? Sound { get; private set; }

        public async Task LookForSoundAsync(CancellationToken token)
        {
            foreach (var file in files.Where(f => !MediaKinds.IsPicture(f)).Take(options.WantAudio ? SoundSearch : 0))
            {
                try
                {
                    if (await MediaProbe.ProbeAsync(file, token).ConfigureAwait(false) is { HasVideo: true, HasAudio: true } facts)
                    {
                        Sound = (facts.Rate, facts.Channels);
                        return;
                    }
                }
                catch (SourceException)
                {
                    // It is reported when its turn comes.
                }
            }
        }

        /// <summary>Opens the first file that can be read.</summary>
        public (int Width, int Height, double? Fps) First(CancellationToken token)
        {
            if (!Advance(token))
            {
                throw new SourceException($"{options.Input}: none of its {files.Count} files can be read");
            }

            return _open.Picture is { } picture ? (picture.Width, picture.Height, 1 / PictureDuration.TotalSeconds)
                : (_open.Connection!.Video!.Width, _open.Connection.Video.Height, MediaSource.Plausible(_open.Connection.Video.Fps));
        }

        public void Play(MediaFeed feed, TimeSpan origin, CancellationToken stop)
        {
            try
            {
                do
                {
                    var offset = feed.Delivered == 0 ? TimeSpan.Zero : feed.End - origin;
                    Timeline timeline = options.Realtime ? new PacedTimeline(context.Clock, origin, offset) : new FileTimeline(offset);
                    var goOn = _open.Picture is { } picture
                        ? Show(picture, feed, timeline, stop)
                        : Pump(_open.Connection!, feed, timeline, stop);
                    if (!goOn)
                    {
                        return;
                    }
                }
                while (Advance(stop));
            }
            finally
            {
                Close();
            }
        }

        private static bool Show(Mat picture, MediaFeed feed, Timeline timeline, CancellationToken stop)
        {
            var time = timeline.Place(TimeSpan.Zero, stop)!.Value;
            var frame = feed.Rent(picture.Width, picture.Height);
            picture.CopyTo(frame.Image);
            return feed.Picture(frame, time, PictureDuration, timeline, stop);
        }

        private bool Pump(MediaConnection connection, MediaFeed feed, Timeline timeline, CancellationToken stop)
        {
            var before = feed.Delivered;
            using var killed = stop.Register(connection.Child.Kill);
            try
            {
                if (feed.Pump(connection, timeline, stop) == PumpEnd.Enough)
                {
                    return false;
                }

                MediaSource.Judge(files[_next - 1], connection.Child, feed.Delivered - before, context);
            }
            catch (Exception e) when (e is SourceException or InvalidDataException && !stop.IsCancellationRequested)
            {
                Skip(e.Message);
            }

            return true;
        }

        /// <summary>Opens the next file that can be read. False if there is none.</summary>
        private bool Advance(CancellationToken token)
        {
            Close();
            while (_next < files.Count)
            {
                token.ThrowIfCancellationRequested();
                var file = files[_next++];
                try
                {
                    _open = MediaKinds.IsPicture(file) ? (null, Read(file)) : (Open(file, token), null);
                    return true;
                }
                catch (SourceException e)
                {
                    Skip(e.Message);
                }
            }

            return false;
        }

        private MediaConnection Open(string file, CancellationToken token)
        {
            var pinned = options with { WantAudio = Sound is not null, AudioRate = Sound?.Rate, AudioChannels = Sound?.Channels };
            return MediaSource.OpenFile(pinned with { Input = file }, token).Connection;
        }

        private static Mat Read(string file)
        {
            var picture = Cv2.ImRead(file, ImreadModes.Color);
            if (picture.Empty())
            {
                picture.Dispose();
                throw new SourceException($"{file} is not a picture that can be read");
            }

            return picture;
        }

        private void Skip(string why)
        {
            context.Counters["files.skipped"].Add();
            context.Log.Warn($"skipped: {why}");
        }

        private void Close()
        {
            _open.Connection?.Dispose();
            _open.Picture?.Dispose();
            _open = default;
        }
    }
}
