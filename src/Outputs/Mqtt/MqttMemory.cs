using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// What was chosen over MQTT and has to survive a restart, in a small file rather than in the broker's retained messages: it is known before the first
/// frame, also with a broker that is away or forgets. A choice holds until the configuration says something else than it did when the choice was made.
/// </summary>
internal sealed class MqttMemory
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILog _log;
    private readonly Dictionary<string, Choice> _choices;

    /// <summary>Reads what there is. A file that cannot be read is told, and forgotten.</summary>
    public MqttMemory(string path, ILog log)
    {
        (_path, _log) = (path, log);
        try
        {
            _choices = File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, Choice>>(File.ReadAllBytes(path)) ?? [] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            log.Warn($"mqtt: {path} cannot be read: {e.Message.TrimEnd('.')}; the switches begin as configured");
            _choices = [];
        }
    }

    /// <summary>What was chosen, if that still holds; otherwise null.</summary>
    public string? Recall(string name, string configured)
    {
        lock (_gate)
        {
            if (_choices.GetValueOrDefault(name) is not { } choice || choice.Configured != configured)
            {
                return null;
            }

            if (choice.Chosen != configured)
            {
                // What nobody asked for at this start must not surprise: least of all a run that does not record.
                _log.Info($"mqtt: {name} is {choice.Chosen}, as it was left before this start (configured: {configured}); switch it again, or delete {_path}");
            }

            return choice.Chosen;
        }
    }

    /// <summary>Remembers a choice.</summary>
    public void Remember(string name, string configured, string chosen)
    {
        lock (_gate)
        {
            _choices[name] = new Choice(configured, chosen);
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
                File.WriteAllBytes(_path + ".next", JsonSerializer.SerializeToUtf8Bytes(_choices));
                File.Move(_path + ".next", _path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _log.Warn($"mqtt: {_path} cannot be written: {e.Message.TrimEnd('.')}; after a restart {name} begins as configured");
            }
        }
    }

    private sealed record Choice(string Configured, string Chosen);
}
