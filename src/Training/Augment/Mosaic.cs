using OpenCvSharp;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// Several pictures in one, and where each of them is: pictures whose boxes are known without anyone having drawn them. Tiled they fill the canvas;
/// pasted they lie on a picture as background, without touching each other. In the line of IS3 (Senocak et al., arXiv 2407.13676), whose pictures
/// are generated.
/// </summary>
public static class Mosaic
{
    /// <summary>Lays out 2 to 4 tiles: halves; a half and two quarters; quarters. Turned at random.</summary>
    /// <param name="count">Tiles.</param>
    /// <param name="side">Width and height of the canvas in pixels.</param>
    /// <param name="random">Chance.</param>
    /// <returns>The tiles in random order.</returns>
    public static Rect[] Tiles(int count, int side, ref SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 4);
        var half = side / 2;
        var rest = side - half;
        Rect[] tiles = count switch
        {
            2 => [new(0, 0, half, side), new(half, 0, rest, side)],
            3 => [new(0, 0, half, side), new(half, 0, rest, half), new(half, half, rest, rest)],
            _ => [new(0, 0, half, half), new(half, 0, rest, half), new(0, half, half, rest), new(half, half, rest, rest)],
        };
        var (turned, mirrored) = (random.Chance(0.5), random.Chance(0.5));
        for (var i = 0; i < tiles.Length; i++)
        {
            var t = turned ? new Rect(tiles[i].Y, tiles[i].X, tiles[i].Height, tiles[i].Width) : tiles[i];
            tiles[i] = mirrored ? new Rect(side - t.X - t.Width, side - t.Y - t.Height, t.Width, t.Height) : t;
        }

        random.Shuffle(tiles.AsSpan());
        return tiles;
    }

    /// <summary>Finds places for pictures to be pasted: each a quarter to a half of the side, none touching another.</summary>
    /// <param name="count">Pictures.</param>
    /// <param name="side">Width and height of the canvas in pixels.</param>
    /// <param name="random">Chance.</param>
    public static Rect[] Places(int count, int side, ref SeededRandom random)
    {
        // One to a quarter of the canvas: there is always room.
        var quarters = Tiles(4, side, ref random);
        var places = new Rect[count];
        for (var i = 0; i < count; i++)
        {
            var quarter = quarters[i];
            var size = (int)(side * random.Uniform(0.25, 0.45));
            places[i] = new Rect(quarter.X + random.Below(quarter.Width - size + 1), quarter.Y + random.Below(quarter.Height - size + 1), size, size);
        }

        return places;
    }

    /// <summary>Puts a picture into a place: cut at random to the place's ratio, and resized.</summary>
    /// <param name="canvas">Where to: 8 bits, R, G, B.</param>
    /// <param name="place">Which part of it.</param>
    /// <param name="picture">What.</param>
    /// <param name="random">Chance.</param>
    public static void Put(Mat canvas, Rect place, Mat picture, ref SeededRandom random)
    {
        var scale = Math.Min((double)picture.Width / place.Width, (double)picture.Height / place.Height);
        var (width, height) = (Math.Clamp((int)(place.Width * scale), 1, picture.Width), Math.Clamp((int)(place.Height * scale), 1, picture.Height));
        using var part = new Mat(picture, new Rect(random.Below(picture.Width - width + 1), random.Below(picture.Height - height + 1), width, height));
        using var to = new Mat(canvas, place);
        var size = new Size(place.Width, place.Height);
        Cv2.Resize(part, to, size, 0, 0, PictureOps.Kind(part, size));
    }
}
