using System.Globalization;

namespace RealtimeSsl.Cli.Benching;

/// <summary>The report on the terminal, line by line as it is measured: what takes long shows that it lives.</summary>
internal sealed class BenchPrinter(TextWriter output)
{
    private const int Width = 46;

    /// <summary>What is measured where.</summary>
    public void Head(Machine machine, BenchRequest request)
    {
        output.WriteLine(machine);
        output.WriteLine($"{request.Options.Threads} thread{(request.Options.Threads == 1 ? "" : "s")} per network; pictures of {request.Size.Width}x{request.Size.Height}, scene '{Material.SceneName}'{(request.Options.Winograd ? "" : "; without Winograd")}");
    }

    /// <summary>What others did meanwhile.</summary>
    public void Foot(double? others)
    {
        if (others is { } share)
        {
            Say($"");
            Say($"Others took {share:0 %} of the machine meanwhile{(share > 0.05 ? ": take the figures as upper bounds" : "")}.");
        }
    }

    /// <summary>Begins a table.</summary>
    public void Table(string title)
    {
        output.WriteLine();
        output.WriteLine($"{title,-Width} {"p50 ms",9} {"p95 ms",9} {"best",9} {"runs",7}");
    }

    /// <summary>One line of it.</summary>
    public void Stage(StageResult stage)
    {
        output.WriteLine($"  {stage.Stage,-Width + 2} {Ms(stage.Ms.P50),9} {Ms(stage.Ms.P95),9} {(stage.Ms.Best is { } best ? Ms(best) : ""),9} {stage.Ms.Runs,7}");
        output.Flush();
    }

    /// <summary>A remark.</summary>
    public void Say(FormattableString line)
    {
        output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
        output.Flush();
    }

    /// <summary>A time with three digits that mean something.</summary>
    public static string Ms(double ms) => ms.ToString(ms < 1 ? "0.0000" : ms < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
