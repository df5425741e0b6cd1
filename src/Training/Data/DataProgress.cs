using System.Diagnostics;
using System.Globalization;

namespace RealtimeSsl.Training.Data;

/// <summary>How far a long piece of work on the data is.</summary>
/// <param name="What">What is being done.</param>
/// <param name="Done">Files done.</param>
/// <param name="Total">Files in all.</param>
/// <param name="Damaged">Files that could not be read.</param>
/// <param name="Left">Time left, by the speed so far; null at the begin.</param>
public readonly record struct DataProgress(string What, int Done, int Total, int Damaged, TimeSpan? Left)
{
    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{What}: {Done} of {Total}{(Damaged > 0 ? $", {Damaged} damaged" : "")}{(Left is { } left ? $", {left.TotalSeconds:0} s left" : "")}");
}

/// <summary>Counts what is done and tells it at most twice a second. For any thread.</summary>
internal sealed class ProgressMeter(string what, int total, Action<DataProgress>? tell)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private TimeSpan _next = Period;
    private int _done;
    private int _damaged;

    public int Damaged => Volatile.Read(ref _damaged);

    public void Done(bool damaged = false)
    {
        lock (_gate)
        {
            _done++;
            _damaged += damaged ? 1 : 0;
            var passed = Stopwatch.GetElapsedTime(_began);
            if (passed >= _next)
            {
                _next = passed + Period;
                tell?.Invoke(new DataProgress(what, _done, total, _damaged, passed * ((double)(total - _done) / _done)));
            }
        }
    }

    public void Finish()
    {
        if (total > 0)
        {
            tell?.Invoke(new DataProgress(what, total, total, _damaged, null));
        }
    }
}
