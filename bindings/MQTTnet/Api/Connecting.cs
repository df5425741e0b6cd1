using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>MQTT 5's reason codes; the return codes of 3.1.1 are mapped to them.</summary>
public enum MqttClientConnectResultCode
{
    Success = 0,
    UnspecifiedError = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    ImplementationSpecificError = 131,
    UnsupportedProtocolVersion = 132,
    ClientIdentifierNotValid = 133,
    BadUserNameOrPassword = 134,
    NotAuthorized = 135,
    ServerUnavailable = 136,
    ServerBusy = 137,
    Banned = 138,
    BadAuthenticationMethod = 140,
    TopicNameInvalid = 144,
    PacketTooLarge = 149,
    QuotaExceeded = 151,
    PayloadFormatInvalid = 153,
    RetainNotSupported = 154,
    QoSNotSupported = 155,
    UseAnotherServer = 156,
    ServerMoved = 157,
    ConnectionRateExceeded = 159,
}

/// <summary>The broker's answer to a CONNECT.</summary>
public sealed class MqttClientConnectResult
{
    public MqttClientConnectResultCode ResultCode { get; init; }

    public bool IsSessionPresent { get; init; }

    /// <summary>MQTT 5 only, and only if the broker gives one.</summary>
    public string? ReasonString { get; init; }

    /// <summary>MQTT 5 only: the name given to a client that came without.</summary>
    public string? AssignedClientIdentifier { get; init; }
}

public sealed class MqttClientConnectedEventArgs(MqttClientConnectResult connectResult) : EventArgs
{
    public MqttClientConnectResult ConnectResult { get; } = connectResult;
}

public enum MqttClientDisconnectOptionsReason
{
    NormalDisconnection = 0,
    DisconnectWithWillMessage = 4,
    UnspecifiedError = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    ImplementationSpecificError = 131,
    TopicNameInvalid = 144,
    ReceiveMaximumExceeded = 147,
    TopicAliasInvalid = 148,
    PacketTooLarge = 149,
    MessageRateTooHigh = 150,
    QuotaExceeded = 151,
    AdministrativeAction = 152,
    PayloadFormatInvalid = 153,
}

/// <summary>How to take leave; all but a normal end is MQTT 5 only.</summary>
public sealed class MqttClientDisconnectOptions
{
    public MqttClientDisconnectOptionsReason Reason { get; set; } = MqttClientDisconnectOptionsReason.NormalDisconnection;

    public string? ReasonString { get; set; }

    public uint SessionExpiryInterval { get; set; }

    public List<MqttUserProperty>? UserProperties { get; set; }
}

/// <summary>MQTT 5's reasons for a DISCONNECT, as the broker gave it; normal when it gave none.</summary>
public enum MqttClientDisconnectReason
{
    NormalDisconnection = 0,
    DisconnectWithWillMessage = 4,
    UnspecifiedError = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    ImplementationSpecificError = 131,
    NotAuthorized = 135,
    ServerBusy = 137,
    ServerShuttingDown = 139,
    BadAuthenticationMethod = 140,
    KeepAliveTimeout = 141,
    SessionTakenOver = 142,
    TopicFilterInvalid = 143,
    TopicNameInvalid = 144,
    ReceiveMaximumExceeded = 147,
    TopicAliasInvalid = 148,
    PacketTooLarge = 149,
    MessageRateTooHigh = 150,
    QuotaExceeded = 151,
    AdministrativeAction = 152,
    PayloadFormatInvalid = 153,
    RetainNotSupported = 154,
    QosNotSupported = 155,
    UseAnotherServer = 156,
    ServerMoved = 157,
    SharedSubscriptionsNotSupported = 158,
    ConnectionRateExceeded = 159,
    MaximumConnectTime = 160,
    SubscriptionIdentifiersNotSupported = 161,
    WildcardSubscriptionsNotSupported = 162,
}

public sealed class MqttClientDisconnectedEventArgs : EventArgs
{
    internal MqttClientDisconnectedEventArgs(
        bool clientWasConnected,
        MqttClientConnectResult? connectResult,
        MqttClientDisconnectReason reason,
        string? reasonString,
        Exception? exception)
    {
        ClientWasConnected = clientWasConnected;
        ConnectResult = connectResult;
        Reason = reason;
        ReasonString = reasonString;
        Exception = exception;
    }

    /// <summary>False when connecting failed.</summary>
    public bool ClientWasConnected { get; }

    /// <summary>The broker's refusal, if it was that.</summary>
    public MqttClientConnectResult? ConnectResult { get; }

    public MqttClientDisconnectReason Reason { get; }

    public string? ReasonString { get; }

    /// <summary>What broke, if the end was not asked for.</summary>
    public Exception? Exception { get; }
}
