using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace RealtimeSsl.Tests.Support;

/// <summary>How a <see cref="MosquittoBroker"/> is set up; by default plain and open to everybody.</summary>
public sealed record MosquittoSettings
{
    /// <summary>Who may connect; without, everybody.</summary>
    public (string Name, string Password)? User { get; init; }

    /// <summary>With them the port speaks TLS and shows their server certificate.</summary>
    public TestCertificates? Certificates { get; init; }

    /// <summary>Whether clients have to show a certificate of the same authority.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>Whether it still knows sessions and retained messages after it was killed.</summary>
    public bool Remembers { get; init; }

    /// <summary>Lines of an access control list, such as "topic read news/#"; without, everything is allowed.</summary>
    public string? AccessControl { get; init; }
}

/// <summary>
/// A real broker (mosquitto) of the test's own on a free port of 127.0.0.1, which can be killed, frozen and started again.
/// </summary>
public sealed partial class MosquittoBroker : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private const int SignalStop = 19;
    private const int SignalContinue = 18;

    private readonly string folder;
    private Process? process;

    private MosquittoBroker(string folder, int port)
    {
        this.folder = folder;
        Port = port;
    }

    public string Host { get; } = "127.0.0.1";

    public int Port { get; }

    /// <summary>Skips the test where mosquitto is not installed.</summary>
    public static async Task<MosquittoBroker> StartAsync(CancellationToken token, MosquittoSettings? settings = null)
    {
        Assert.SkipUnless(File.Exists(Program), "needs mosquitto (Debian: apt-get install mosquitto)");
        var folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
        var broker = new MosquittoBroker(folder, Ports.Free());
        try
        {
            broker.Configure(settings ?? new MosquittoSettings());
            await broker.RestartAsync(token);
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }

        return broker;
    }

    /// <summary>Starts it again on the same port, by default without memory of sessions and retained messages.</summary>
    public async Task RestartAsync(CancellationToken token)
    {
        Kill();
        process = ChildProcess.Start(Program, ["-c", Path.Combine(folder, "conf")], Path.Combine(folder, "errors"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            Assert.False(process.HasExited, $"mosquitto ended: {Read("errors")}{Log}");
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    /// <summary>Ends it at once, without a word to its clients.</summary>
    public void Kill()
    {
        if (process is not null)
        {
            ChildProcess.End(process);
            process = null;
        }
    }

    /// <summary>Another user name, password or access list from the next start on.</summary>
    public void Reconfigure(MosquittoSettings settings) => Configure(settings);

    /// <summary>It stays connected, and says nothing more.</summary>
    public void Freeze() => Assert.Equal(0, Signal(process!.Id, SignalStop));

    public void Resume() => Assert.Equal(0, Signal(process!.Id, SignalContinue));

    /// <summary>What it wrote about itself and its clients.</summary>
    public string Log => Read("log");

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A line of mosquitto's password file: PBKDF2 with SHA-512.</summary>
    private static string PasswordLine(string name, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(12);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, 101, HashAlgorithmName.SHA512, 64);
        return $"{name}:$7$101${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}\n";
    }

    private void Configure(MosquittoSettings settings)
    {
        // The user root means: stay who you are. Otherwise mosquitto changes its user and cannot read this folder.
        var lines = new List<string>
        {
            "user root", settings.Remembers ? $"persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1" : "persistence false",
            $"log_dest file {folder}/log", "log_type all", "set_tcp_nodelay true",
            $"listener {Port} {Host}",
            $"allow_anonymous {(settings.User is null ? "true" : "false")}",
        };
        if (settings.User is var (name, password))
        {
            lines.Add($"password_file {Write("passwords", PasswordLine(name, password))}");
        }

        if (settings.AccessControl is { } rules)
        {
            lines.Add($"acl_file {Write("rules", rules + "\n")}");
        }

        if (settings.Certificates is { } certificates)
        {
            using var key = certificates.Server.GetECDsaPrivateKey()!;
            lines.Add($"cafile {Write("authority.pem", certificates.Authority.ExportCertificatePem())}");
            lines.Add($"certfile {Write("server.pem", certificates.Server.ExportCertificatePem())}");
            lines.Add($"keyfile {Write("server.key", key.ExportPkcs8PrivateKeyPem())}");
            lines.Add($"require_certificate {(settings.RequireClientCertificate ? "true" : "false")}");
        }

        _ = Write("conf", string.Join('\n', lines) + "\n");
    }

    private string Read(string name) => File.Exists(Path.Combine(folder, name)) ? File.ReadAllText(Path.Combine(folder, name)) : "";

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
