namespace RealtimeSsl.Pipeline;

/// <summary>A box in 0..1 of the picture, origin top left: a corner is (X1, Y1), the opposite one (X2, Y2).</summary>
public readonly record struct Box(float X1, float Y1, float X2, float Y2)
{
    /// <summary>Area as a share of the picture.</summary>
    public float Area => Math.Max(0, X2 - X1) * Math.Max(0, Y2 - Y1);

    /// <summary>Intersection over union with another box, 0..1.</summary>
    public float IoU(Box other)
    {
        var overlap = new Box(Math.Max(X1, other.X1), Math.Max(Y1, other.Y1), Math.Min(X2, other.X2), Math.Min(Y2, other.Y2)).Area;
        var union = Area + other.Area - overlap;
        return union > 0 ? overlap / union : 0;
    }

    /// <summary>Whether the point lies in the box.</summary>
    public bool Contains(float x, float y) => x >= X1 && x <= X2 && y >= Y1 && y <= Y2;
}

/// <summary>Something in the picture that sounds.</summary>
/// <param name="Id">Stable while the source lives; 0 before the tracker has seen it. Never used twice in a run.</param>
/// <param name="Label">What it is, where the method tells; otherwise null.</param>
/// <param name="Score">0..1.</param>
/// <param name="Box">Where it is.</param>
/// <param name="PeakX">Where it is loudest, 0..1 of the width.</param>
/// <param name="PeakY">Where it is loudest, 0..1 of the height.</param>
/// <param name="Age">Seconds of the source's timeline since it was first seen.</param>
public readonly record struct SoundSource(int Id, string? Label, float Score, Box Box, float PeakX, float PeakY, double Age);
