using System.CommandLine;
using RealtimeSsl.Evaluation.Reports;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>evaluate compare</c>: is B better than A, or is it chance?</summary>
internal static class CompareVerb
{
    private const string Text = """
        Compares two reports of evaluate over the samples that both have, with 95 % intervals of the difference (paired bootstrap over pictures).

        Example:
          ./realtimessl evaluate compare runs/evaluate-before-is3 runs/evaluate-after-is3
        """;

    public static Command Make()
    {
        var (first, second) = (new Argument<string>("A") { Description = "a report's folder, or its report.json" }, new Argument<string>("B") { Description = "the other one" });
        var verb = new Command("compare", Text) { first, second };
        verb.SetAction(parsed =>
        {
            Console.WriteLine(ReportComparison.Of(ReportJson.Read(parsed.GetValue(first)!), ReportJson.Read(parsed.GetValue(second)!)).TrimEnd());
            return 0;
        });
        return verb;
    }
}
