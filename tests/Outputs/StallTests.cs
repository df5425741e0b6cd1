using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Outputs.Mqtt;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>
/// One output that stands still costs no other one a frame. What is held is counts and order, not speeds: the others have frame after frame while
/// the stalled one has taken none. (Viewers: <c>WebSinkTests</c>; players: <c>StreamTests</c>; a broker: <c>MqttSinkTests</c>.)
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class StallTests : MqttTests
{
    private const int Frames = 400;
    private readonly TemporaryFolder _folder = new();

    [Fact(Timeout = 120_000)]
    public async Task A_recorder_whose_encoder_takes_nothing_costs_messages_files_and_page_no_frame()
    {
        // An encoder that reads nothing until it is let go: a disk that stalls comes to the same, see RecordingModeTests.
        var program = _folder["encoder"];
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ncase \"$*\" in *pipe:0*) while [ ! -e {_folder["go"]} ]; do sleep 0.1; done;; esac\nexec ffmpeg \"$@\"\n", Token);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var clock = new MonotonicClock();
        await using var video = new FakeVideo(clock, Counters, live: true, new DeliveryPolicy.Lossless(1000)) { Info = new VideoInfo("fake", 320, 240, 25, true) };
        var recorder = new RecordingSink(
            RecordingLayer.Source, new OverlaySettings(), new RecordingSettings { Ffmpeg = program, StallSeconds = 600 }, clock, Counters, Log);
        var web = new WebSink(new WebSettings { Port = 0 }, clock, Counters, Log);
        var seen = 0L;
        var witness = new CollectingSink
        {
            OnWrite = (found, _) =>
            {
                Volatile.Write(ref seen, found.Seq + 1);
                return ValueTask.CompletedTask;
            },
        };
        var mqtt = new MqttSink(Settings(), clock, Counters, Log, Variables.GetValueOrDefault);
        ISink[] sinks = [recorder, mqtt, .. web.Companions, web, new DetectionsSink(), witness];
        var parts = new EngineParts("cam", video, null, new CornerLocalizer(), sinks, Directory.CreateDirectory(_folder["run"]).FullName);
        using var reader = await ReaderAsync("realtimessl/cam/frame");
        var run = new Engine(parts, new EngineSettings(), new DetectorSettings(), new TrackerSettings(), clock, Counters, Log).RunAsync(Token);
        await OnlineAsync(1);
        using var http = new HttpClient();

        // What comes while outputs start is old when they have, and left out; from then on, frame by frame: the message of each is with the broker's subscriber
        // before the next one is there.
        while (Volatile.Read(ref seen) == 0)
        {
            video.Add(clock.Now, 320, 240);
            await Task.Delay(100, Token);
        }

        for (var i = 0; i < Frames; i++)
        {
            video.Add(clock.Now, 320, 240);
            await UntilAsync(() => Volatile.Read(ref seen) > i + 1);
            using var message = JsonDocument.Parse((await reader.NextAsync()).Payload);
            Assert.Equal(i, message.RootElement.GetProperty("seq").GetInt64());
        }

        // The page has the last one, and the recorder has none but those that wait, and has counted the rest.
        await UntilAsync(() => Last() == Volatile.Read(ref seen) - 1);
        Assert.Equal(0, Counters["record_source.frames.written"].Value);
        Assert.InRange(Counters["sink.record_source.dropped.full"].Value, seen - 135, seen - 120);
        Assert.Equal(0, Counters.All.Where(c => c.Name.Contains("dropped", StringComparison.Ordinal) && !c.Name.StartsWith("sink.record_source", StringComparison.Ordinal)
            && !c.Name.EndsWith("newest_wins", StringComparison.Ordinal)).Sum(c => c.Value));

        // Let go, it goes on by itself.
        await File.WriteAllTextAsync(_folder["go"], "", Token);
        for (var i = 0; Counters["record_source.frames.written"].Value == 0; i++)
        {
            Assert.True(i < 1000, "the recorder did not go on");
            video.Add(clock.Now, 320, 240);
            await Task.Delay(40, Token);
        }

        video.Channel.Complete();
        await run;
        Assert.Equal(Enumerable.Range(0, witness.Items.Count).Select(i => (long)i), witness.Items.Select(i => i.Seq));
        Assert.Equal(witness.Items.Count, File.ReadLines(_folder["run/detections.jsonl"]).Count());
        Assert.NotEmpty(Media.PictureTimes(_folder["run/source.mp4"]));

        long Last()
        {
            using var status = JsonDocument.Parse(http.GetByteArrayAsync(new Uri(web.Address!, "api/status"), Token).GetAwaiter().GetResult());
            return status.RootElement.GetProperty("last") is { ValueKind: JsonValueKind.Object } last ? last.GetProperty("seq").GetInt64() : -1;
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_subscriber_that_reads_nothing_costs_another_one_no_frame()
    {
        // MQTT 3.1.1 by hand: CONNECT, SUBSCRIBE to all of it, and then no more reading.
        using var stalled = new TcpClient { ReceiveBufferSize = 2048 };
        await stalled.ConnectAsync("127.0.0.1", Broker.Port, Token);
        await stalled.GetStream().WriteAsync(Packet(0x10, [0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, 5, .. "stall"u8]), Token);
        await stalled.GetStream().WriteAsync(Packet(0x82, [0, 1, 0, 1, (byte)'#', 0]), Token);
        await UntilAsync(() => stalled.Available >= 9);

        using var reader = await ReaderAsync("realtimessl/cam/frame");
        var sink = await StartAsync(live: true);
        await OnlineAsync(1);

        // More than its connection holds.
        for (var i = 0; i < 200; i++)
        {
            await reader.SayAsync("filler", new byte[100_000]);
        }

        for (var i = 0; i < 200; i++)
        {
            await SendAsync(sink, i * 0.04);
            using var message = JsonDocument.Parse((await reader.NextAsync()).Payload);
            Assert.Equal(i, message.RootElement.GetProperty("seq").GetInt64());
        }

        Assert.InRange(stalled.Available, 9, 10_000_000);
        Assert.Equal(0, Counters["mqtt.dropped.newest_wins"].Value + Counters["mqtt.dropped.offline"].Value);

        static byte[] Packet(byte type, byte[] content) => [type, (byte)content.Length, .. content];
    }
}
