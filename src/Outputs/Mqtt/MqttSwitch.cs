using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// A switch on the broker: <c>ON</c> or <c>OFF</c> on <c>.../set</c> switches it, <c>.../state</c> (retained) says how it is. It is as it was left after a restart
/// (<see cref="MqttMemory"/>).
/// </summary>
internal sealed class MqttSwitch : IDisposable
{
    private readonly Switch _switch;
    private readonly string _root;
    private readonly MqttMemory _memory;
    private readonly MqttLink _link;
    private readonly RateLimitedLog _log;
    private readonly Counter _nonsense;

    /// <summary>Puts the switch to how it was left, says so, and listens.</summary>
    public MqttSwitch(Switch switched, string camera, MqttMemory memory, MqttLink link, Counters counters, RateLimitedLog log)
    {
        (_switch, _root, _memory, _link, _log) = (switched, $"{camera}/{switched.Name}", memory, link, log);
        _nonsense = counters["mqtt.commands.refused"];
        if (memory.Recall(switched.Name, Word(switched.Configured)) is { } left)
        {
            switched.Set(left == "ON");
        }

        switched.Changed += Change;
        link.Commands[$"{_root}/set"] = Take;
        Say();
    }

    /// <summary>The words on the topics.</summary>
    public static string Word(bool on) => on ? "ON" : "OFF";

    /// <inheritdoc/>
    public void Dispose() => _switch.Changed -= Change;

    private void Take(byte[] payload)
    {
        switch (payload.Length <= 8 ? Encoding.ASCII.GetString(payload).Trim().ToUpperInvariant() : "")
        {
            case "ON":
                if (!_switch.Set(true))
                {
                    _nonsense.Add();
                    _log.Warn($"mqtt: {_root}/set: {_switch.Blocked}");
                    Say();
                }

                break;
            case "OFF":
                _switch.Set(false);
                break;
            default:
                _nonsense.Add();
                _log.Warn($"mqtt: {_root}/set: expected ON or OFF");
                break;
        }
    }

    private void Change()
    {
        _memory.Remember(_switch.Name, Word(_switch.Configured), Word(_switch.IsOn));
        Say();
    }

    private void Say() => _link.Keep($"{_root}/state", Encoding.ASCII.GetBytes(Word(_switch.IsOn)));
}
