using System.ComponentModel;
using System.Diagnostics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Capture.Media;

/// <summary>
/// An ffmpeg process that we read from: started so that Ctrl-C in the terminal reaches only us, its last complaints kept for our error
/// messages, killed within a bounded time whatever it does.
/// </summary>
public sealed class FfmpegChild : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private int _errors;

    private FfmpegChild(Process process) => _process = process;

    /// <summary>Its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>How many errors it has complained of.</summary>
    public int Errors => Volatile.Read(ref _errors);

    /// <summary>Its last complaint, without credentials; "no message" if it said nothing.</summary>
    public string LastLine
    {
        get
        {
            lock (_gate)
            {
                return _lines.LastOrDefault() ?? "no message";
            }
        }
    }

    /// <summary>Whether one of its last complaints contains the word.</summary>
    public bool Complained(string word)
    {
        lock (_gate)
        {
            return _lines.Any(l => l.Contains(word, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>Starts <c>ffmpeg</c> with these arguments.</summary>
    /// <exception cref="SourceException">There is no ffmpeg.</exception>
    public static FfmpegChild Start(IEnumerable<string> arguments)
    {
        var start = Prepare("ffmpeg", arguments);
        try
        {
            var process = Process.Start(start)!;
            var child = new FfmpegChild(process);
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, e) => child.Heard(e.Data);
            process.BeginErrorReadLine();
            return child;
        }
        catch (Win32Exception e)
        {
            throw new SourceException($"cannot start ffmpeg ({e.Message})", e);
        }
    }

    /// <summary>How one of the ffmpeg programs is to be started: found in PATH, all of its streams ours.</summary>
    /// <exception cref="SourceException">It is not in PATH.</exception>
    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments)
    {
        var found = Find(program) ?? throw new SourceException(
            $"{program} is not in PATH; install FFmpeg (Debian: apt-get install ffmpeg, Windows: winget install ffmpeg)");
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };

        // Away from our terminal: it sends Ctrl-C to its whole foreground group, and we finish what ffmpeg has already decoded.
        if (!OperatingSystem.IsWindows() && Find("setsid") is { } setsid)
        {
            start.FileName = setsid;
            start.ArgumentList.Add(found);
        }
        else
        {
            start.FileName = found;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>Waits for it to end by itself. Null if it does not within the time.</summary>
    public int? WaitForExit(TimeSpan time)
    {
        if (!_process.WaitForExit(time))
        {
            return null;
        }

        // Its last words may still be on the way: they are read on another thread.
        using var heard = new CancellationTokenSource(Patience);
        try
        {
            _process.WaitForExitAsync(heard.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // A grandchild holds its stderr: we do without.
        }

        return _process.ExitCode;
    }

    /// <summary>Ends it now; whoever reads its output then sees the end of it. May be called from any thread, more than once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: false);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It is gone already, which is what we want.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit(Patience);
        _process.Dispose();
    }

    private static string? Find(string program)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private void Heard(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_gate)
        {
            if (line.Contains("[error]", StringComparison.Ordinal) || line.Contains("[fatal]", StringComparison.Ordinal))
            {
                _errors++;
            }

            _lines.Enqueue(FfmpegLine.Clean(line));
            while (_lines.Count > 8)
            {
                _lines.Dequeue();
            }
        }
    }
}
