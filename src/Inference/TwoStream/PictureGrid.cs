using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// From the grid that a network sees to a grid over the whole picture. They are the same, unless the front end cuts the middle out: then
/// cells are added around it, as many on each side, that score "certainly not here", since nobody looked there. Scores are moved, never
/// interpolated; a cell's place is off by less than half a cell.
/// </summary>
/// <param name="frontEnd">What the network sees of a picture.</param>
/// <param name="rows">Rows of the network's map.</param>
/// <param name="cols">Columns of the network's map.</param>
public sealed class PictureGrid(ImageFrontEnd frontEnd, int rows, int cols)
{
    /// <summary>Sizes a heatmap for a picture and fills it with its low end.</summary>
    public void Clear(VideoFrame frame, Heatmap heatmap)
    {
        var view = frontEnd.View(frame.Width, frame.Height);
        heatmap.Resize(Around(rows, view.Bottom - view.Top), Around(cols, view.Right - view.Left));
        heatmap.Scores.Fill(heatmap.Low);
    }

    /// <summary>Sizes a heatmap for a picture and puts the network's map where it belongs.</summary>
    public void Place(VideoFrame frame, ReadOnlySpan<float> map, Heatmap heatmap)
    {
        Clear(frame, heatmap);
        var (top, left) = ((heatmap.Rows - rows) / 2, (heatmap.Cols - cols) / 2);
        for (var row = 0; row < rows; row++)
        {
            map.Slice(row * cols, cols).CopyTo(heatmap.Scores[((top + row) * heatmap.Cols + left)..]);
        }
    }

    /// <summary>
    /// Cells over the whole length of which <paramref name="cells"/> see the middle <paramref name="share"/>; the nearest number that
    /// leaves as many on both sides.
    /// </summary>
    private static int Around(int cells, double share) => cells + 2 * (int)Math.Round((cells / share - cells) / 2);
}
