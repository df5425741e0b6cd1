namespace RealtimeSsl.Capture.Synthetic;

/// <summary>Randomness as a pure function of a seed and a counter: the scene is the same at every moment, whatever was drawn before.</summary>
internal static class Hash
{
    /// <summary>Uniform in 0..1.</summary>
    public static double Uniform(int seed, long index)
    {
        unchecked
        {
            var x = (uint)index + (uint)(index >> 32) * 0x85EBCA6Bu + (uint)seed * 0x9E3779B9u;
            x ^= x >> 16;
            x *= 0x7FEB352Du;
            x ^= x >> 15;
            x *= 0x846CA68Bu;
            x ^= x >> 16;
            return x / 4294967296.0;
        }
    }

    /// <summary>Uniform in <paramref name="low"/>..<paramref name="high"/>.</summary>
    public static double Between(int seed, long index, double low, double high) => low + (high - low) * Uniform(seed, index);
}
