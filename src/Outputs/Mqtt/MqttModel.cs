using System.Buffers;
using System.Text;
using MQTTnet;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The model as a switch on the broker: a name on <c>.../model/set</c> asks for another one, <c>.../model/state</c> (retained) says which one runs and which
/// there are, <c>.../model/error</c> why one was refused.
/// </summary>
internal sealed class MqttModel : IDisposable
{
    private const int LongestName = 256;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string _root;
    private readonly IModelSwitch _models;
    private readonly ILog _log;
    private MqttLink? _link;

    /// <summary>Makes it; <see cref="Attach"/> gives it its connection.</summary>
    /// <param name="root">Topic above set, state and error.</param>
    /// <param name="models">The models.</param>
    /// <param name="log">Who is told when a state cannot be written.</param>
    public MqttModel(string root, IModelSwitch models, ILog log) => (_root, _models, _log) = (root, models, log);

    /// <summary>Where names are expected.</summary>
    public string SetTopic => $"{_root}/set";

    /// <summary>From now on the state is kept with this broker.</summary>
    public void Attach(MqttLink link)
    {
        _link = link;
        _models.Changed += Publish;
        Publish();
    }

    /// <summary>Takes a message of <see cref="SetTopic"/>; returns at once, the answer comes when there is one.</summary>
    public Task TakeAsync(MqttApplicationMessage message)
    {
        _ = GuardedAsync(AnswerAsync(message.Payload.ToArray()));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _models.Changed -= Publish;

    private async Task AnswerAsync(byte[] payload)
    {
        // The broker's thread has other messages to bring.
        await Task.Yield();
        var answer = Name(payload) is { } name
            ? await _models.RequestAsync(name).ConfigureAwait(false)
            : new ModelAnswer("", _models.Current, $"expected the name of a model, UTF-8, at most {LongestName} bytes");
        if (answer.Error is { } error)
        {
            await _link!.TellAsync($"{_root}/error", ModelMessage.Error(answer.Requested, error)).ConfigureAwait(false);
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

    private void Publish() => _ = GuardedAsync(PublishAsync());

    private async Task PublishAsync() => await _link!.KeepAsync($"{_root}/state", ModelMessage.State(_models)).ConfigureAwait(false);

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
