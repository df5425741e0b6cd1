using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace RealtimeSsl.Examples;

/// <summary>
/// Prints what begins to sound, goes on and ends. Event messages come at least once: the one that was on its way when a connection broke may come twice.
/// Whoever counts them leaves out what has the same id, type and last frame as a message before; whoever only keeps the state of each id need not care.
/// </summary>
public static class EventSubscriber
{
    /// <summary>Listens until stopped; connects again when the connection breaks.</summary>
    public static async Task RunAsync(string host, int port, string prefix, TextWriter output, CancellationToken stop)
    {
        var seen = new HashSet<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(host, port, prefix, seen, output, stop);
            }
            catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException && !stop.IsCancellationRequested)
            {
                await output.WriteLineAsync($"{e.Message}; trying again");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }

            await Task.Delay(500, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ListenAsync(string host, int port, string prefix, HashSet<string> seen, TextWriter output, CancellationToken stop)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var inbox = Channel.CreateBounded<(string Topic, byte[] Payload)>(1000);
        client.ApplicationMessageReceivedAsync += received =>
            inbox.Writer.WriteAsync((received.ApplicationMessage.Topic!, received.ApplicationMessage.Payload.ToArray()), stop).AsTask();
        client.DisconnectedAsync += _ =>
        {
            inbox.Writer.TryComplete();
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(host, port).Build(), stop);
        await client.SubscribeAsync($"{prefix}/+/events", MqttQualityOfServiceLevel.AtLeastOnce, stop);
        await foreach (var (topic, payload) in inbox.Reader.ReadAllAsync(stop))
        {
            using var message = JsonDocument.Parse(payload);
            var (type, state) = (message.RootElement.GetProperty("type").GetString(), message.RootElement.GetProperty("after"));
            var (id, frame) = (state.GetProperty("id").GetString(), state.GetProperty("seq")[1].GetInt64());
            if (seen.Add($"{id} {type} {frame}"))
            {
                var box = string.Join(' ', state.GetProperty("box").EnumerateArray().Select(v => v.GetDouble().ToString("0.00")));
                await output.WriteLineAsync($"{topic} {type,-6} {id} {state.GetProperty("label").GetString() ?? "-"} score {state.GetProperty("score").GetDouble():0.00} box {box}");
            }
        }
    }
}
