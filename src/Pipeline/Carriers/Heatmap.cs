namespace RealtimeSsl.Pipeline;

/// <summary>
/// Where the sound comes from: a coarse grid over the whole picture, row-major, <c>[y * Cols + x]</c>, x to the right, y down, one raw score per cell.
/// Raw means as the method computes it (a cosine, a correlation); <see cref="Low"/> and <see cref="High"/> say how to read it.
/// </summary>
public sealed class Heatmap
{
    private float[] _scores = [];

    /// <summary>Rows of the grid.</summary>
    public int Rows { get; private set; }

    /// <summary>Columns of the grid.</summary>
    public int Cols { get; private set; }

    /// <summary>Raw score that means "certainly not here": 0 of the normalised range.</summary>
    public float Low { get; set; }

    /// <summary>Raw score that means "certainly here": 1 of the normalised range.</summary>
    public float High { get; set; } = 1;

    /// <summary>What is heard there, where the method tells classes apart; otherwise null.</summary>
    public string? Label { get; set; }

    /// <summary>Rows x Cols raw scores.</summary>
    public Span<float> Scores => _scores.AsSpan(0, Rows * Cols);

    /// <summary>Sets the grid's size; the content is undefined afterwards. Allocates only when the grid grows.</summary>
    public void Resize(int rows, int cols)
    {
        if (_scores.Length < rows * cols)
        {
            _scores = new float[rows * cols];
        }

        (Rows, Cols) = (rows, cols);
    }

    /// <summary>The score of a cell on the scale of 0 (<see cref="Low"/>) to 1 (<see cref="High"/>), clamped.</summary>
    public float Normalised(int cell) => High > Low ? Math.Clamp((_scores[cell] - Low) / (High - Low), 0f, 1f) : 0f;

    /// <summary>The cell with the highest score (the first one of equals) and its centre in 0..1 of the picture.</summary>
    public (int Cell, float X, float Y) Peak()
    {
        var best = 0;
        for (var i = 1; i < Rows * Cols; i++)
        {
            if (_scores[i] > _scores[best])
            {
                best = i;
            }
        }

        return (best, (best % Cols + 0.5f) / Cols, (best / Cols + 0.5f) / Rows);
    }

    /// <summary>Copies size, range, label and scores of another heatmap.</summary>
    public void CopyFrom(Heatmap other)
    {
        Resize(other.Rows, other.Cols);
        (Low, High, Label) = (other.Low, other.High, other.Label);
        other.Scores.CopyTo(Scores);
    }
}
