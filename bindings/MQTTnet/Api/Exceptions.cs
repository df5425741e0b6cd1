namespace MQTTnet.Exceptions
{
    /// <summary>The broker is not reached, or the connection to it broke.</summary>
    public class MqttCommunicationException : Exception
    {
        public MqttCommunicationException(Exception? innerException)
            : base(innerException?.Message ?? "MQTT communication failed.", innerException)
        {
        }

        public MqttCommunicationException(string message, Exception? innerException = null)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The broker did not answer before the time-out or the token's cancellation.</summary>
    public sealed class MqttCommunicationTimedOutException : MqttCommunicationException
    {
        public MqttCommunicationTimedOutException()
            : base("The operation has timed out.")
        {
        }

        public MqttCommunicationTimedOutException(Exception? innerException)
            : base("The operation has timed out.", innerException)
        {
        }
    }

    public class MqttClientNotConnectedException() : MqttCommunicationException("The MQTT client is not connected.");

    /// <summary>The connection ended while an answer was awaited.</summary>
    public sealed class MqttClientDisconnectedException(Exception? innerException)
        : MqttCommunicationException("The MQTT client is disconnected.", innerException);

    public class MqttProtocolViolationException(string message) : Exception(message);
}

namespace MQTTnet.Adapter
{
    /// <summary>The broker was reached, but did not answer the CONNECT.</summary>
    public sealed class MqttConnectingFailedException(string message, Exception? innerException)
        : Exceptions.MqttCommunicationException(message, innerException);
}
