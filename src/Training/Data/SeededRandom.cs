namespace RealtimeSsl.Training.Data;

/// <summary>
/// Random numbers that are a pure function of where they are used: (seed, epoch, index) gives a stream of its own, so that neither the
/// order of threads nor a resumed run changes what is drawn. SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
/// </summary>
public struct SeededRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    private SeededRandom(ulong state) => _state = state;

    /// <summary>The stream of a place: of a seed and any further numbers.</summary>
    public static SeededRandom At(long seed, params ReadOnlySpan<long> place)
    {
        var state = Mix((ulong)seed + Golden);
        foreach (var part in place)
        {
            state = Mix(state ^ Mix((ulong)part + Golden));
        }

        return new SeededRandom(state);
    }

    /// <summary>A number of a name, the same on every machine (FNV-1a).</summary>
    public static long Of(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return (long)hash;
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [from, to).</summary>
    public double Uniform(double from, double to) => from + (to - from) * Uniform();

    /// <summary>Uniform in 0 .. count - 1.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)(((UInt128)Bits() * (ulong)count) >> 64);
    }

    /// <summary>True with that probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>A normal variate of mean 0 and deviation 1 (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
