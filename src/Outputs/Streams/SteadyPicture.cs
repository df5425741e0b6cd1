using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The newest annotated picture for who shows pictures at its own pace: of one size, and a slate when the last one is old. One writer, one reader, each
/// on a thread of its own.
/// </summary>
internal sealed class SteadyPicture(StreamInfo stream, OverlaySettings overlay, IClock clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OverlayRenderer _renderer = new(overlay);
    private readonly Slate _slate = new(stream.Camera);
    private readonly Mat _newest = new();
    private readonly Mat _shown = new();
    private TimeSpan? _at;

    /// <summary>Size of all pictures.</summary>
    public Size Size { get; } = new(stream.Video.Width, stream.Video.Height);

    /// <summary>Draws a localization and keeps the picture.</summary>
    public void Write(Localization found)
    {
        var picture = _renderer.Render(found);
        lock (_gate)
        {
            if (picture.Size() == Size)
            {
                picture.CopyTo(_newest);
            }
            else
            {
                Cv2.Resize(picture, _newest, Size, interpolation: InterpolationFlags.Area);
            }

            _at = clock.Now;
        }
    }

    /// <summary>What to show now: the reader's own until its next call.</summary>
    public Mat Read()
    {
        lock (_gate)
        {
            if (_at is { } at && clock.Now - at < Slate.After)
            {
                _newest.CopyTo(_shown);
                return _shown;
            }
        }

        return _slate.Draw(Size, clock.ToUtc(clock.Now));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _renderer.Dispose();
        _slate.Dispose();
        _newest.Dispose();
        _shown.Dispose();
    }
}
