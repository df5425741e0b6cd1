using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using MQTTnet;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>A broker of our own, for whoever has none.</summary>
[SupportedOSPlatform("linux")]
public sealed class EmbeddedBrokerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_while_the_run_lasts_and_says_how_to_listen()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mosquitto"), "needs mosquitto (Debian: apt-get install mosquitto)");
        using var folder = new TemporaryFolder();
        var (log, counters) = (new LogLines(), new Counters());
        var settings = new MqttSettings { Url = "embedded", Folder = folder["state"] };
        var options = new MqttClientOptionsBuilder().WithTimeout(TimeSpan.FromSeconds(20));
        using var client = new MqttClientFactory().CreateMqttClient();
        await using (var sink = new MqttSink(settings, new MonotonicClock(), counters, log, static _ => null))
        {
            await sink.StartAsync(Localizations.Stream("", 320, 240), Token);
            var line = log.Lines.Single(l => l.Line.Contains("mosquitto_sub", StringComparison.Ordinal)).Line;
            options.WithTcpServer("127.0.0.1", int.Parse(Regex.Match(line, "-p ([0-9]+)").Groups[1].Value));
            var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            client.ApplicationMessageReceivedAsync += received =>
            {
                heard.TrySetResult(received.ApplicationMessage.ConvertPayloadToString());
                return Task.CompletedTask;
            };
            await client.ConnectAsync(options.Build(), Token);

            // Only then: MQTTnet's server looks for what is retained before it notes a subscription, and what is published in between goes by that subscriber.
            await Wait.UntilAsync(() => log.Lines.Any(l => l.Line.Contains("connected to", StringComparison.Ordinal)));
            await client.SubscribeAsync("realtimessl/available", cancellationToken: Token);
            Assert.Equal("online", await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
            await sink.FinishAsync(new RunSummary(), Token);
        }

        using var late = new MqttClientFactory().CreateMqttClient();
        await Assert.ThrowsAnyAsync<MQTTnet.Exceptions.MqttCommunicationException>(() => late.ConnectAsync(options.Build(), Token));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mosquitto"), "needs mosquitto (Debian: apt-get install mosquitto)");
        await using var first = await EmbeddedBroker.StartAsync(null, Token);

        var error = await Assert.ThrowsAsync<OutputException>(() => EmbeddedBroker.StartAsync(first.Port, Token));

        Assert.Contains($"{first.Port}", error.Message, StringComparison.Ordinal);
    }
}
