using RealtimeSsl.Training.Methods;

namespace RealtimeSsl.Training.Train;

/// <summary>A number that says how good the network is; higher is better.</summary>
/// <param name="Name">Names it in logs and files, e.g. <c>pointing</c>.</param>
/// <param name="Value">0..1, or a cosine.</param>
public readonly record struct Score(string Name, double Value);

/// <summary>
/// Judges a network on what it was not trained on. Training does not know how: the metrics are those of evaluation, and the program on top joins the two.
/// </summary>
public interface IJudge
{
    /// <summary>The scores, the most telling one first. The network is in evaluation mode; nothing random may be drawn from torch.</summary>
    /// <param name="method">The method.</param>
    /// <param name="sheet">Where a sheet of pictures with heatmaps may be written; null for none.</param>
    /// <param name="stop">Gives up.</param>
    IReadOnlyList<Score> Judge(TrainingMethod method, string? sheet, CancellationToken stop);
}
