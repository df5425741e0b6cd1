using System.Globalization;

namespace RealtimeSsl.Training.Train;

/// <summary>How a run is doing; told about twice a second.</summary>
/// <param name="Epoch">Of the epochs, from 1.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Batch">Batches done of this epoch.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Loss">Mean loss since it was last told.</param>
/// <param name="Parts">What it is made of.</param>
/// <param name="PerSecond">Pairs a second.</param>
/// <param name="Left">Time left by that speed, validations not counted.</param>
/// <param name="MemoryMb">Memory of this process.</param>
/// <param name="Handles">Live tensors.</param>
public readonly record struct TrainProgress(
    int Epoch, int Epochs, int Batch, int Batches, double Loss, IReadOnlyList<(string Name, double Value)> Parts, double PerSecond, TimeSpan Left, double MemoryMb, long Handles)
{
    /// <summary>In one line.</summary>
    public override string ToString()
    {
        var parts = Parts.Count > 1 ? " (" + string.Join(", ", Parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Value:0.000}"))) + ")" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {Epoch}/{Epochs} {Batch}/{Batches}: loss {Loss:0.0000}{parts}, {PerSecond:0.0} pairs/s, {Time(Left)} left, {MemoryMb:0} MB");
    }

    private static string Time(TimeSpan t) => t.TotalHours >= 1 ? $"{(int)t.TotalHours} h {t.Minutes} min" : t.TotalMinutes >= 2 ? $"{(int)t.TotalMinutes} min" : $"{(int)t.TotalSeconds} s";
}
