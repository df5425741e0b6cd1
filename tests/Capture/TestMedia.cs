using System.Diagnostics;
using System.Globalization;
using RealtimeSsl.Capture.Media;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Capture;

/// <summary>Media made by ffmpeg's own generators in a folder of the test, and what ffprobe says about them.</summary>
public sealed class TestMedia : IDisposable
{
    /// <summary>2 s of pictures that change all over, 25 fps, 160 x 120, and a tone of 440 Hz, 44100 Hz mono.</summary>
    public const string Plain =
        "testsrc2=s=160x120:r=25:d=2 sine=440:r=44100:d=2 -c:v libx264 -preset ultrafast -c:a aac";

    private static readonly string[] Generators = ["testsrc2=", "sine=", "aevalsrc="];

    public string Folder { get; } = Directory.CreateTempSubdirectory("media-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Runs ffmpeg to write a file of that name. Arguments are split at spaces; generators are inputs.</summary>
    public string Make(string name, string arguments)
    {
        var all = arguments.Split(' ').SelectMany(a => Generators.Any(a.StartsWith) ? ["-f", "lavfi", "-i", a] : new[] { a });
        var (code, _, errors) = Execute("ffmpeg", ["-v", "error", "-nostdin", "-y", .. all, PathOf(name)]);
        Assert.True(code == 0, errors);
        return PathOf(name);
    }

    /// <summary>The fields that ffprobe prints for a file, one line of comma-separated values each.</summary>
    public static string[] Probe(string path, params string[] arguments)
    {
        var (code, output, errors) = Execute("ffprobe", ["-v", "error", .. arguments, "-of", "csv=p=0", path]);
        Assert.True(code == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim().TrimEnd(','))];
    }

    /// <summary>The presentation times of all decoded pictures, in seconds since the file's begin.</summary>
    public static double[] FrameTimes(string path)
    {
        var start = Number(Probe(path, "-show_entries", "format=start_time")[0]);
        return [.. Probe(path, "-select_streams", "V:0", "-show_entries", "frame=pts_time").Select(l => Number(l.Split(',')[0]) - start)];

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    public static (int Code, string Output, string Errors) Execute(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(120)), $"{program} does not end");
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>What came out of a source, read as the engine reads it: a picture, then sound up to it, then the next picture.</summary>
public sealed record Take(
    List<(TimeSpan Time, long Seq, int Width, int Height, ulong Hash)> Frames,
    List<(long Position, TimeSpan Time, int Length, ulong Hash)> Blocks)
{
    public IEnumerable<double> Times => Frames.Select(f => f.Time.TotalSeconds);

    public long Samples => Blocks.Sum(b => (long)b.Length);

    /// <summary>All samples of all channels, where they were asked for.</summary>
    public List<float> Sound { get; } = [];

    public static async Task<Take> AllAsync(IVideoSource? video, IAudioSource? audio, CancellationToken token, bool keepSound = false)
    {
        var take = new Take([], []);
        var covered = TimeSpan.MinValue;
        while (video is not null && await video.Frames.WaitToReadAsync(token))
        {
            while (video.Frames.TryRead(out var frame))
            {
                take.Frames.Add((frame.Time, frame.Seq, frame.Width, frame.Height, Hash(frame.Pixels)));
                while (audio is not null && covered < frame.Time && await audio.Blocks.WaitToReadAsync(token))
                {
                    while (covered < frame.Time && audio.Blocks.TryRead(out var block))
                    {
                        covered = take.Add(block, covered, keepSound);
                    }
                }

                frame.Dispose();
            }
        }

        while (audio is not null && await audio.Blocks.WaitToReadAsync(token))
        {
            while (audio.Blocks.TryRead(out var block))
            {
                covered = take.Add(block, covered, keepSound);
            }
        }

        return take;
    }

    private TimeSpan Add(AudioBlock block, TimeSpan covered, bool keepSound)
    {
        var stepsBack = covered != TimeSpan.MinValue && block.Time < covered - TimeSpan.FromTicks(10);
        Assert.False(stepsBack, $"sound steps back from {covered} to {block.Time}");
        Blocks.Add((block.Position, block.Time, block.Length, Hash(System.Runtime.InteropServices.MemoryMarshal.AsBytes(block.Samples))));
        if (keepSound)
        {
            Sound.AddRange(block.Samples);
        }

        var end = block.End;
        block.Dispose();
        return end;
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            hash = (hash ^ word) * 1099511628211UL;
        }

        return hash;
    }
}

/// <summary>Shorthands.</summary>
public static class Sources
{
    public static SourceContext Context(ILog? log = null) => new(new MonotonicClock(), new Counters(), log ?? new ListLog());

    public static async Task<(Take Take, MediaSource Source)> ReadAsync(
        MediaOptions options, SourceContext context, CancellationToken token, bool keepSound = false)
    {
        await using var source = await MediaSource.OpenAsync(options, context, token);
        return (await Take.AllAsync(source.HasVideo ? source : null, source.HasAudio ? source : null, token, keepSound), source);
    }
}
