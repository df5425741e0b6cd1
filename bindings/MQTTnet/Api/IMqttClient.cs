namespace MQTTnet;

/// <summary>One connection to a broker at a time. Reconnecting is the application's job.</summary>
public interface IMqttClient : IDisposable
{
    /// <summary>Handlers run one message after another, off the connection's thread.</summary>
    event Func<MqttApplicationMessageReceivedEventArgs, Task>? ApplicationMessageReceivedAsync;

    /// <summary>Awaited by <see cref="ConnectAsync"/>.</summary>
    event Func<MqttClientConnectedEventArgs, Task>? ConnectedAsync;

    /// <summary>Once for each <see cref="ConnectAsync"/> that failed, was refused or whose connection ended. Not on disposal.</summary>
    event Func<MqttClientDisconnectedEventArgs, Task>? DisconnectedAsync;

    bool IsConnected { get; }

    /// <summary>Those of the latest <see cref="ConnectAsync"/>; null before the first.</summary>
    MqttClientOptions? Options { get; }

    /// <summary>A broker that refuses does so in the result; a broker that is not reached is an exception.</summary>
    Task<MqttClientConnectResult> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default);

    Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellationToken = default);

    Task PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns when the message is on its way (QoS 0) or acknowledged (QoS 1 and 2).</summary>
    Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default);

    Task<MqttClientSubscribeResult> SubscribeAsync(MqttClientSubscribeOptions options, CancellationToken cancellationToken = default);
}
