using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace RealtimeSsl.Cli.Benching;

/// <summary>The machine that figures belong to: without it they mean nothing.</summary>
/// <param name="Cpu">As it names itself.</param>
/// <param name="Cores">That this process may use.</param>
/// <param name="Features">Vector units that matter to networks.</param>
/// <param name="System">Operating system.</param>
/// <param name="DotNet">Version of .NET.</param>
/// <param name="OnnxRuntime">Version of ONNX Runtime.</param>
/// <param name="Load">Processes that wanted to run, mean of the last minute; null where the system does not say.</param>
internal sealed record Machine(string Cpu, int Cores, IReadOnlyList<string> Features, string System, string DotNet, string OnnxRuntime, double? Load)
{
    private const string LoadFile = "/proc/loadavg", CpuFile = "/proc/cpuinfo";

    /// <summary>This one, now.</summary>
    public static Machine Here() => new(
        CpuName(),
        Environment.ProcessorCount,
        [.. FeaturesOfCpu()],
        RuntimeInformation.OSDescription,
        Environment.Version.ToString(),
        OrtEnv.Instance().GetVersionString(),
        LoadNow());

    /// <summary>For the head of a report.</summary>
    public override string ToString()
    {
        var load = Load is { } l ? string.Create(CultureInfo.InvariantCulture, $"load {l:0.0}") : "load unknown";
        var features = Features.Count > 0 ? string.Join(" ", Features) : "no AVX2";
        return $"{Cpu}, {Cores} core{(Cores == 1 ? "" : "s")}, {features}; {load}\n{System}, .NET {DotNet}, ONNX Runtime {OnnxRuntime}";
    }

    private static string CpuName()
    {
        var line = File.Exists(CpuFile) ? File.ReadLines(CpuFile).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static double? LoadNow() =>
        File.Exists(LoadFile) && double.TryParse(File.ReadAllText(LoadFile).Split(' ')[0], CultureInfo.InvariantCulture, out var load) ? load : null;

    private static IEnumerable<string> FeaturesOfCpu()
    {
        if (Avx2.IsSupported)
        {
            yield return "AVX2";
        }

        if (Avx512F.IsSupported)
        {
            yield return "AVX-512";
        }

        // .NET does not tell of VNNI in 512 bits; the processor does (leaf 7: ECX bit 11; subleaf 1: EAX bit 4).
        if (X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7)
        {
            if (Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & 1 << 11) != 0)
            {
                yield return "AVX-512-VNNI";
            }

            if (Avx2.IsSupported && (X86Base.CpuId(7, 1).Eax & 1 << 4) != 0)
            {
                yield return "AVX-VNNI";
            }
        }
    }
}
