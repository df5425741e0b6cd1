namespace RealtimeSsl.Training.Import;

/// <summary>
/// What a checkpoint's description may cost in memory: its file's own length, and room for a few thousand tensors' names and shapes. A pickle of one
/// byte can make an object of a hundred; a file of a gigabyte of such bytes must not take the machine down.
/// </summary>
/// <param name="file">The checkpoint.</param>
internal sealed class MemoryBudget(CheckpointFile file)
{
    private const long Room = 16 << 20;

    private long _left = file.Length + Room;

    /// <summary>Takes part of it; figures are rounded up from what .NET's objects take.</summary>
    /// <exception cref="ImportException">There is not so much left.</exception>
    public void Charge(long bytes)
    {
        _left -= bytes;
        if (_left < 0)
        {
            throw file.Refuse($"it describes so many objects that they would take more memory ({(file.Length + Room) >> 20} MB) than the file is long: no checkpoint does");
        }
    }
}
