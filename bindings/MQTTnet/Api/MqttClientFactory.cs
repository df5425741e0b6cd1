namespace MQTTnet;

public class MqttClientFactory
{
    public IMqttClient CreateMqttClient() => new MqttClient();

    public MqttClientOptionsBuilder CreateClientOptionsBuilder() => new();

    public MqttApplicationMessageBuilder CreateApplicationMessageBuilder() => new();

    public MqttClientSubscribeOptionsBuilder CreateSubscribeOptionsBuilder() => new();

    public MqttTopicFilterBuilder CreateTopicFilterBuilder() => new();
}
