using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>A batch of the loader as tensors on the device.</summary>
public static class StepInputs
{
    /// <summary>Copies a batch; the tensors belong to the caller's dispose scope.</summary>
    public static StepInput Of(Batch batch, Device device, ComputeSettings compute, long step)
    {
        var (image, audio, n) = (batch.Plan.Image, batch.Plan.Audio, (long)batch.Size);
        return new StepInput(
            [.. batch.Pictures.Select(p => Laid(Put(p, [n, 3, image.Height, image.Width], device), compute))],
            [.. batch.Sounds.Select(s => Laid(Put(s, [n, 1, audio.Rows, audio.Columns], device), compute))],
            tensor(batch.Labels).to(device),
            batch.Warps.Length > 0 ? Put(batch.Warps, [n, 2, 3], device) : null,
            batch.HalfSize,
            batch.Epoch,
            step)
        {
            Motion = batch.Plan.Motion is { } motion ? Laid(Put(batch.Motions, [n, motion.Planes, image.Height, image.Width], device), compute) : null,
        };
    }

    /// <summary>
    /// The same for judging, in the network's own precision: before training and as it is exported a network computes in 32 bits, though it learns in fewer.
    /// </summary>
    public static StepInput Of(Batch batch, Device device, ComputeSettings compute, nn.Module network) =>
        Of(batch, device, compute with { Bf16 = network.parameters().Any(p => p.dtype == ScalarType.BFloat16) }, 0);

    /// <summary>Precision and layout that the network computes in.</summary>
    public static Tensor Laid(Tensor t, ComputeSettings compute)
    {
        t = compute.Bf16 ? t.to(ScalarType.BFloat16) : t;
        return compute.ChannelsLast ? MasterWeights.ChannelsLast(t) : t;
    }

    private static Tensor Put(float[] values, long[] shape, Device device) => tensor(values, shape).to(device);
}
