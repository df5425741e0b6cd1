using System.ComponentModel;
using System.Diagnostics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>Opens the live page in the person's own browser, where there is one to see it.</summary>
internal static class Browser
{
    /// <summary>Opens it; where that is not possible, says which address to open.</summary>
    public static void Open(Uri address, ILog log)
    {
        try
        {
            var linux = OperatingSystem.IsLinux();
            if (linux && Environment.GetEnvironmentVariable("DISPLAY") is null && Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is null)
            {
                log.Info($"no desktop here; open {address} in a browser");
                return;
            }

            using var process = linux
                ? Process.Start(new ProcessStartInfo("xdg-open", address.ToString()) { RedirectStandardError = true, RedirectStandardOutput = true })
                : Process.Start(new ProcessStartInfo(address.ToString()) { UseShellExecute = true });
        }
        catch (Win32Exception)
        {
            log.Info($"no browser to open; open {address} yourself");
        }
    }
}
