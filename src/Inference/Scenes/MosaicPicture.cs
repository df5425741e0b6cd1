using OpenCvSharp;

namespace RealtimeSsl.Inference.Scenes;

/// <summary>
/// Composes a planned scene: each picture fills its place (what juts out is cut off on both sides alike), over a soft backdrop without anything in it.
/// </summary>
public static class MosaicPicture
{
    /// <summary>Composes.</summary>
    /// <param name="scene">The plan.</param>
    /// <param name="load">Reads a picture (BGR, 8 bits); it is disposed here.</param>
    /// <returns>Side x Side, BGR, 8 bits; the caller disposes it.</returns>
    public static Mat Compose(MosaicScene scene, Func<string, Mat> load)
    {
        var canvas = Backdrop(scene.Side, scene.Backdrop);
        try
        {
            foreach (var thing in scene.Objects)
            {
                using var picture = load(thing.Picture.Path);
                var scale = Math.Max((double)thing.Width / picture.Width, (double)thing.Height / picture.Height);
                var (width, height) = (Math.Max(thing.Width, (int)Math.Round(scale * picture.Width)), Math.Max(thing.Height, (int)Math.Round(scale * picture.Height)));
                using var sized = new Mat();
                Cv2.Resize(picture, sized, new Size(width, height), 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Cubic);
                using var part = sized.SubMat(new Rect((width - thing.Width) / 2, (height - thing.Height) / 2, thing.Width, thing.Height));
                using var place = canvas.SubMat(new Rect(thing.X, thing.Y, thing.Width, thing.Height));
                part.CopyTo(place);
            }

            return canvas;
        }
        catch
        {
            canvas.Dispose();
            throw;
        }
    }

    private static Mat Backdrop(int side, int seed)
    {
        var random = new Random(seed);
        using var coarse = new Mat(3, 3, MatType.CV_8UC3);
        foreach (ref var level in coarse.AsSpan<byte>())
        {
            // Muted: what is behind the things must not be the most salient.
            level = (byte)random.Next(96, 160);
        }

        var canvas = new Mat();
        Cv2.Resize(coarse, canvas, new Size(side, side), 0, 0, InterpolationFlags.Cubic);
        return canvas;
    }
}
