using OpenCvSharp;

namespace RealtimeSsl.Inference.Scenes;

/// <summary>
/// Several pictures in one, and where each of them is: pictures whose boxes are known without anyone having drawn them. Training makes them from any set,
/// <c>make-mosaic</c> from a class folder. In the line of IS3 (Senocak et al., arXiv 2407.13676), whose pictures are generated.
/// </summary>
public static class Mosaic
{
    /// <summary>Finds places for 2 to 4 pictures, none touching another's: the canvas cut in two, one or both parts cut again.</summary>
    /// <param name="count">Pictures.</param>
    /// <param name="side">Width and height of the canvas in pixels.</param>
    /// <param name="apart">Whether each place is shrunk by margins of its own; else they fill the canvas.</param>
    /// <param name="below">Chance: a number from 0 to one less than this.</param>
    /// <returns>The places in random order.</returns>
    public static Rect[] Places(int count, int side, bool apart, Func<int, int> below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 4);
        var (cut, turned, mirrored) = (side * (40 + below(21)) / 100, below(2) == 1, below(2) == 1);
        var rest = side - cut;
        Rect[] places = count switch
        {
            2 => [new(0, 0, cut, side), new(cut, 0, rest, side)],
            3 => [new(0, 0, cut, side), new(cut, 0, rest, side / 2), new(cut, side / 2, rest, side - side / 2)],
            _ => [new(0, 0, cut, cut), new(cut, 0, rest, cut), new(0, cut, cut, rest), new(cut, cut, rest, rest)],
        };
        for (var i = 0; i < places.Length; i++)
        {
            var p = turned ? new Rect(places[i].Y, places[i].X, places[i].Height, places[i].Width) : places[i];
            places[i] = Shrink(mirrored ? new Rect(side - p.X - p.Width, side - p.Y - p.Height, p.Width, p.Height) : p);
        }

        for (var i = places.Length - 1; i > 0; i--)
        {
            var j = below(i + 1);
            (places[i], places[j]) = (places[j], places[i]);
        }

        return places;

        Rect Shrink(Rect p)
        {
            if (!apart)
            {
                return p;
            }

            var (left, right, top, bottom) = (Margin(p.Width), Margin(p.Width), Margin(p.Height), Margin(p.Height));
            return new Rect(p.X + left, p.Y + top, p.Width - left - right, p.Height - top - bottom);
        }

        int Margin(int length) => length * below(26) / 100;
    }

    /// <summary>Fills a place with a picture; what juts out is cut off on both sides alike.</summary>
    /// <param name="canvas">Where to: 8 bits, three channels.</param>
    /// <param name="place">Which part of it.</param>
    /// <param name="picture">What, its channels in the canvas's order.</param>
    public static void Put(Mat canvas, Rect place, Mat picture)
    {
        var scale = Math.Min((double)picture.Width / place.Width, (double)picture.Height / place.Height);
        var (width, height) = (Math.Clamp((int)(place.Width * scale), 1, picture.Width), Math.Clamp((int)(place.Height * scale), 1, picture.Height));
        using var part = new Mat(picture, new Rect((picture.Width - width) / 2, (picture.Height - height) / 2, width, height));
        using var to = new Mat(canvas, place);
        Cv2.Resize(part, to, new Size(place.Width, place.Height), 0, 0, scale > 1 ? InterpolationFlags.Area : InterpolationFlags.Cubic);
    }

    /// <summary>Fills a canvas with a soft backdrop that shows nothing: muted, for what is behind the things must not be the most salient.</summary>
    /// <param name="canvas">8 bits, three channels.</param>
    /// <param name="below">Chance.</param>
    public static void Backdrop(Mat canvas, Func<int, int> below)
    {
        using var coarse = new Mat(3, 3, MatType.CV_8UC3);
        foreach (ref var level in coarse.AsSpan<byte>())
        {
            level = (byte)(96 + below(64));
        }

        Cv2.Resize(coarse, canvas, canvas.Size(), 0, 0, InterpolationFlags.Cubic);
    }
}
