using System.Text;

namespace MQTTnet.Protocol
{
    public enum MqttQualityOfServiceLevel
    {
        AtMostOnce = 0,
        AtLeastOnce = 1,
        ExactlyOnce = 2,
    }

    /// <summary>Whether a new subscription gets the retained messages.</summary>
    public enum MqttRetainHandling
    {
        SendAtSubscribe = 0,
        SendAtSubscribeIfNewSubscriptionOnly = 1,
        DoNotSendOnSubscribe = 2,
    }
}

namespace MQTTnet.Formatter
{
    public enum MqttProtocolVersion
    {
        Unknown = 0,
        V310 = 3,
        V311 = 4,
        V500 = 5,
    }
}

namespace MQTTnet.Packets
{
    /// <summary>A name and a value that MQTT 5 carries along.</summary>
    public sealed class MqttUserProperty
    {
        public MqttUserProperty(string name, ReadOnlyMemory<byte> value)
        {
            ArgumentNullException.ThrowIfNull(name);
            Name = name;
            ValueBuffer = value;
        }

        public string Name { get; }

        public ReadOnlyMemory<byte> ValueBuffer { get; }

        public override string ToString() => $"{Name} = {Encoding.UTF8.GetString(ValueBuffer.Span)}";
    }
}
