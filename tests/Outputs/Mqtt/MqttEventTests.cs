using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>Event messages reach whoever subscribed, each once and in order, whatever happens to the broker or to us meanwhile.</summary>
[SupportedOSPlatform("linux")]
public sealed class MqttEventTests : MqttTests
{
    protected override MosquittoSettings BrokerSettings => new() { Remembers = true };

    [Fact]
    public async Task An_event_is_told_from_its_begin_to_its_end()
    {
        using var reader = await ReaderAsync("realtimessl/cam/events");
        var sink = await StartAsync();
        await SendAsync(sink, 0);
        await SendAsync(sink, 0.5, source: true);
        await SendAsync(sink, 1.0, source: true);
        await SendAsync(sink, 2.5);

        List<string> types = [];
        for (var i = 0; i < 2; i++)
        {
            var (_, payload, _) = await reader.NextAsync();
            Assert.Empty(JsonSchema.Load("event.json").Check(Encoding.UTF8.GetBytes(payload)));
            using var json = JsonDocument.Parse(payload);
            types.Add(json.RootElement.GetProperty("type").GetString()!);
            var ended = json.RootElement.GetProperty("after").GetProperty("end_time").ValueKind;
            Assert.Equal(types[^1] == "end" ? JsonValueKind.String : JsonValueKind.Null, ended);
        }

        Assert.Equal(["new", "end"], types);
    }

    [Fact]
    public async Task A_killed_broker_costs_no_event_and_none_comes_twice()
    {
        var reader = await ReaderAsync("realtimessl/cam/events", session: "listener");
        var sink = await StartAsync();
        await OnlineAsync(1);
        await TracksAsync(sink, 1, 10);
        var seen = await IdsAsync(reader, 20);
        reader.Dispose();
        await UntilAsync(() => Counters["mqtt.events.sent"].Value == 20);

        Broker.Kill();
        await UntilAsync(() => Counters["mqtt.failures"].Value >= 1);
        await TracksAsync(sink, 11, 10);
        Assert.Equal(20, Counters["mqtt.events.sent"].Value);
        await Broker.RestartAsync(Token);
        await OnlineAsync(2);
        await TracksAsync(sink, 21, 10);
        using var again = await ReaderAsync("realtimessl/cam/events", session: "listener");
        while (seen.Count < 60)
        {
            // A broker that was killed may have forgotten that the listener has the last ones; what we sent, it counts itself.
            seen = [.. seen.Union(await IdsAsync(again, 1))];
        }

        Assert.Equal(Enumerable.Range(1, 30).SelectMany(t => new[] { $"new {t}", $"end {t}" }), seen);
        await UntilAsync(() => Counters["mqtt.events.sent"].Value == 60);
        Assert.Equal(60, Broker.Log.Split('\n').Count(l => l.Contains("Received PUBLISH from realtimessl-", StringComparison.Ordinal) && l.Contains("/events'", StringComparison.Ordinal)));
        Assert.Equal(0, Counters["mqtt.events.dropped"].Value);
    }

    [Fact]
    public async Task What_the_broker_did_not_get_is_sent_by_the_next_run()
    {
        Broker.Kill();
        var sink = await StartAsync();
        await TracksAsync(sink, 1, 3);

        // As if killed: no farewell.
        await sink.DisposeAsync();
        await Broker.RestartAsync(Token);
        using var reader = await ReaderAsync("realtimessl/cam/events");
        var next = await StartAsync();
        await TracksAsync(next, 4, 1);

        Assert.Equal(Enumerable.Range(1, 4).SelectMany(t => new[] { $"new {t}", $"end {t}" }), await IdsAsync(reader, 8));
    }

    [Fact]
    public async Task A_broker_that_stalls_delays_nothing_and_gets_its_events_when_it_goes_on()
    {
        var sink = await StartAsync(live: true);
        await OnlineAsync(1);
        using var reader = await ReaderAsync("realtimessl/cam/events");
        await TracksAsync(sink, 1, 1);
        await IdsAsync(reader, 2);
        await UntilAsync(() => Counters["mqtt.events.sent"].Value == 2);
        Broker.Freeze();
        try
        {
            // If one of them waited for the broker, that alone would be seconds.
            await Task.Run(
                async () =>
                {
                    for (var i = 0; i < 2000; i++)
                    {
                        await SendAsync(sink, 10 + i * 0.04);
                    }
                },
                Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        }
        finally
        {
            Broker.Resume();
        }

        await TracksAsync(sink, 2, 2, 100);
        Assert.Equal(["new 2", "end 2", "new 3", "end 3"], await IdsAsync(reader, 4));
    }

    // Each sounds for a while and then no more.
    private async Task TracksAsync(MqttSink sink, int first, int count, double begin = 0)
    {
        for (var track = first; track < first + count; track++)
        {
            await SendAsync(sink, begin + track * 2, source: true, track: track);
            await SendAsync(sink, begin + track * 2 + 1);
        }
    }

    private static async Task<List<string>> IdsAsync(Reader reader, int count)
    {
        List<string> seen = [];
        while (seen.Count < count)
        {
            using var json = JsonDocument.Parse((await reader.NextAsync()).Payload);
            seen.Add($"{json.RootElement.GetProperty("type").GetString()} {json.RootElement.GetProperty("after").GetProperty("track").GetInt32()}");
        }

        return seen;
    }
}
