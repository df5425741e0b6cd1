using System.Globalization;

namespace RealtimeSsl.Cli.Benching;

/// <summary>What everybody else on the machine computed while something was measured: figures of a busy machine are upper bounds, and must say so.</summary>
internal sealed class Bystanders
{
    private const string All = "/proc/stat", Own = "/proc/self/stat";
    private readonly (double Total, double Idle, double Ours)? _began = Read();

    /// <summary>Share of all cores' time that others took since this was made, 0..1; null where the system does not say.</summary>
    public double? Share()
    {
        if (_began is not { } began || Read() is not { } now || now.Total <= began.Total)
        {
            return null;
        }

        var others = now.Total - began.Total - (now.Idle - began.Idle) - (now.Ours - began.Ours);
        return Math.Round(Math.Clamp(others / (now.Total - began.Total), 0, 1), 3);
    }

    // Both files count in the same ticks (proc(5)).
    private static (double Total, double Idle, double Ours)? Read()
    {
        if (!File.Exists(All) || !File.Exists(Own))
        {
            return null;
        }

        var cpu = Numbers(File.ReadLines(All).First()["cpu ".Length..]);

        // After the name in brackets: state is field 3; user and system time, of the process and of children that have ended, are 14 to 17.
        var line = File.ReadAllText(Own);
        var own = Numbers(line[(line.LastIndexOf(')') + 4)..]);
        return (cpu.Take(8).Sum(), cpu[3] + cpu[4], own.Skip(14 - 4).Take(4).Sum());
    }

    private static double[] Numbers(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
}
