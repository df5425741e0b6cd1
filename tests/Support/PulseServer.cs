using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// A PulseAudio server of the test's own, with microphones that say exactly what the test writes: each is a FIFO (module-pipe-source).
/// A child process reaches it through the environment variable PULSE_SERVER = <see cref="Address"/>; this process through
/// <see cref="UseInThisProcess"/>, and then the test class belongs to the collection <see cref="Collection"/>, since the environment is
/// shared.
/// </summary>
public sealed partial class PulseServer : IAsyncDisposable
{
    /// <summary>Name of the xunit collection of everything that calls <see cref="UseInThisProcess"/>.</summary>
    public const string Collection = "PulseAudio in this process";

    private readonly string folder;
    private readonly Process process;
    private bool used;

    private PulseServer(string folder, Process process, IReadOnlyList<PulseMicrophone> microphones)
    {
        this.folder = folder;
        this.process = process;
        Microphones = microphones;
    }

    public static bool IsInstalled => File.Exists("/usr/bin/pulseaudio");

    /// <summary>What PULSE_SERVER has to be.</summary>
    public string Address => $"unix:{Socket}";

    public IReadOnlyList<PulseMicrophone> Microphones { get; }

    private string Socket => Path.Combine(folder, "native");

    /// <summary>Skips the test where PulseAudio is not installed. Without a list there is one microphone: "mic", 16 kHz, mono.</summary>
    public static async Task<PulseServer> StartAsync(CancellationToken token, params (string Name, int Rate, int Channels)[] microphones)
    {
        Assert.SkipUnless(IsInstalled, "needs pulseaudio (Debian: apt-get install pulseaudio)");
        var folder = Directory.CreateTempSubdirectory("pulse-").FullName;
        var sources = (microphones is [] ? [("mic", 16000, 1)] : microphones)
            .Select(m => new PulseMicrophone(m.Name, m.Rate, m.Channels, Path.Combine(folder, $"{m.Name}.fifo"))).ToList();
        var server = new PulseServer(folder, Launch(folder, sources), sources);
        try
        {
            await server.UntilListening(token);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>Points libpulse in this process to this server; undone on disposal.</summary>
    public void UseInThisProcess()
    {
        // .NET's own environment is a copy that native libraries do not see.
        Assert.Equal(0, SetEnvironment("PULSE_SERVER", Address, 1));
        used = true;
    }

    /// <summary>The server dies, as when a sound daemon crashes.</summary>
    public void Kill()
    {
        process.Kill();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    public async ValueTask DisposeAsync()
    {
        if (used)
        {
            _ = UnsetEnvironment("PULSE_SERVER");
        }

        foreach (var microphone in Microphones)
        {
            await microphone.DisposeAsync();
        }

        ChildProcess.End(process);
        Directory.Delete(folder, recursive: true);
    }

    private static Process Launch(string folder, List<PulseMicrophone> sources)
    {
        List<string> arguments =
        [
            "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
            "-L", $"module-native-protocol-unix socket={folder}/native auth-anonymous=1",
        ];
        foreach (var source in sources)
        {
            arguments.Add("-L");
            var format = $"format=s16le rate={source.Rate} channels={source.Channels}";
            arguments.Add($"module-pipe-source source_name={source.Name} file={source.Fifo} {format}");
        }

        return ChildProcess.Start(
            "pulseaudio", arguments, $"{folder}/log", ("HOME", folder), ("XDG_RUNTIME_DIR", folder), ("PULSE_SERVER", null));
    }

    private async Task UntilListening(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            Assert.False(process.HasExited, $"pulseaudio ended: {Log()}");
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), limit.Token);
                if (Microphones.All(m => File.Exists(m.Fifo)))
                {
                    return;
                }
            }
            catch (SocketException)
            {
                // Not there yet.
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private string Log() => File.Exists($"{folder}/log") ? File.ReadAllText($"{folder}/log") : "no log";

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetEnvironment(string name);
}

/// <summary>
/// A microphone of <see cref="PulseServer"/>: 16 bit little-endian, interleaved. What nobody records while it is written is lost, as with
/// any microphone.
/// </summary>
public sealed class PulseMicrophone(string name, int rate, int channels, string fifo) : IAsyncDisposable
{
    private FileStream? stream;

    /// <summary>PulseAudio's name of the source; for ALSA "pulse:NAME", for FFmpeg -f pulse -i NAME.</summary>
    public string Name => name;

    public int Rate => rate;

    public int Channels => channels;

    internal string Fifo => fifo;

    /// <summary>
    /// Writes at once. A recorder's buffer is a few thousand frames: whoever writes more has to wait for the recorder in between.
    /// </summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> pcm, CancellationToken token)
    {
        stream ??= new FileStream(fifo, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await stream.WriteAsync(pcm, token);
    }

    /// <summary>Writes at the pace of a real microphone, in pieces of 10 ms.</summary>
    public async Task PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken token)
    {
        var bytesPerSecond = rate * channels * 2;
        var piece = bytesPerSecond / 100 / (channels * 2) * (channels * 2);
        var clock = Stopwatch.StartNew();
        for (var at = 0; at < pcm.Length; at += piece)
        {
            var due = TimeSpan.FromSeconds(at / (double)bytesPerSecond) - clock.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, token);
            }

            await WriteAsync(pcm.Slice(at, Math.Min(piece, pcm.Length - at)), token);
        }
    }

    public ValueTask DisposeAsync() => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
