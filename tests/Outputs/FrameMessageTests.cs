using System.Text;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>The frame message: names, units, rounding, and what stands for "nothing".</summary>
public sealed class FrameMessageTests
{
    private readonly Localizations _localizations = new(320, 240);

    [Fact]
    public void A_message_reads_as_documented()
    {
        using var found = _localizations.Next(1.5);
        Localizations.AddSource(found, 7, "violin", 0.876543f, 1 / 3f, 0.5f);
        found.DroppedList.Add(new DroppedFrames("newest_wins", 2));
        using var message = new FrameMessage();

        var text = Encoding.UTF8.GetString(message.Write(found, "porch").Message.Span);

        Assert.Equal(
            """
            {"schema":"realtimessl/frame/1","camera":"porch","seq":0,"media_time":1.5,
            "captured_at":"2026-01-02T03:04:06.500Z","published_at":"2026-01-02T03:04:06.512Z",
            "latency_ms":{"capture":0,"align":1,"infer":10,"publish":1.5,"total":12.5},
            "audio":{"from":0.5,"to":1.5,"dbfs":-23.4,"offset_ms":0,"drift_ppm":0},
            "resolution":{"width":320,"height":240},
            "model":{"name":"synchrony","sha256":null,"device":{"requested":"auto","effective":"cpu","why":null}},
            "presence":0.9,"why":null,
            "sources":[{"id":7,"label":"violin","score":0.8765,"box":[0.18333,0.3,0.48333,0.7],"peak":[0.33333,0.5],"age":1.5}],
            "dropped":{"newest_wins":2}}
            """.Replace("\n", "", StringComparison.Ordinal),
            text);
    }

    [Fact]
    public void Silence_is_null_and_not_zero()
    {
        using var found = _localizations.Next(0);
        using var message = new FrameMessage();

        var root = Parse(message.Write(found, "porch"));

        Assert.Equal(JsonValueKind.Null, root.GetProperty("audio").GetProperty("dbfs").ValueKind);
        Assert.Equal("silent", root.GetProperty("why").GetString());
        Assert.Empty(root.GetProperty("sources").EnumerateArray());
    }

    [Fact]
    public void A_live_source_without_sound_has_neither_media_time_nor_audio()
    {
        using var found = _localizations.Next(0);
        (found.MediaTime, found.Audio) = (null, null);
        using var message = new FrameMessage();

        var root = Parse(message.Write(found, "porch"));

        Assert.Equal(JsonValueKind.Null, root.GetProperty("media_time").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("audio").ValueKind);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_a_number_is_null(double value)
    {
        using var found = _localizations.Next(0);
        found.Presence = value;
        found.Audio = found.Audio!.Value with { Dbfs = value };
        using var message = new FrameMessage();

        var root = Parse(message.Write(found, "porch"));

        Assert.Equal(JsonValueKind.Null, root.GetProperty("presence").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("audio").GetProperty("dbfs").ValueKind);
    }

    [Fact]
    public void A_line_is_the_message_and_a_line_feed_whatever_the_names_hold()
    {
        using var found = _localizations.Next(0);
        Localizations.AddSource(found, 1, "a \"quoted\"\nlabel é", 0.5f, 0.5f, 0.5f);
        using var message = new FrameMessage();

        var line = message.Write(found, "cam\n1").Line.ToArray();

        Assert.Equal((byte)'\n', line[^1]);
        Assert.DoesNotContain((byte)'\n', line[..^1]);
        Assert.Equal("a \"quoted\"\nlabel é", Parse(message).GetProperty("sources")[0].GetProperty("label").GetString());
    }

    [Fact]
    public void Every_message_obeys_the_published_schema()
    {
        var schema = JsonSchema.Load("frame.json");
        using var message = new FrameMessage();
        using var rich = _localizations.Next(1.23456789);
        Localizations.AddSource(rich, 7, "violin", 0.876543f, 1 / 3f, 0.5f);
        Localizations.AddSource(rich, 8, null, 0.5f, 0.7f, 0.5f);
        rich.DroppedList.Add(new DroppedFrames("newest_wins", 2));
        using var poor = _localizations.Next(0);
        (poor.MediaTime, poor.Audio, poor.Presence) = (null, null, double.NaN);

        Assert.Empty(schema.Check(message.Write(rich, "porch").Message));
        Assert.Empty(schema.Check(message.Write(poor, "porch").Message));

        // The check itself does find faults.
        Assert.Equal(3, schema.Check(Encoding.UTF8.GetBytes("""{"schema":"other","camera":1}""")).Count);
    }

    [Fact]
    public void Writing_allocates_next_to_nothing()
    {
        using var found = _localizations.Next(0);
        Localizations.AddSource(found, 1, "violin", 0.5f, 0.5f, 0.5f);
        using var message = new FrameMessage();

        // Walking the two read-only lists boxes their enumerators: 80 bytes a message.
        Assert.InRange(Allocations.LeastOfRounds(_ => message.Write(found, "porch"), round: 16), 0, 16 * 96);
    }

    private static JsonElement Parse(FrameMessage message)
    {
        using var document = JsonDocument.Parse(message.Message);
        return document.RootElement.Clone();
    }
}
