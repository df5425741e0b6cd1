using System.Diagnostics;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// Times a stage: warmed up, garbage collected before, each run stamped by itself, so that p95 shows what a frame may meet. BenchmarkDotNet would start a
/// process of its own per stage, and needs the source and an SDK: minutes, where a user wants an answer. What it has over this (pilot runs, overhead
/// subtracted) matters for what takes nanoseconds; such a stage costs a frame nothing that matters here.
/// </summary>
/// <param name="runs">Runs of each stage; 0: as many as fit into <paramref name="seconds"/>, 10 at least.</param>
/// <param name="seconds">Time for each stage.</param>
/// <param name="stop">Ends a measurement.</param>
internal sealed class StageClock(int runs, double seconds, CancellationToken stop)
{
    private const int Fewest = 10, Most = 20_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(100);

    /// <summary>Times a stage.</summary>
    public Timing Measure(Action stage)
    {
        Warm(stage);
        GC.Collect();
        var times = new double[runs > 0 ? runs : Most];
        var (count, began) = (0, Stopwatch.GetTimestamp());
        while (count < times.Length && (runs > 0 || count < Fewest || Stopwatch.GetElapsedTime(began).TotalSeconds < seconds))
        {
            stop.ThrowIfCancellationRequested();
            times[count++] = Once(stage);
        }

        return Timing.Of(times[..count]);
    }

    /// <summary>Some runs in a row.</summary>
    /// <param name="stage">What runs.</param>
    /// <param name="warm">Runs before, which do not count.</param>
    /// <param name="count">Runs that count.</param>
    /// <returns>Their times in ms.</returns>
    public double[] Times(Action stage, int warm, int count)
    {
        for (var i = 0; i < warm; i++)
        {
            stage();
        }

        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            stop.ThrowIfCancellationRequested();
            times[i] = Once(stage);
        }

        return times;
    }

    /// <summary>Until code is compiled, caches are filled and pools have grown.</summary>
    private void Warm(Action stage)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 3 || (runs == 0 && Stopwatch.GetElapsedTime(began) < WarmUp); i++)
        {
            stop.ThrowIfCancellationRequested();
            stage();
        }
    }

    private static double Once(Action stage)
    {
        var began = Stopwatch.GetTimestamp();
        stage();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
