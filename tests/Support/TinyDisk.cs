using System.Diagnostics;

namespace RealtimeSsl.Tests.Support;

/// <summary>A file system of a few kilobytes, to be full soon: a tmpfs, where the test may mount one.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly string _path;

    private TinyDisk(string path) => _path = path;

    public static bool TryMount(string path, int kilobytes, out TinyDisk? disk, out string why)
    {
        Directory.CreateDirectory(path);
        why = Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path);
        disk = why.Length == 0 ? new TinyDisk(path) : null;
        return disk is not null;
    }

    /// <summary>Takes it away from under whoever has files open on it.</summary>
    public void Detach() => Run("umount", "-l", _path);

    public void Dispose() => Run("umount", _path);

    private static string Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "needs Linux's tmpfs";
        }

        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0 ? "" : $"{program}: {said.Trim()}";
    }
}
