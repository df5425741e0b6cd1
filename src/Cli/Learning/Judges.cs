using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>Several judges as one; the first one's first score is the one that decides.</summary>
internal sealed class Judges(IReadOnlyList<IJudge> all) : IJudge, IDisposable
{
    /// <inheritdoc/>
    public IReadOnlyList<Score> Judge(TrainingMethod method, string? sheet, CancellationToken stop) => [.. all.SelectMany(j => j.Judge(method, sheet, stop))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var judge in all.OfType<IDisposable>())
        {
            judge.Dispose();
        }
    }
}
