namespace RealtimeSsl.Pipeline;

/// <summary>What a channel does when its reader is slower than its writer: a value with a name, that shows up in diagnostics.</summary>
public abstract record DeliveryPolicy
{
    private DeliveryPolicy()
    {
    }

    /// <summary>Newest wins: the oldest waiting item is dropped at the input. For live pictures and everything that shows them.</summary>
    /// <param name="Depth">How many may wait.</param>
    public sealed record LatestOnly(int Depth = 1) : DeliveryPolicy;

    /// <summary>Nothing is lost: the writer waits. For files, and for recorders whose bound is their alarm.</summary>
    /// <param name="Bound">How many may wait.</param>
    public sealed record Lossless(int Bound) : DeliveryPolicy;

    /// <summary>What waited longer than the limit is dropped when it is its turn. For readers that catch up in bursts.</summary>
    /// <param name="Limit">Longest wait since arrival.</param>
    /// <param name="Bound">How many may wait; beyond it the oldest is dropped.</param>
    public sealed record LatencyBounded(TimeSpan Limit, int Bound = 64) : DeliveryPolicy;
}
