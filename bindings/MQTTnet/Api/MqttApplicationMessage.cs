using System.Buffers;
using System.Text;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>What is published and received.</summary>
public sealed class MqttApplicationMessage
{
    public string? Topic { get; set; }

    public ReadOnlySequence<byte> Payload { get; set; }

    public ArraySegment<byte> PayloadSegment
    {
        set => Payload = new ReadOnlySequence<byte>(value);
    }

    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

    public bool Retain { get; set; }
}

public static class MqttApplicationMessageExtensions
{
    /// <summary>UTF-8; null when there is no payload.</summary>
    public static string? ConvertPayloadToString(this MqttApplicationMessage applicationMessage)
    {
        ArgumentNullException.ThrowIfNull(applicationMessage);
        return applicationMessage.Payload.IsEmpty ? null : Encoding.UTF8.GetString(applicationMessage.Payload);
    }
}

public sealed class MqttApplicationMessageBuilder
{
    private readonly MqttApplicationMessage message = new();

    /// <exception cref="MqttProtocolViolationException">There is no topic.</exception>
    public MqttApplicationMessage Build()
    {
        if (string.IsNullOrEmpty(message.Topic))
        {
            throw new MqttProtocolViolationException("Topic or TopicAlias is not set.");
        }

        return new MqttApplicationMessage
        {
            Topic = message.Topic,
            Payload = message.Payload,
            QualityOfServiceLevel = message.QualityOfServiceLevel,
            Retain = message.Retain,
        };
    }

    public MqttApplicationMessageBuilder WithTopic(string topic)
    {
        message.Topic = topic;
        return this;
    }

    public MqttApplicationMessageBuilder WithPayload(byte[]? payload) => WithPayload(new ReadOnlySequence<byte>(payload ?? []));

    public MqttApplicationMessageBuilder WithPayload(string? payload) => WithPayload(Encoding.UTF8.GetBytes(payload ?? ""));

    public MqttApplicationMessageBuilder WithPayload(ArraySegment<byte> payloadSegment) =>
        WithPayload(new ReadOnlySequence<byte>(payloadSegment));

    public MqttApplicationMessageBuilder WithPayload(ReadOnlySequence<byte> payload)
    {
        message.Payload = payload;
        return this;
    }

    public MqttApplicationMessageBuilder WithPayloadSegment(ArraySegment<byte> payloadSegment) => WithPayload(payloadSegment);

    public MqttApplicationMessageBuilder WithPayloadSegment(ReadOnlyMemory<byte> payloadSegment) =>
        WithPayload(new ReadOnlySequence<byte>(payloadSegment));

    public MqttApplicationMessageBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel qualityOfServiceLevel)
    {
        message.QualityOfServiceLevel = qualityOfServiceLevel;
        return this;
    }

    public MqttApplicationMessageBuilder WithRetainFlag(bool value = true)
    {
        message.Retain = value;
        return this;
    }
}

public sealed class MqttApplicationMessageReceivedEventArgs : EventArgs
{
    internal MqttApplicationMessageReceivedEventArgs(string clientId, MqttApplicationMessage applicationMessage)
    {
        ClientId = clientId;
        ApplicationMessage = applicationMessage;
    }

    public string ClientId { get; }

    public MqttApplicationMessage ApplicationMessage { get; }
}
