using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The model as a switch on the broker: a name on <c>.../model/set</c> asks for another one, <c>.../model/state</c> (retained) says which one runs and which
/// there are, <c>.../model/error</c> why one was refused. A choice survives a restart (<see cref="MqttMemory"/>).
/// </summary>
internal sealed class MqttModel : IDisposable
{
    private const int LongestName = 256;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string _root;
    private readonly IModelSwitch _models;
    private readonly MqttMemory _memory;
    private readonly MqttLink _link;
    private readonly RateLimitedLog _log;
    private readonly Counter _refused;
    private readonly string _configured;

    /// <summary>Says which one runs, listens, and asks for the one that was chosen before a restart.</summary>
    /// <param name="root">Topic above set, state and error.</param>
    /// <param name="models">The models.</param>
    /// <param name="memory">Where a choice survives.</param>
    /// <param name="link">The broker.</param>
    /// <param name="counters">Where what is no name is counted: <c>mqtt.commands.refused</c>; what the engine refuses it counts itself.</param>
    /// <param name="log">Who is told when a state cannot be written.</param>
    public MqttModel(string root, IModelSwitch models, MqttMemory memory, MqttLink link, Counters counters, RateLimitedLog log)
    {
        (_root, _models, _memory, _link, _log) = (root, models, memory, link, log);
        _refused = counters["mqtt.commands.refused"];
        _configured = models.Selected;
        models.Changed += Publish;
        link.Commands[$"{root}/set"] = payload => _ = GuardedAsync(AnswerAsync(payload));
        Publish();
        if (memory.Recall("model", _configured) is { } chosen && chosen != _configured)
        {
            _ = GuardedAsync(AnswerAsync(Strict.GetBytes(chosen)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _models.Changed -= Publish;

    private async Task AnswerAsync(byte[] payload)
    {
        // The broker's thread has other messages to bring.
        await Task.Yield();
        ModelAnswer answer;
        if (Name(payload) is { } name)
        {
            answer = await _models.RequestAsync(name).ConfigureAwait(false);
        }
        else
        {
            _refused.Add();
            answer = new ModelAnswer("", _models.Current, $"expected the name of a model, UTF-8, at most {LongestName} bytes");
            _log.Warn($"mqtt: {_root}/set: {answer.Error}");
        }

        if (answer.Error is not { } error)
        {
            _memory.Remember("model", _configured, answer.Requested);
        }
        else
        {
            await _link.TellAsync($"{_root}/error", ModelMessage.Error(answer.Requested, error)).ConfigureAwait(false);
        }
    }

    private static string? Name(byte[] payload)
    {
        try
        {
            return payload.Length is > 0 and <= LongestName ? Strict.GetString(payload).Trim() : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private void Publish()
    {
        try
        {
            _link.Keep($"{_root}/state", ModelMessage.State(_models));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder of the models is gone for now.
            _log.Warn($"mqtt: {_root}: {e.Message}");
        }
    }

    // Nobody waits for these: what goes wrong is told here or nowhere.
    private async Task GuardedAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _log.Warn($"mqtt: {_root}: {e.Message}");
        }
    }
}
