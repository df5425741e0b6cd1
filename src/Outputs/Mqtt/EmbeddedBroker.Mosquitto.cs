using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A broker of our own for the time of a run: mosquitto, on 127.0.0.1 only, open to every program of this machine, and without memory. It ends with us, however we
/// end. (Where the MQTTnet package is, its server does the same: <c>EmbeddedBroker.Server.cs</c>.)
/// </summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private const int Attempts = 5;
    // Not on the path of an ordinary user.
    private static readonly string[] Places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/bin/mosquitto"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // The shell is there to end mosquitto when our end of the pipe closes: also when we are killed.
    private const string Guard = """ "$0" -c "$1" & trap 'kill $! 2>/dev/null' EXIT TERM; read -r _ ; exit 0""";

    private readonly string _folder;
    private Process? _process;
    private string _lastWords = "";

    private EmbeddedBroker(string folder) => _folder = folder;

    /// <summary>What serves.</summary>
    public static string Program => "mosquitto";

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Where it listens for browsers; null if it cannot.</summary>
    public int? WebSocketPort { get; private set; }

    /// <summary>Starts it.</summary>
    /// <param name="port">Where; null takes any free port.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="OutputException">There is no mosquitto, or it does not start.</exception>
    public static async Task<EmbeddedBroker> StartAsync(int? port, CancellationToken token)
    {
        var program = Places.FirstOrDefault(File.Exists)
            ?? throw new OutputException("--mqtt embedded needs mosquitto: install it (Debian: apt-get install mosquitto), or name a broker with --mqtt mqtt://HOST");
        var broker = new EmbeddedBroker(Directory.CreateTempSubdirectory("realtimessl-mqtt-").FullName);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                // Somebody may take a free port before mosquitto does; and not every mosquitto speaks WebSocket.
                var webSocket = attempt < Attempts;
                if (await broker.TryStartAsync(program, port ?? FreePort(), webSocket ? FreePort() : null, token).ConfigureAwait(false))
                {
                    return broker;
                }

                if (attempt == Attempts)
                {
                    throw new OutputException($"--mqtt embedded: mosquitto does not start{(port is { } named ? $" on port {named}" : "")}: {broker._lastWords}");
                }
            }
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> TryStartAsync(string program, int port, int? webSocketPort, CancellationToken token)
    {
        (Port, WebSocketPort) = (port, webSocketPort);
        var file = Path.Combine(_folder, "conf");
        var browsers = webSocketPort is { } web ? string.Create(CultureInfo.InvariantCulture, $"listener {web} 127.0.0.1\nprotocol websockets\n") : "";

        // The user root means: stay who you are, so that it can read and write its folder.
        await File.WriteAllTextAsync(
            file,
            string.Create(
                CultureInfo.InvariantCulture,
                $"user root\npersistence false\nlog_dest file {_folder}/log\nset_tcp_nodelay true\nallow_anonymous true\nlistener {port} 127.0.0.1\n{browsers}"),
            token).ConfigureAwait(false);

        // A session of its own keeps the terminal's Ctrl-C away: it is needed for our farewell.
        var start = new ProcessStartInfo("/usr/bin/setsid", ["/bin/sh", "-c", Guard, program, file])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        try
        {
            _process = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            throw new OutputException($"--mqtt embedded: {program} cannot be run: {e.Message}", e);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Patience);
        while (!limit.IsCancellationRequested)
        {
            // Its own word, not an open port: that could be somebody else's.
            _lastWords = Said();
            if (_lastWords.Contains(" running", StringComparison.Ordinal))
            {
                return true;
            }

            if (_lastWords.Contains("Error", StringComparison.Ordinal))
            {
                break;
            }

            await Task.Delay(20, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        token.ThrowIfCancellationRequested();
        await EndAsync().ConfigureAwait(false);
        return false;
    }

    private string Said()
    {
        var path = Path.Combine(_folder, "log");
        return File.Exists(path) ? File.ReadAllText(path).Trim().ReplaceLineEndings("; ") : "";
    }

    private async Task EndAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
        File.Delete(Path.Combine(_folder, "log"));
    }
}
