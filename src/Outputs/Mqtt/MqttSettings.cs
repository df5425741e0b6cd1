using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Messages for other programs over MQTT. User and password come from the environment only, so that they are in no file, command line or log:
/// <c>REALTIMESSL_MQTT_USER</c>, and <c>REALTIMESSL_MQTT_PASSWORD</c> or (a file that holds it) <c>REALTIMESSL_MQTT_PASSWORD_FILE</c>.
/// </summary>
public sealed record MqttSettings
{
    /// <summary>The broker: <c>mqtt://host[:1883]</c>, or with TLS <c>mqtts://host[:8883]</c>; empty switches MQTT off.</summary>
    public string Url { get; init; } = "";

    /// <summary>First part of all topics.</summary>
    [RegularExpression("[^#+\\s/]([^#+\\s]*[^#+\\s/])?", ErrorMessage = "expected a topic without '#', '+', blanks, or '/' at its ends")]
    public string Prefix { get; init; } = "realtimessl";

    /// <summary>PEM file with the authority to trust for <c>mqtts</c> instead of the system's; empty trusts the system's.</summary>
    public string Authority { get; init; } = "";
}
