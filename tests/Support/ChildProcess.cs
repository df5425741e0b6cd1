using System.Diagnostics;
using Xunit;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// Servers that a test starts for itself. They die with the test run, even when that is killed, and hold none of its streams.
/// </summary>
public static class ChildProcess
{
    /// <summary>A watcher beside the program reads our end of a pipe, which closes whenever and however we end.</summary>
    private const string Script = """
        exec 3<&0
        { read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 &
        errors=$1; shift
        exec "$@" 3<&- </dev/null >/dev/null 2>>"$errors"
        """;

    /// <summary>The process is the program itself, so that signals reach it.</summary>
    /// <param name="program">A name in PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="errors">The file to which its stderr is appended.</param>
    /// <param name="environment">What to change in its environment; null removes.</param>
    public static Process Start(
        string program, IEnumerable<string> arguments, string errors, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", Script, "sh", errors, program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Ends it at once, if it has not ended by itself.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)), "a killed process did not end");
        }

        process.Dispose();
    }
}
