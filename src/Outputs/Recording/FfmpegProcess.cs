using System.Diagnostics;
using System.Globalization;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A child FFmpeg: its last words are kept for the error message, Ctrl-C in the terminal does not reach it (we finish it ourselves, in order),
/// and no wait for it is without a limit.
/// </summary>
internal sealed class FfmpegProcess : IDisposable
{
    private const int KeptLines = 8;
    private readonly Process _process;
    private readonly Queue<string> _said = new();
    private readonly TaskCompletionSource _fellSilent = new();

    /// <summary>Starts it.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">All but the general ones (quiet, no terminal).</param>
    /// <param name="output">Whether <see cref="Output"/> will be read.</param>
    /// <exception cref="OutputException">It cannot be started.</exception>
    public FfmpegProcess(string program, IEnumerable<string> arguments, bool output = false)
    {
        // A session of its own keeps the terminal's signals away; on Windows a process group does.
        var setsid = OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid");
        string[] general = ["-hide_banner", "-nostdin", "-loglevel", "error"];
        var start = setsid
            ? new ProcessStartInfo("/usr/bin/setsid", [program, .. general, .. arguments])
            : new ProcessStartInfo(program, [.. general, .. arguments]);
        (start.RedirectStandardInput, start.RedirectStandardError, start.RedirectStandardOutput) = (true, true, true);
        (start.UseShellExecute, start.CreateNoWindow) = (false, true);
        if (OperatingSystem.IsWindows())
        {
            start.CreateNewProcessGroup = true;
        }

        try
        {
            _process = Process.Start(start) ?? throw new OutputException(Missing(program));
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OutputException(Missing(program), e);
        }

        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginErrorReadLine();
        if (!output)
        {
            _process.OutputDataReceived += static (_, _) => { };
            _process.BeginOutputReadLine();
        }
    }

    /// <summary>What it reads from.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What it writes, if that was asked for.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Why it ended: its last lines, or else its exit code. Waits a moment for the end.</summary>
    public string LastWords()
    {
        var ended = _fellSilent.Task.Wait(TimeSpan.FromSeconds(2)) && _process.WaitForExit(TimeSpan.FromSeconds(2));
        lock (_said)
        {
            return _said.Count > 0 ? string.Join("; ", _said)
                : ended ? string.Create(CultureInfo.InvariantCulture, $"it ended with code {_process.ExitCode}")
                : "it closed its input";
        }
    }

    /// <summary>Checks that the program is there and runs.</summary>
    /// <exception cref="OutputException">It is not, or does not.</exception>
    public static async Task CheckAsync(string program, CancellationToken token)
    {
        using var process = new FfmpegProcess(program, ["-version"]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        if (await process.ExitAsync(limit.Token).ConfigureAwait(false) != 0)
        {
            throw new OutputException(Missing(program));
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(CancellationToken token)
    {
        await _process.WaitForExitAsync(token).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private static string Missing(string program) =>
        $"{program}: cannot be run; the recording needs FFmpeg: install it (Debian: apt-get install ffmpeg) or switch the recording off";

    private void Hear(string? line)
    {
        if (line is null)
        {
            _fellSilent.TrySetResult();
            return;
        }

        lock (_said)
        {
            _said.Enqueue(line.Trim());
            while (_said.Count > KeptLines)
            {
                _said.Dequeue();
            }
        }
    }
}
