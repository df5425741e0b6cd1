using System.Diagnostics;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>How a call of the program ended.</summary>
internal sealed record Outcome(int Code, string Output, string Errors)
{
    /// <summary>The lines on stderr that are the program's own errors.</summary>
    public string[] Complaints { get; } =
        [.. Errors.Split('\n').Where(l => l.StartsWith("realtimessl: ", StringComparison.Ordinal)).Select(l => l["realtimessl: ".Length..])];
}

/// <summary>Runs the program as a person does: a process of its own.</summary>
internal static class CommandLine
{
    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "realtimessl.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OPENCV_LOG_LEVEL"] = "ERROR";
        return Process.Start(start)!;
    }

    public static async Task<Outcome> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    public static async Task<Outcome> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
