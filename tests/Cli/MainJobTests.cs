using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The main job, as a person does it: one command, and what it leaves behind.</summary>
public sealed class MainJobTests
{
    private const int Limit = 180_000;
    private static readonly string Clips = Path.Combine(Repository.Shared, "media", "clips");

    public static TheoryData<string> AllClips => Directory.Exists(Clips)
        ? [.. Directory.EnumerateFiles(Clips, "*.mp4").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)]
        : ["(absent)"];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(AllClips))]
    public async Task A_real_clip_becomes_an_annotated_one_and_one_line_per_frame(string clip)
    {
        var source = Path.Combine(Clips, clip);
        Assert.SkipUnless(File.Exists(source), "../shared/media/clips is absent");
        using var folder = new TemporaryFolder();
        var run = await CommandLine.RunAsync("run", "--source", source, "--no-web", "--out", folder["run"]);
        Assert.True(run.Code == 0, run.Errors);

        var pictures = Media.PictureTimes(source);
        var lines = await File.ReadAllLinesAsync(folder["run/detections.jsonl"], TestContext.Current.CancellationToken);
        Assert.Equal(pictures.Count, lines.Length);

        var annotated = folder["run/annotated.mp4"];
        var frame = Media.Duration(source, "v:0") / pictures.Count;
        Assert.Equal(Media.Duration(source, "v:0"), Media.Duration(annotated, "v:0"), frame);
        var shown = Media.PictureTimes(annotated);
        Assert.Equal(pictures.Count, shown.Count);
        Assert.All(pictures.Zip(shown), p => Assert.InRange(Math.Abs(p.First - pictures[0] - (p.Second - shown[0])), 0, 0.002));
        Assert.InRange(Math.Abs(SoundLag(source, annotated)), 0, 0.020);
    }

    [Fact(Timeout = Limit)]
    public async Task Two_runs_of_a_file_say_the_same()
    {
        using var folder = new TemporaryFolder();
        var clip = Film(folder["clip.mp4"], seconds: 6);
        string? first = null;
        for (var i = 0; i < 2; i++)
        {
            using var load = i == 1 ? new Load() : null;
            var run = await CommandLine.RunAsync("run", "--source", clip, "--no-web", "--no-video", "--save-heatmaps", "--out", folder[$"run{i}"]);
            Assert.True(run.Code == 0, run.Errors);
            var said = Timeless(folder[$"run{i}/detections.jsonl"]);
            Assert.Equal(first ?? said, said);
            first = said;
        }

        Assert.Equal(await Bytes("run0/heatmaps.npy"), await Bytes("run1/heatmaps.npy"));

        Task<byte[]> Bytes(string name) => File.ReadAllBytesAsync(folder[name], TestContext.Current.CancellationToken);
    }

    [Fact(Timeout = Limit)]
    public async Task The_demo_leaves_a_playable_video_with_sound_and_says_where_it_is()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLine.RunAsync("demo", "--seconds", "6", "--no-browser", "--web-port", "0", "--out", folder["run"]);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains(folder["run"], run.Output, StringComparison.Ordinal);
        Assert.Contains("annotated.mp4", run.Output, StringComparison.Ordinal);
        Assert.Equal(6, Media.Duration(folder["run/annotated.mp4"], "v:0"), 0.2);
        Assert.Equal(6, Media.Duration(folder["run/annotated.mp4"], "a:0"), 0.2);
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(folder["run/summary.json"], TestContext.Current.CancellationToken))!;
        Assert.Equal("time limit", (string?)summary["ended"]);
        Assert.True(File.Exists(folder["run/config.yaml"]));
    }

    [Theory(Timeout = Limit)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupted_run_finishes_its_files_and_exits_cleanly(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var folder = new TemporaryFolder();
        using var process = CommandLine.Start("run", "--source", "synthetic:drum", "--no-web", "--out", folder["run"]);
        await Wait.UntilAsync(() => File.Exists(folder["run/detections.jsonl"]) && new FileInfo(folder["run/detections.jsonl"]).Length > 20_000);
        using (var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var run = await CommandLine.EndAsync(process);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("interrupted", run.Output, StringComparison.Ordinal);
        Assert.True(Media.Duration(folder["run/annotated.mp4"]) > 0.5);
        Assert.True(File.Exists(folder["run/summary.json"]));
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_without_sound_runs_and_every_line_says_why_nothing_is_found()
    {
        using var folder = new TemporaryFolder();
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=2", "-c:v", "libx264", folder["mute.mp4"]);
        var run = await CommandLine.RunAsync("run", "--source", folder["mute.mp4"], "--no-web", "--out", folder["run"]);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("sound: none", run.Errors, StringComparison.Ordinal);
        var lines = File.ReadAllLines(folder["run/detections.jsonl"]).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(20, lines.Count);
        Assert.All(lines, l => Assert.Equal(0, (double)l["presence"]!));
        Assert.Equal(["video"], Media.Probe(folder["run/annotated.mp4"], "-show_entries", "stream=codec_type"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_truncated_file_gives_what_there_is()
    {
        using var folder = new TemporaryFolder();
        var whole = folder["whole.mkv"];
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=8", "-f", "lavfi", "-i", "sine=440:r=16000:d=8", "-c:v", "libx264", "-c:a", "aac", whole);
        var bytes = await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["half.mkv"], bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);
        var run = await CommandLine.RunAsync("run", "--source", folder["half.mkv"], "--no-web", "--out", folder["run"]);
        Assert.True(run.Code == 0, run.Errors);
        Assert.InRange(File.ReadAllLines(folder["run/detections.jsonl"]).Length, 50, 160);
    }

    /// <summary>A clip whose picture flashes with its sound: something to localize.</summary>
    internal static string Film(string path, int seconds)
    {
        Media.Run(
            "ffmpeg", "-f", "lavfi", "-i", $"testsrc2=s=320x240:r=25:d={seconds}", "-f", "lavfi", "-i", $"aevalsrc='0.5*sin(2*PI*330*t)*lt(mod(t,0.7),0.2)':s=44100:d={seconds}",
            "-vf", "drawbox=x=40:y=40:w=60:h=60:color=red:t=fill:enable='lt(mod(t,0.7),0.2)'", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path);
        return path;
    }

    /// <summary>The messages without what depends on the hour and on the machine.</summary>
    private static string Timeless(string file) => string.Join('\n', File.ReadLines(file).Select(line =>
    {
        var message = JsonNode.Parse(line)!.AsObject();
        Assert.True(message.Remove("captured_at") & message.Remove("published_at") & message.Remove("latency_ms"));
        return message.ToJsonString();
    }));

    /// <summary>By how much the second file's sound comes later than the first's, in seconds: the peak of their cross-correlation within 100 ms.</summary>
    private static double SoundLag(string first, string second)
    {
        const int Rate = 8000;
        const int Reach = Rate / 10;
        var (a, b) = (Sound(first), Sound(second));
        var length = Math.Min(a.Length, b.Length) - 2 * Reach;
        Assert.True(length > Rate, "there is too little sound to compare");
        var best = Enumerable.Range(-Reach, 2 * Reach + 1).MaxBy(lag =>
        {
            var sum = 0.0;
            for (var i = Reach; i < Reach + length; i++)
            {
                sum += a[i] * b[i + lag];
            }

            return sum;
        });
        return (double)best / Rate;

        static float[] Sound(string file) => MemoryMarshal.Cast<byte, float>(
            Media.Run("ffmpeg", "-i", file, "-vn", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", "8000", "-t", "20", "-f", "f32le", "pipe:1")).ToArray();
    }

    /// <summary>Keeps every core busy.</summary>
    private sealed class Load : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Load()
        {
            for (var i = 0; i < Environment.ProcessorCount; i++)
            {
                new Thread(() =>
                {
                    while (!_stop.IsCancellationRequested)
                    {
                        Thread.SpinWait(10_000);
                    }
                }) { IsBackground = true }.Start();
            }
        }

        public void Dispose() => _stop.Cancel();
    }
}
