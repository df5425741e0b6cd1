using System.Buffers.Binary;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The desktop window, on a screen that exists in memory only.</summary>
public sealed class WindowTests
{
    private const int Limit = 120_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_window_shows_the_picture()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/Xvfb"), "needs Xvfb (Debian: apt-get install xvfb)");
        using var folder = new TemporaryFolder();
        var display = 100 + Environment.ProcessId % 400;
        var screen = ChildProcess.Start("/usr/bin/Xvfb", [$":{display}", "-screen", "0", "1024x600x24", "-fbdir", folder.Path], folder["xvfb.errors"]);
        try
        {
            // The socket may be an older one's; the screen's file is its own.
            while (!File.Exists($"/tmp/.X11-unix/X{display}") || !File.Exists(folder["Xvfb_screen0"]))
            {
                Assert.SkipWhen(screen.HasExited, "Xvfb does not start here");
                await Task.Delay(20, Token);
            }

            using var run = ChildProcess.Start(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "realtimessl.dll"), "demo", "--window", "--no-web", "--no-video", "--no-browser", "--seconds", "60", "--out", folder["run"]],
                folder["run.errors"], ("DISPLAY", $":{display}"), ("WAYLAND_DISPLAY", null), ("XDG_RUNTIME_DIR", folder.Path));
            try
            {
                // An empty screen is black; the demo's scene is bright.
                while (Brightness(folder["Xvfb_screen0"]) < 40)
                {
                    Assert.False(run.HasExited, await File.ReadAllTextAsync(folder["run.errors"], Token));
                    await Task.Delay(100, Token);
                }
            }
            finally
            {
                ChildProcess.End(run);
            }
        }
        finally
        {
            ChildProcess.End(screen);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_screen_it_is_said_before_the_run_begins()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere there is always one");
        using var folder = new TemporaryFolder();
        using var run = ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "realtimessl.dll"), "demo", "--window", "--no-web", "--no-browser", "--out", folder["run"]],
            folder["errors"], ("DISPLAY", null), ("WAYLAND_DISPLAY", null));
        await run.WaitForExitAsync(Token);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("--window: there is no screen", await File.ReadAllTextAsync(folder["errors"], Token), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    /// <summary>Mean of the screen's bytes: Xvfb keeps it as an X window dump, whose header says how long it and its colour map (12 bytes a colour) are.</summary>
    private static double Brightness(string dump)
    {
        using var stream = new FileStream(dump, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var skip = BinaryPrimitives.ReadInt32BigEndian(bytes) + 12 * BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(19 * 4));
        return bytes.Skip(skip).Average(b => (double)b);
    }
}
