using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A broker of our own for the time of a run: MQTTnet's server, on 127.0.0.1 only, open to every program of this machine. (Where that package is not,
/// mosquitto does the same: <c>EmbeddedBroker.Mosquitto.cs</c>.)
/// </summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly MqttServer _server;

    private EmbeddedBroker(MqttServer server, int port) => (_server, Port) = (server, port);

    /// <summary>What serves.</summary>
    public static string Program => "MQTTnet";

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Where it listens for browsers: nowhere.</summary>
    public int? WebSocketPort { get; }

    /// <summary>Starts it.</summary>
    /// <param name="port">Where; null takes any free port.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="OutputException">The port is taken.</exception>
    public static async Task<EmbeddedBroker> StartAsync(int? port, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var wanted = port ?? FreePort();
        var factory = new MqttServerFactory();
        var options = factory.CreateServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(wanted)
            .Build();
        var server = factory.CreateMqttServer(options);
        try
        {
            await server.StartAsync().ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            server.Dispose();
            throw new OutputException($"--mqtt embedded: port {wanted} cannot be had: {e.Message}", e);
        }

        return new EmbeddedBroker(server, wanted);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new MqttServerStopOptions()).ConfigureAwait(false);
        _server.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
