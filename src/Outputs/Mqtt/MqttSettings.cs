using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Messages for other programs over MQTT. The password comes from the environment or from a file, so that it is in no configuration, command line
/// or log: <c>REALTIMESSL_MQTT_PASSWORD</c>, <c>REALTIMESSL_MQTT_PASSWORD_FILE</c> or <see cref="PasswordFile"/>.
/// </summary>
public sealed record MqttSettings
{
    /// <summary>
    /// The broker: <c>mqtt://host[:1883]</c>, or with TLS <c>mqtts://host[:8883]</c>; <c>embedded[:port]</c> starts one on this machine
    /// for the time of the run; empty switches MQTT off.
    /// </summary>
    public string Url { get; init; } = "";

    /// <summary>First part of all topics; one for each instance that shares a broker.</summary>
    [RegularExpression("[^#+\\s/]([^#+\\s]*[^#+\\s/])?", ErrorMessage = "expected a topic without '#', '+', blanks, or '/' at its ends")]
    public string Prefix { get; init; } = "realtimessl";

    /// <summary>Client id; empty makes one of the camera's name and chance. Has to be unique on the broker.</summary>
    [RegularExpression("[!-~]{0,128}", ErrorMessage = "expected up to 128 visible ASCII characters")]
    public string ClientId { get; init; } = "";

    /// <summary>Version of the protocol. Only 5 tells of messages that the broker's access list refuses.</summary>
    [RegularExpression("5|3\\.1\\.1", ErrorMessage = "expected 5 or 3.1.1")]
    public string Version { get; init; } = "5";

    /// <summary>User name; the environment's <c>REALTIMESSL_MQTT_USER</c> goes first.</summary>
    public string User { get; init; } = "";

    /// <summary>File that holds the password, and nothing else; the environment goes first.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>PEM file with the authority to trust for <c>mqtts</c> instead of the system's; empty trusts the system's.</summary>
    public string Authority { get; init; } = "";

    /// <summary>PEM file with our own certificate (and its chain), for brokers that ask for one; empty shows none.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file with the key of <see cref="Certificate"/>; empty looks for it in the same file.</summary>
    public string Key { get; init; } = "";

    /// <summary>Folder for what has to outlive a run: events that the broker has not taken yet, and how the switches are.</summary>
    [RegularExpression(".+", ErrorMessage = "expected a folder")]
    public string Folder { get; init; } = "runs/.mqtt";

    /// <summary>How many event messages are kept while the broker is away; beyond it the oldest goes.</summary>
    [Range(1, 1000000)]
    public int QueueEvents { get; init; } = 10000;

    /// <summary>How often <c>stats</c> is said, in seconds.</summary>
    [Range(1.0, 3600.0)]
    public double StatsSeconds { get; init; } = 10;

    /// <summary>Whether heatmaps are sent from the start; may be switched while it runs.</summary>
    public bool Heatmap { get; init; }

    /// <summary>Heatmaps per second, at most.</summary>
    [Range(0.1, 120.0)]
    public double HeatmapFps { get; init; } = 10;

    /// <summary>Whether Home Assistant is told what there is; switched off, it is told to forget it.</summary>
    public bool Discovery { get; init; } = true;

    /// <summary>First part of Home Assistant's own topics.</summary>
    [RegularExpression("[^#+\\s/]([^#+\\s]*[^#+\\s/])?", ErrorMessage = "expected a topic without '#', '+', blanks, or '/' at its ends")]
    public string DiscoveryPrefix { get; init; } = "homeassistant";
}
