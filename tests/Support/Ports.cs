using System.Net;
using System.Net.Sockets;

namespace RealtimeSsl.Tests.Support;

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    /// <summary>One that nobody listens on just now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
