using System.Buffers;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Mqtt;

/// <summary>Messages through a real broker.</summary>
public sealed class MqttMessageTests : MqttTestBase
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_is_published_arrives_as_it_was(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var listener = await Connect(Options(broker, version).Build());
        using var speaker = await Connect(Options(broker, version).Build());
        var inbox = Inbox(listener);
        var subscribed = await listener.SubscribeAsync("a/+/frame", MqttQualityOfServiceLevel.ExactlyOnce, Token);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS2, Assert.Single(subscribed.Items).ResultCode);

        foreach (var qos in Enum.GetValues<MqttQualityOfServiceLevel>())
        {
            byte[] payload = [0, 1, 255, (byte)qos];
            var message = new MqttApplicationMessageBuilder().WithTopic("a/ü/frame").WithPayload(payload)
                .WithQualityOfServiceLevel(qos).Build();

            var result = await speaker.PublishAsync(message, Token);

            Assert.True(result.IsSuccess);
            Assert.Equal(qos == MqttQualityOfServiceLevel.AtMostOnce, result.PacketIdentifier is null);
            var heard = await Next(inbox);
            Assert.Equal(("a/ü/frame", qos, false), (heard.Topic, heard.QualityOfServiceLevel, heard.Retain));
            Assert.Equal(payload, heard.Payload.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Five_hundred_at_once_arrive_in_order(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var listener = await Connect(Options(broker, version).Build());
        using var speaker = await Connect(Options(broker, version).Build());
        var inbox = Inbox(listener);
        await listener.SubscribeAsync("n", MqttQualityOfServiceLevel.AtLeastOnce, Token);

        var sent = Enumerable.Range(0, 500).Select(
            i => speaker.PublishStringAsync("n", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token));
        Assert.All(await Task.WhenAll(sent.ToList()), r => Assert.True(r.IsSuccess));

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"{i}", (await Next(inbox)).ConvertPayloadToString());
        }
    }

    [Fact]
    public async Task A_megabyte_in_pieces_arrives_whole()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).Build());
        var inbox = Inbox(client);
        await client.SubscribeAsync("big", MqttQualityOfServiceLevel.AtLeastOnce, Token);
        var bytes = Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 31)).ToArray();
        var first = new Piece(bytes.AsMemory(0, 1000), 0);
        var sequence = new ReadOnlySequence<byte>(first, 0, first.Then(bytes.AsMemory(1000)), bytes.Length - 1000);

        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("big").WithPayload(sequence).Build(), Token);

        Assert.Equal(bytes, (await Next(inbox)).Payload.ToArray());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_retained_message_waits_for_those_who_come_later_until_it_is_cleared(MqttProtocolVersion version)
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker, version).Build());
        var inbox = Inbox(client);
        await client.PublishStringAsync("state", "on", MqttQualityOfServiceLevel.AtLeastOnce, retain: true, Token);

        await client.SubscribeAsync("state", cancellationToken: Token);
        var heard = await Next(inbox);
        Assert.Equal(("on", true), (heard.ConvertPayloadToString(), heard.Retain));

        await client.PublishStringAsync("state", null, MqttQualityOfServiceLevel.AtLeastOnce, retain: true, Token);
        Assert.Null((await Next(inbox)).ConvertPayloadToString());
        await client.SubscribeAsync("state", cancellationToken: Token);
        await client.PublishStringAsync("state", "now", cancellationToken: Token);
        Assert.Equal("now", (await Next(inbox)).ConvertPayloadToString());
    }

    [Fact]
    public async Task A_subscription_may_leave_out_what_is_our_own_and_what_is_retained()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).Build());
        using var other = await Connect(Options(broker).Build());
        var inbox = Inbox(client);
        await client.PublishStringAsync("t", "retained", MqttQualityOfServiceLevel.AtLeastOnce, retain: true, Token);
        var options = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(f => f.WithTopic("t").WithNoLocal().WithRetainHandling(MqttRetainHandling.DoNotSendOnSubscribe))
            .WithTopicFilter("u", MqttQualityOfServiceLevel.AtLeastOnce).Build();

        var result = await client.SubscribeAsync(options, Token);
        await client.PublishStringAsync("t", "own", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token);
        await other.PublishStringAsync("t", "other", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token);

        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.GrantedQoS1], result.Items.Select(i => i.ResultCode));
        Assert.Equal("other", (await Next(inbox)).ConvertPayloadToString());
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttClientPublishReasonCode.Success)]
    [InlineData(MqttProtocolVersion.V500, MqttClientPublishReasonCode.NotAuthorized)]
    public async Task What_the_broker_forbids_is_told_as_far_as_the_protocol_can(
        MqttProtocolVersion version, MqttClientPublishReasonCode reason)
    {
        await using var broker = await MosquittoBroker.StartAsync(
            Token, new MosquittoSettings { AccessControl = "topic readwrite ours/#" });
        using var client = await Connect(Options(broker, version).Build());

        foreach (var qos in new[] { MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.ExactlyOnce })
        {
            var result = await client.PublishStringAsync("theirs", "x", qos, cancellationToken: Token);

            Assert.Equal(reason, result.ReasonCode);
            Assert.Equal(reason == MqttClientPublishReasonCode.Success, result.IsSuccess);
        }
    }

    [Fact]
    public async Task Nobody_listening_is_a_success_that_says_so()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).Build());

        var result = await client.PublishStringAsync("void", "x", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token);

        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, result.ReasonCode);
        Assert.True(result.IsSuccess);
    }

    [Fact]
    public async Task A_handler_that_fails_does_not_end_the_connection()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker).Build());
        client.ApplicationMessageReceivedAsync += e =>
            e.ApplicationMessage.ConvertPayloadToString() == "bad"
                ? throw new InvalidDataException("the handler's own")
                : Task.CompletedTask;
        var inbox = Inbox(client);
        await client.SubscribeAsync("t", cancellationToken: Token);

        await client.PublishStringAsync("t", "bad", cancellationToken: Token);
        await client.PublishStringAsync("t", "good", cancellationToken: Token);

        Assert.Equal("good", (await Next(inbox)).ConvertPayloadToString());
    }

    [Fact]
    public async Task Topics_that_cannot_be_are_refused_before_they_are_sent()
    {
        await using var broker = await MosquittoBroker.StartAsync(Token);
        using var client = await Connect(Options(broker, MqttProtocolVersion.V311).Build());

        Assert.Throws<MqttProtocolViolationException>(() => new MqttApplicationMessageBuilder().Build());
        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => client.PublishStringAsync("a/+", "x", cancellationToken: Token));
        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => client.SubscribeAsync("a/#/b", cancellationToken: Token));
        await Assert.ThrowsAsync<NotSupportedException>(
            () => client.SubscribeAsync(new MqttTopicFilter { Topic = "a", NoLocal = true }, Token));
        Assert.True(client.IsConnected);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        internal Piece(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        internal Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
