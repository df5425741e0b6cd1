using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>events.jsonl as a reader finds it: new, update, end; once each, whatever was left out in between.</summary>
public sealed class EventTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Localizations _localizations = new(320, 240);
    private readonly StreamInfo _stream;
    private readonly JsonSchema _schema = JsonSchema.Load("event.json");

    public EventTests() => _stream = Localizations.Stream(_folder.Path, 320, 240) with { Started = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc) };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_sound_is_told_when_it_begins_while_it_lasts_and_when_it_has_ended()
    {
        var lines = await PlayAsync(10, sounding: time => time is >= 4 and < 6.5);

        Assert.Equal(["new", "update", "update", "end"], lines.Select(l => l.GetProperty("type").GetString()));
        Assert.All(lines, l => Assert.Equal("20260102T030405678Z-7", After(l, "id").GetString()));
        var (first, last) = (lines[0], lines[^1]);
        Assert.Equal(JsonValueKind.Null, first.GetProperty("before").ValueKind);
        Assert.Equal("2026-01-02T03:04:09.000Z", After(first, "start_time").GetString());
        Assert.Equal(JsonValueKind.Null, After(first, "end_time").ValueKind);
        Assert.Equal("2026-01-02T03:04:11.480Z", After(last, "end_time").GetString());
        Assert.Equal((4, 6.48), (After(last, "start_media_time").GetDouble(), After(last, "media_time").GetDouble()));
        Assert.Equal((102, 162), (After(last, "seq")[0].GetInt32(), After(last, "seq")[1].GetInt32()));

        // How it was before: three seconds, silent.
        var context = first.GetProperty("context");
        Assert.InRange(context.GetProperty("seconds").GetArrayLength(), 25, 31);
        Assert.All(context.GetProperty("seconds").EnumerateArray(), s => Assert.InRange(s.GetDouble(), -3, -0.001));
        Assert.All(context.GetProperty("dbfs").EnumerateArray(), d => Assert.Equal(JsonValueKind.Null, d.ValueKind));
    }

    [Fact]
    public async Task A_pause_that_the_track_survives_does_not_end_it()
    {
        var lines = await PlayAsync(6, sounding: time => time is >= 1 and < 2 or >= 2.4 and < 3);

        Assert.Equal("new", lines[0].GetProperty("type").GetString());
        Assert.Single(lines, l => l.GetProperty("type").GetString() == "end");
    }

    [Fact]
    public async Task What_lasts_at_the_end_of_the_run_is_ended_with_it() =>
        Assert.Equal(["new", "end"], (await PlayAsync(2, sounding: time => time >= 1.5)).Select(l => l.GetProperty("type").GetString()));

    [Fact]
    public void Frames_left_out_change_neither_id_nor_begin()
    {
        var (all, some) = (new EventMaker(_stream), new EventMaker(_stream));
        List<TrackEvent> ofAll = [], ofSome = [];
        for (var i = 0; i < 100; i++)
        {
            using var found = Sounding(i / 25.0, i is >= 10 and < 60);
            ofAll.AddRange(all.Add(found));
            ofSome.AddRange(i % 3 == 2 ? some.Add(found) : []);
        }

        var (whole, thin) = (ofAll[^1], ofSome[^1]);
        Assert.Equal((TrackEventType.End, whole.After.Id), (thin.Type, thin.After.Id));
        Assert.InRange((whole.After.Start - thin.After.Start).TotalMilliseconds, -0.01, 0.01);
    }

    [Fact]
    public void Making_events_of_a_lasting_sound_allocates_nothing_between_the_messages()
    {
        List<Localization> frames = [.. Enumerable.Range(0, 20).Select(i => Sounding(i / 25.0, true))];
        var (least, told) = (long.MaxValue, 0);
        for (var round = 0; round < 8; round++)
        {
            var maker = new EventMaker(_stream);
            maker.Add(frames[0]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 1; i < 20; i++)
            {
                told += maker.Add(frames[i]).Count;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // The history grows by an entry every tenth of a second, in a queue that doubles.
        Assert.InRange(least, 0, 4096);
        Assert.Equal(0, told);
        frames.ForEach(f => f.Dispose());
    }

    private static JsonElement After(JsonElement line, string name) => line.GetProperty("after").GetProperty(name);

    private Localization Sounding(double time, bool sounds)
    {
        var found = _localizations.Next(time);
        if (sounds)
        {
            Localizations.AddSource(found, 7, "drum", 0.8f, 0.5f, 0.5f);
            found.SourceList[0] = found.SourceList[0] with { Age = Math.Max(0, time - 0.4) };
        }

        return found;
    }

    private async Task<List<JsonElement>> PlayAsync(double seconds, Func<double, bool> sounding)
    {
        var token = TestContext.Current.CancellationToken;
        await using (var sink = new EventsSink())
        {
            await sink.StartAsync(_stream, token);
            var begin = 0.0;
            for (var i = 0; i < seconds * 25; i++)
            {
                var time = i / 25.0;
                begin = sounding(time) && !sounding(time - 0.04) ? time : begin;
                using var found = _localizations.Next(time);
                if (sounding(time) && time - begin >= 0.08)
                {
                    Localizations.AddSource(found, 7, null, 0.8f, 0.5f, 0.5f);
                    found.SourceList[0] = found.SourceList[0] with { Age = time - begin };
                }

                await sink.WriteAsync(found, token);
            }

            await sink.FinishAsync(new RunSummary(), token);
        }

        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.Path, EventsSink.FileName), token);
        Assert.All(lines, line => Assert.Empty(_schema.Check(System.Text.Encoding.UTF8.GetBytes(line))));
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement.Clone())];
    }
}
