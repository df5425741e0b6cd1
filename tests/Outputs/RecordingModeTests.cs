using System.Diagnostics;
using System.Text.Json;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>Segments, recordings by event, the raw layer, and what stands beside them.</summary>
public sealed class RecordingModeTests : IDisposable
{
    private static readonly AudioInfo Sound = new("test", 48000, 1, true);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Segments_have_utc_names_are_in_step_and_miss_nothing()
    {
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["recordings"], SegmentSeconds = 2 };
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, live: true, settings))
        {
            await take.PlayAsync(0, 7, 0.04);
            await take.EndAsync("interrupted");
            Assert.Equal((175, 0), (take.Counters["record.frames.written"].Value, take.Counters["record.frames.lost"].Value));
        }

        string[] expected = ["2026-01-01/00/cam/00.00.mp4", "2026-01-01/00/cam/00.02.mp4", "2026-01-01/00/cam/00.04.mp4", "2026-01-01/00/cam/00.06.mp4"];
        Assert.Equal(expected, Videos("recordings"));
        var next = 0;
        foreach (var name in expected)
        {
            var video = _folder[$"recordings/{name}"];
            var sidecar = Sidecar(video);
            Assert.Equal((next, true), (sidecar.GetProperty("seq")[0].GetInt32(), sidecar.GetProperty("complete").GetBoolean()));
            next = sidecar.GetProperty("seq")[1].GetInt32() + 1;
            var times = Media.PictureTimes(video);
            Assert.Equal(sidecar.GetProperty("frames").GetInt32(), times.Count);
            Assert.Equal(0, times[0], 0.001);
            InStep.Check(video, clicks: name == expected[^1] ? 1 : 2);
        }

        Assert.Equal(175, next);
    }

    [Fact]
    public async Task Segments_of_a_camera_that_shows_a_picture_now_and_then_are_in_step()
    {
        // In the dark, or on a machine that is too slow: then sound comes into a part before its first picture.
        var settings = new RecordingSettings { Mode = RecordingMode.Segments, Folder = _folder["recordings"], SegmentSeconds = 4 };
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, live: true, settings))
        {
            await take.PlayAsync(0, 24, 0.6);
            await take.EndAsync("interrupted");
        }

        var videos = Videos("recordings");
        Assert.InRange(videos.Count, 4, 7);
        var end = 0.0;
        foreach (var name in videos)
        {
            var video = _folder[$"recordings/{name}"];
            InStep.Check(video, clicks: null);

            // Nothing is missing between one and the next, and nothing is in both.
            var begin = (Sidecar(video).GetProperty("started_at").GetDateTime() - new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds;
            Assert.Equal(end, begin, 0.05);
            end = begin + Media.Duration(video, "a:0");
        }
    }

    [Fact]
    public async Task An_event_is_recorded_with_the_time_before_and_after_it()
    {
        var settings = new RecordingSettings { Mode = RecordingMode.Events, Folder = _folder["recordings"], PreSeconds = 2, PostSeconds = 1 };
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, live: true, settings))
        {
            // Two that overlap with their margins, and one by itself.
            take.Finding = (found, time) =>
            {
                if (time is >= 5 and < 6 or >= 6.8 and < 7.5 or >= 14 and < 14.5)
                {
                    var begin = time < 6 ? 5 : time < 8 ? 6.8 : 14;
                    Localizations.AddSource(found, (int)begin, null, 0.9f, 0.5f, 0.5f);
                    found.SourceList[0] = found.SourceList[0] with { Age = time - begin };
                }
            };
            await take.PlayAsync(0, 20, 0.04);
            await take.EndAsync("interrupted");
        }

        var videos = Videos("recordings");
        Assert.Equal(2, videos.Count);
        var sidecars = videos.ConvertAll(v => Sidecar(_folder[$"recordings/{v}"]));
        Assert.Equal([2, 1], sidecars.Select(s => s.GetProperty("events").GetArrayLength()));
        foreach (var ((begin, end), i) in new[] { (5.0, 7.5), (14.0, 14.5) }.Select((e, i) => (e, i)))
        {
            var from = (sidecars[i].GetProperty("started_at").GetDateTime() - new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds;
            Assert.InRange(from, begin - 2 - 1.05, begin - 2 + 0.05);
            Assert.Equal(Media.PictureTimes(_folder[$"recordings/{videos[i]}"])[^1] * 25, sidecars[i].GetProperty("frames").GetInt32() - 1, 0.1);
            Assert.InRange(from + Media.Duration(_folder[$"recordings/{videos[i]}"]), end + 0.95, end + 1.6);
        }

        InStep.Check(_folder[$"recordings/{videos[0]}"], clicks: null);
    }

    [Fact]
    public async Task The_raw_layer_shows_the_picture_as_it_came()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, Sound, layer: RecordingLayer.Source))
        {
            take.Finding = (found, _) => Localizations.AddSource(found, 1, null, 1, 0.5f, 0.5f);
            await take.PlayAsync(0, 2, 0.04);
            await take.EndAsync();
        }

        InStep.Check(_folder["source.mp4"], clicks: 2);
        Assert.Equal("source", Sidecar(_folder["source.mp4"]).GetProperty("layer").GetString());

        // Nothing is drawn: the picture is one grey.
        var grey = Media.Run("ffmpeg", "-i", _folder["source.mp4"], "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-");
        Assert.InRange(grey.Max() - grey.Min(), 0, 3);
    }

    [Fact]
    public async Task After_half_an_hour_with_clocks_200_ppm_apart_sound_and_picture_are_in_step()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 64, 48, 2, new AudioInfo("test", 8000, 1, true), live: true))
        {
            take.Drift = 200e-6;
            for (var minute = 0; minute < 30; minute++)
            {
                // A microphone and a camera never run ahead of the disk, as a test that plays half an hour in seconds does: more than four minutes would be too many.
                await take.PlayAsync(60 * minute, 60 * (minute + 1), 0.5);
                var shown = 120 * (minute + 1);
                await Wait.UntilAsync(() => take.Counters["record.frames.written"].Value > shown - 60);
            }

            await take.EndAsync("interrupted");
            Assert.Equal((0, 0), (take.Counters["record.audio.gaps"].Value, take.Counters["record.frames.lost"].Value));
        }

        var video = _folder["annotated.mp4"];
        Assert.InRange(InStep.Check(video, clicks: 20, from: 0, seconds: 20), 0, 0.010);
        Assert.InRange(InStep.Check(video, clicks: 20, from: 1779, seconds: 20), 0, 0.010);
        Assert.Equal(200, Sidecar(video).GetProperty("drift_ppm").GetDouble(), 5.0);
    }

    [Fact]
    public async Task A_hardware_encoder_that_is_not_there_is_told_and_replaced_or_refused()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "there is one");
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, null, settings: new RecordingSettings { Encoder = "nvenc" }))
        {
            await take.PlayAsync(0, 1, 0.04);
            await take.EndAsync();
            Assert.Contains(take.Log.Lines, l => l.Contains("nvenc was asked for", StringComparison.Ordinal));
        }

        var encoder = Sidecar(_folder["annotated.mp4"]).GetProperty("encoder");
        Assert.Equal(("nvenc", "x264"), (encoder.GetProperty("requested").GetString(), encoder.GetProperty("effective").GetString()));
        Assert.Contains("nvenc", encoder.GetProperty("why").GetString(), StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<OutputException>(
            () => Take.StartAsync(_folder["2"], 320, 240, 25, null, settings: new RecordingSettings { Encoder = "nvenc!" }));
        Assert.Contains("recording.encoder nvenc!", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_hardware_has_no_encoder_the_recording_says_which_were_tried_and_why_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !File.Exists("/dev/nvidiactl") && !Directory.Exists("/dev/dri"), "a machine with graphics hardware");
        await using (var take = await Take.StartAsync(_folder.Path, 320, 240, 25, null))
        {
            await take.PlayAsync(0, 1, 0.04);
            await take.EndAsync();
            Assert.Single(take.Log.Lines, l => l.Contains("Info: record: encodes with x264; auto was asked for (nvenc: ", StringComparison.Ordinal));
        }

        var encoder = Sidecar(_folder["annotated.mp4"]).GetProperty("encoder");
        Assert.Equal(("auto", "x264"), (encoder.GetProperty("requested").GetString(), encoder.GetProperty("effective").GetString()));
        Assert.All(["nvenc: no /dev/nvidiactl", "qsv: no /dev/dri", "vaapi: no /dev/dri"], tried => Assert.Contains(tried, encoder.GetProperty("why").GetString(), StringComparison.Ordinal));

        // Whoever insists on hardware is not given software.
        var refused = await Assert.ThrowsAsync<OutputException>(
            () => Take.StartAsync(_folder["2"], 320, 240, 25, null, settings: new RecordingSettings { Encoder = "auto!" }));
        Assert.Contains("vaapi", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_cut_at_every_byte_of_its_last_part_has_all_parts_before()
    {
        await using (var take = await Take.StartAsync(_folder.Path, 160, 120, 25, Sound, live: true))
        {
            await take.PlayAsync(0, 3, 0.04);

            // As a crash would find it: the encoder is not told to finish.
            await Wait.UntilAsync(() => File.Exists(_folder["annotated.part.mp4"]) && Count(File.ReadAllBytes(_folder["annotated.part.mp4"])) >= 4);
            File.Copy(_folder["annotated.part.mp4"], _folder["crash.mp4"]);
        }

        var bytes = await File.ReadAllBytesAsync(_folder["crash.mp4"], TestContext.Current.CancellationToken);
        var parts = Count(bytes);
        var last = Ends(bytes)[^2];
        for (var length = last; length < bytes.Length; length++)
        {
            Assert.Equal(parts - 1, Count(bytes.AsSpan(0, length).ToArray()));
        }

        // What our reader says FFmpeg's must say, too, of the file as the recorder leaves it when it is stopped in the middle of a part, whose box
        // is named last; a process per byte would take long, so here and there, in the box and in what follows it.
        "free"u8.CopyTo(bytes.AsSpan(last + 4));
        var pictures = (parts - 1) * 25 * 0.5 - 2;
        for (var i = 0; i <= 12; i++)
        {
            var length = i < 6 ? last + 1 + 37 * i : last + (int)((bytes.Length - 1L - last) * i / 12);
            await File.WriteAllBytesAsync(_folder["cut.mp4"], bytes[..length], TestContext.Current.CancellationToken);
            Assert.True(Media.PictureTimes(_folder["cut.mp4"]).Count >= pictures, $"cut at {length} of {bytes.Length}");
        }
    }

    [Fact]
    public void A_disk_that_stalls_never_holds_up_the_encoder()
    {
        using var stalled = new ManualResetEventSlim();
        var stream = Localizations.Stream(_folder.Path, 64, 48, 25, live: true);
        var (counters, clock) = (new Counters(), new ManualClock());
        var context = new RecorderContext("record", new RecordingSettings(), stream, clock, counters, new ListLog(), null);
        var store = new PartStore(
            context, _folder.Path, false,
            _ => stalled.Wait(TimeSpan.FromSeconds(30)) ? _folder["late.mp4"] : throw new IOException("the test ended"),
            (_, zero) => Recordings.Sidecar(stream, zero));
        using var recorder = new Recorder(context, store);
        var run = new EncoderRun(TimeSpan.Zero, TimeSpan.Zero) { Header = [1], Tracks = [new Mp4Track(1, true, 1000)] };
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 600; i++)
        {
            var watch = Stopwatch.GetTimestamp();
            recorder.Add(Recordings.Part(run, TimeSpan.FromSeconds(i * 0.5)));
            longest = new[] { longest, Stopwatch.GetElapsedTime(watch) }.Max();
        }

        // The disk stands still all the while; a queue that waited for it would have waited for half a minute.
        Assert.True(longest < TimeSpan.FromSeconds(10), $"{longest}");
        Assert.InRange(counters["record.parts.lost"].Value, 300, 400);
        stalled.Set();
    }

    private static int Count(byte[] bytes)
    {
        var reader = new PartReader(new MemoryStream(bytes), new EncoderRun(TimeSpan.Zero, TimeSpan.Zero));
        for (var n = 0; ; n++)
        {
            using var part = reader.Read();
            if (part is null)
            {
                return n;
            }
        }
    }

    // Where each part ends.
    private static List<int> Ends(byte[] bytes)
    {
        List<int> ends = [];
        for (var at = 0; at < bytes.Length;)
        {
            var isData = bytes.AsSpan(at + 4, 4).SequenceEqual("mdat"u8);
            at += System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            if (isData)
            {
                ends.Add(at);
            }
        }

        return ends;
    }

    private List<string> Videos(string root) =>
    [
        .. Directory.EnumerateFiles(_folder[root], "*.mp4", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_folder[root], f).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    private static JsonElement Sidecar(string video) => Recordings.ReadSidecar(video);
}
