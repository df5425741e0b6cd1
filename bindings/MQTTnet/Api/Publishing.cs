namespace MQTTnet;

public enum MqttClientPublishReasonCode
{
    Success = 0,
    NoMatchingSubscribers = 16,
    UnspecifiedError = 128,
    ImplementationSpecificError = 131,
    NotAuthorized = 135,
    TopicNameInvalid = 144,
    PacketIdentifierInUse = 145,
    QuotaExceeded = 151,
    PayloadFormatInvalid = 153,
}

/// <summary>The broker's answer to a message; always success for QoS 0 and before MQTT 5, which know no other.</summary>
public sealed class MqttClientPublishResult
{
    internal MqttClientPublishResult(ushort? packetIdentifier, MqttClientPublishReasonCode reasonCode, string? reasonString)
    {
        PacketIdentifier = packetIdentifier;
        ReasonCode = reasonCode;
        ReasonString = reasonString;
    }

    public bool IsSuccess => ReasonCode is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers;

    /// <summary>Null for QoS 0.</summary>
    public ushort? PacketIdentifier { get; }

    public MqttClientPublishReasonCode ReasonCode { get; }

    public string? ReasonString { get; }
}
