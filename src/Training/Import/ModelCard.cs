using System.Globalization;
using System.Text;

namespace RealtimeSsl.Training.Import;

/// <summary>The model card of an imported package: where the weights are from, what was taken, what is not known.</summary>
internal static class ModelCard
{
    /// <summary>Writes it.</summary>
    public static string Write(ImportRequest request, CheckpointSet checkpoint, WeightReport weights)
    {
        var method = request.Method;
        var card = new StringBuilder();
        Line($"# {Path.GetFileName(request.Out)}");
        Line($"{method.Title}. Weights by its authors, imported from a published checkpoint; nothing was trained here. {method.Note}".TrimEnd());
        Line("");
        Line("| | |");
        Line("|---|---|");
        foreach (var file in checkpoint.Files)
        {
            Line($"| source | `{CheckpointFile.Printable(Path.GetFileName(file.Path))}`, {file.Length} bytes, {file.Layout} |");
            Line($"| SHA-256 | `{file.Sha256()}` |");
        }

        Line($"| licence | {request.Licence} |");
        Line($"| tensors | {weights.Used} used ({weights.Numbers} numbers), {weights.Unused} not needed |");
        foreach (var (name, value) in checkpoint.Files.SelectMany(f => f.Facts))
        {
            Line($"| {name} | {value} |");
        }

        Line($"| picture | front end `{method.Image.Id}`, {method.Image.Width} x {method.Image.Height} |");
        Line($"| sound | front end `{method.Audio.Id}`, {method.Audio.WindowSeconds:0.##} s, {method.Audio.Rows} x {method.Audio.Columns} |");
        List("Tensors of the file that this program does not know, ignored on request (--allow-extra)", weights.Extra);
        List("Tensors that the file lacks, set as before training on request (--allow-missing)", weights.Missing);
        Line("");
        Line("Batch normalisation is folded into the convolutions, which changes scores by rounding alone. The detection limits in `model.json` are not");
        Line("calibrated on data: they decide from which score on there is a source, not where it is. `evaluate --write-calibration` measures presence.");
        return card.ToString();

        void Line(string line) => card.Append(CultureInfo.InvariantCulture, $"{line}\n");

        void List(string title, IReadOnlyList<string> names)
        {
            if (names.Count > 0)
            {
                Line("");
                Line($"{title}: {string.Join(", ", names.Select(n => $"`{CheckpointFile.Printable(n)}`"))}.");
            }
        }
    }
}
