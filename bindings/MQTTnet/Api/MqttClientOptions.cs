using System.Net;
using System.Net.Sockets;
using System.Text;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Where and as whom to connect.</summary>
public sealed class MqttClientOptions
{
    public IMqttClientChannelOptions? ChannelOptions { get; set; }

    public bool CleanSession { get; set; } = true;

    public string ClientId { get; set; } = Guid.NewGuid().ToString("N");

    public IMqttClientCredentialsProvider? Credentials { get; set; }

    public TimeSpan KeepAlivePeriod { get; set; } = TimeSpan.FromSeconds(15);

    public MqttProtocolVersion ProtocolVersion { get; set; } = MqttProtocolVersion.V500;

    /// <summary>Bounds every answer that is awaited.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>MQTT 5 only: seconds between the loss of the connection and the will.</summary>
    public uint WillDelayInterval { get; set; }

    public byte[]? WillPayload { get; set; }

    public MqttQualityOfServiceLevel WillQualityOfServiceLevel { get; set; }

    public bool WillRetain { get; set; }

    public string? WillTopic { get; set; }
}

public interface IMqttClientChannelOptions
{
    MqttClientTlsOptions TlsOptions { get; }
}

public sealed class MqttClientTcpOptions : IMqttClientChannelOptions
{
    public EndPoint? RemoteEndpoint { get; set; }

    public MqttClientTlsOptions TlsOptions { get; set; } = new();

    public override string ToString() => RemoteEndpoint?.ToString() ?? "";
}

public interface IMqttClientCredentialsProvider
{
    byte[]? GetPassword(MqttClientOptions clientOptions);

    string? GetUserName(MqttClientOptions clientOptions);
}

public sealed class MqttClientCredentials(string? userName, byte[]? password = null) : IMqttClientCredentialsProvider
{
    public byte[]? GetPassword(MqttClientOptions clientOptions) => password;

    public string? GetUserName(MqttClientOptions clientOptions) => userName;
}

public sealed class MqttClientOptionsBuilder
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    private readonly MqttClientOptions options = new();
    private DnsEndPoint? server;
    private MqttClientTlsOptions? tls;

    /// <exception cref="InvalidOperationException">There is no server.</exception>
    /// <exception cref="NotSupportedException">An option needs MQTT 5.</exception>
    public MqttClientOptions Build()
    {
        if (server is null)
        {
            throw new InvalidOperationException("A channel must be set.");
        }

        var port = server.Port != 0 ? server.Port : tls?.UseTls == true ? TlsPort : PlainPort;
        options.ChannelOptions = new MqttClientTcpOptions
        {
            RemoteEndpoint = new DnsEndPoint(server.Host, port, server.AddressFamily),
            TlsOptions = tls ?? new MqttClientTlsOptions(),
        };
        MqttClient.RequireVersion5(options.ProtocolVersion, options.WillDelayInterval > 0, nameof(options.WillDelayInterval));
        return options;
    }

    /// <summary>Without a port it is 1883, or 8883 with TLS.</summary>
    public MqttClientOptionsBuilder WithTcpServer(string host, int? port = null, AddressFamily addressFamily = AddressFamily.Unspecified)
    {
        ArgumentNullException.ThrowIfNull(host);
        server = new DnsEndPoint(host, port ?? 0, addressFamily);
        return this;
    }

    public MqttClientOptionsBuilder WithTlsOptions(MqttClientTlsOptions tlsOptions)
    {
        tls = tlsOptions;
        return this;
    }

    public MqttClientOptionsBuilder WithTlsOptions(Action<MqttClientTlsOptionsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new MqttClientTlsOptionsBuilder();
        configure(builder);
        return WithTlsOptions(builder.Build());
    }

    public MqttClientOptionsBuilder WithClientId(string value)
    {
        options.ClientId = value;
        return this;
    }

    public MqttClientOptionsBuilder WithCredentials(string? username, string? password) =>
        WithCredentials(username, password is null ? null : Encoding.UTF8.GetBytes(password));

    public MqttClientOptionsBuilder WithCredentials(string? username, byte[]? password = null) =>
        WithCredentials(new MqttClientCredentials(username, password));

    public MqttClientOptionsBuilder WithCredentials(IMqttClientCredentialsProvider credentials)
    {
        options.Credentials = credentials;
        return this;
    }

    public MqttClientOptionsBuilder WithCleanSession(bool value = true)
    {
        options.CleanSession = value;
        return this;
    }

    /// <summary>MQTT 5's name for the same.</summary>
    public MqttClientOptionsBuilder WithCleanStart(bool value = true) => WithCleanSession(value);

    public MqttClientOptionsBuilder WithKeepAlivePeriod(TimeSpan value)
    {
        options.KeepAlivePeriod = value;
        return this;
    }

    public MqttClientOptionsBuilder WithNoKeepAlive() => WithKeepAlivePeriod(TimeSpan.Zero);

    public MqttClientOptionsBuilder WithProtocolVersion(MqttProtocolVersion value)
    {
        if (value == MqttProtocolVersion.Unknown)
        {
            throw new ArgumentException("Protocol version is invalid.");
        }

        options.ProtocolVersion = value;
        return this;
    }

    public MqttClientOptionsBuilder WithTimeout(TimeSpan value)
    {
        options.Timeout = value;
        return this;
    }

    public MqttClientOptionsBuilder WithWillTopic(string? willTopic)
    {
        options.WillTopic = willTopic;
        return this;
    }

    public MqttClientOptionsBuilder WithWillPayload(byte[]? willPayload)
    {
        options.WillPayload = willPayload;
        return this;
    }

    public MqttClientOptionsBuilder WithWillPayload(string? willPayload) =>
        WithWillPayload(string.IsNullOrEmpty(willPayload) ? null : Encoding.UTF8.GetBytes(willPayload));

    public MqttClientOptionsBuilder WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel willQualityOfServiceLevel)
    {
        options.WillQualityOfServiceLevel = willQualityOfServiceLevel;
        return this;
    }

    public MqttClientOptionsBuilder WithWillRetain(bool willRetain = true)
    {
        options.WillRetain = willRetain;
        return this;
    }

    public MqttClientOptionsBuilder WithWillDelayInterval(uint willDelayInterval)
    {
        options.WillDelayInterval = willDelayInterval;
        return this;
    }
}
