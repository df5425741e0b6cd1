using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Onnx;

/// <summary>
/// Chooses where networks compute: what was asked for, what there is, and why they differ. Falling back to the CPU is never silent: it is
/// logged, and it travels in every message as the device's <see cref="DeviceChoice.Why"/>.
/// </summary>
public static class ExecutionProvider
{
    /// <summary>
    /// What may be asked for: <c>auto</c>, <c>cpu</c>, or an accelerator; an accelerator with <c>!</c> after it must be there.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", Providers.Cpu, .. Providers.Accelerators.Select(p => p.Name)];

    /// <summary>Chooses a device.</summary>
    /// <param name="requested">One of <see cref="Names"/>; <c>cuda!</c> or <c>directml!</c> fails instead of falling back.</param>
    /// <param name="log">Where a fallback is told.</param>
    /// <exception cref="InferenceException">The name is unknown, or the device was required and is not to be had.</exception>
    public static DeviceChoice Choose(string requested, ILog log) =>
        Choose(requested, log, OrtEnv.Instance().GetAvailableProviders(), Try);

    /// <summary>The choice itself, over any list of what there is.</summary>
    /// <param name="requested">As asked for.</param>
    /// <param name="log">Where a fallback is told.</param>
    /// <param name="built">What the native library was built with, by ONNX Runtime's names.</param>
    /// <param name="start">Tries to start one; returns null, or why that failed.</param>
    internal static DeviceChoice Choose(string requested, ILog log, IReadOnlyCollection<string> built, Func<Provider, string?> start)
    {
        var required = requested.EndsWith('!');
        var name = requested.TrimEnd('!').ToLowerInvariant();
        if (!Names.Contains(name) || (required && name is "auto"))
        {
            throw new InferenceException(
                $"device '{requested}': unknown; there are {string.Join(", ", Names)} (with a '!' after it: required)");
        }

        if (name == Providers.Cpu)
        {
            return new DeviceChoice(requested, Providers.Cpu, null);
        }

        var reasons = new List<string>();
        foreach (var provider in Providers.Accelerators.Where(p => name == "auto" || name == p.Name))
        {
            var reason = built.Contains(provider.OrtName) ? start(provider) : "ONNX Runtime here was built without it";
            if (reason is null)
            {
                return new DeviceChoice(requested, provider.Name, null);
            }

            reasons.Add($"no {provider.Name}: {reason}; {provider.HowToGet}");
        }

        var why = string.Join(" / ", reasons);
        if (required)
        {
            throw new InferenceException($"device '{requested}': {why}; without the '!' the CPU would do");
        }

        if (name == "auto")
        {
            log.Info($"device auto: cpu ({why})");
        }
        else
        {
            log.Warn($"device '{requested}' is not to be had, the CPU does it: {why}");
        }

        return new DeviceChoice(requested, Providers.Cpu, why);
    }

    /// <summary>Options of a session on the chosen device.</summary>
    /// <param name="device">The choice.</param>
    /// <param name="threads">Threads within an operator; 0 leaves it to ONNX Runtime (one per core).</param>
    internal static SessionOptions Options(DeviceChoice device, int threads)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // What matters comes as an exception.
        };

        // Idle threads of one session that spin starve the other one: with two trunks on two cores that costs more than half of the speed.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");

        if (Int8SumsSaturate())
        {
            // Rather somewhat slower than wrong. With VNNI it would cost more than half of the speed for nothing.
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
        }

        Providers.Accelerators.FirstOrDefault(p => p.Name == device.Effective)?.Append(options);
        return options;
    }

    /// <summary>
    /// Whether this processor adds pairs of int8 products in 16 bits: x86 without VNNI (CPUID leaf 7: ECX bit 11 of its first part, EAX bit 4 of its second).
    /// </summary>
    private static bool Int8SumsSaturate() =>
        X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) == 0 && (X86Base.CpuId(7, 1).Eax & (1 << 4)) == 0;

    private static string? Try(Provider provider)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            provider.Append(options);
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return OneLine(e.Message);
        }
    }

    /// <summary>ONNX Runtime's messages run over many lines; a person needs the first ones.</summary>
    internal static string OneLine(string message)
    {
        var line = string.Join(' ', message.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 300 ? line : line[..300] + " ...";
    }
}
