namespace RealtimeSsl.Tests.Support;

/// <summary>Counts what a hot path allocates on its thread.</summary>
public static class Allocations
{
    /// <summary>
    /// Bytes that a round of calls allocates, at the least, after a warm-up. The least of many rounds: a leak is in each of them,
    /// while the runtime's own doings (a method compiled anew) are in one or another.
    /// </summary>
    /// <param name="work">The hot path; gets the call's number.</param>
    /// <param name="round">Calls in a round: enough for everything to happen that happens now and then.</param>
    public static long LeastOfRounds(Action<int> work, int round = 16)
    {
        for (var i = 0; i < 64; i++)
        {
            work(i);
        }

        var least = long.MaxValue;
        for (var rounds = 0; rounds < 32; rounds++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < round; i++)
            {
                work(rounds * round + i);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
