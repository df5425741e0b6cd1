using OpenCvSharp;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Layouts;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>A folder of data, a cache, and what is usually done with both.</summary>
internal sealed class DataFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<MediaCache> _caches = [];

    public string Root => Directory.CreateDirectory(_folder["data"]).FullName;

    public string CacheFolder => _folder["cache"];

    public ListLog Log { get; } = new();

    public FormulaMedia Media { get; init; } = new();

    public LayoutOptions Options { get; init; } = new();

    /// <summary>An empty file of that name: content comes by formula.</summary>
    public string File(string name, string content = "")
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A picture of one grey.</summary>
    public void Still(string name, int grey = 128, int width = 80, int height = 60)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3, Scalar.All(grey));
        Cv2.ImWrite(File(name), picture);
    }

    public ClipList List(string spec = "") => DataSpec.Parse(spec is "" || spec.EndsWith(':') ? spec + Root : spec).List(Options, Media);

    public MediaCache Cache(long bytes = 1L << 30)
    {
        var cache = new MediaCache(CacheFolder, bytes, new MonotonicClock(), Log);
        _caches.Add(cache);
        return cache;
    }

    public CachedClips Load(ClipList list, MediaCache? cache = null, MediaFormat? format = null) =>
        CachedClips.Load(list, format ?? new MediaFormat(48), cache ?? Cache(), Media, 1, Log);

    /// <summary>The first numbers whose names are not kept for test.</summary>
    public static int[] ForTraining(int count, Func<int, string> name) => [.. Enumerable.Range(0, int.MaxValue).Where(i => !ClassFolder.IsTest(name(i))).Take(count)];

    public static int Grey(IClipSet set, int picture)
    {
        using var mat = new Mat();
        set.ReadPicture(picture, mat);
        return mat.At<Vec3>(mat.Height / 2, mat.Width / 2).Green;
    }

    public void Dispose()
    {
        _caches.ForEach(c => c.Dispose());
        _folder.Dispose();
    }

    private readonly record struct Vec3(byte Red, byte Green, byte Blue);
}
