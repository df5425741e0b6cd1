using RealtimeSsl.Pipeline;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Cli.Learning;

/// <summary>Where training computes.</summary>
internal static class Devices
{
    /// <summary>The device of that name.</summary>
    /// <exception cref="UsageException">It is not there.</exception>
    public static Device Of(string name, ILog log)
    {
        var there = cuda.is_available();
        if (name == "cuda" && !there)
        {
            throw new UsageException("--device cuda: this libtorch finds no GPU (Debian's is built for CPUs only; the nuget flavour with TorchSharp-cuda has it); leave it at auto");
        }

        if (name == "cpu" || !there)
        {
            return CPU;
        }

        log.Info($"{cuda.device_count()} GPU(s); one is used: TorchSharp does not offer libtorch's process groups, so there is no training on several");
        return new Device(DeviceType.CUDA);
    }
}
