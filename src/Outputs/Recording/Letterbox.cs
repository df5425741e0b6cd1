using OpenCvSharp;

namespace RealtimeSsl.Outputs;

/// <summary>A video has one size: pictures of another are fitted into it, with black beside them.</summary>
internal sealed class Letterbox : IDisposable
{
    private readonly Mat _scaled = new();
    private readonly Mat _boxed = new();

    /// <summary>The picture itself if it has that size; otherwise one that is valid until the next call.</summary>
    public Mat Fit(Mat picture, int fullWidth, int fullHeight)
    {
        if (picture.Width == fullWidth && picture.Height == fullHeight)
        {
            return picture;
        }

        var scale = Math.Min((double)fullWidth / picture.Width, (double)fullHeight / picture.Height);
        var width = Math.Clamp((int)Math.Round(picture.Width * scale), 1, fullWidth);
        var height = Math.Clamp((int)Math.Round(picture.Height * scale), 1, fullHeight);
        Cv2.Resize(picture, _scaled, new Size(width, height), 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Linear);
        int left = (fullWidth - width) / 2, top = (fullHeight - height) / 2;
        Cv2.CopyMakeBorder(
            _scaled, _boxed, top, fullHeight - height - top, left, fullWidth - width - left, BorderTypes.Constant, Scalar.All(0));
        return _boxed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scaled.Dispose();
        _boxed.Dispose();
    }
}
