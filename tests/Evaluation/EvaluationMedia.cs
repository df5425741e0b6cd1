using OpenCvSharp;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>Media by formula: files exist (empty, or a word), and what they hold follows from their names. Counts what is decoded.</summary>
internal sealed class EvaluationMedia : ISampleMedia
{
    public int Pictures { get; private set; }

    public int Sounds { get; private set; }

    public Picture ReadPicture(string path, double? at, CancellationToken stop)
    {
        Pictures++;
        var text = File.ReadAllText(path);
        if (text == "broken")
        {
            throw new SourceException($"{path}: broken");
        }

        var side = text == "tiny" ? 1 : 40;
        var pixels = new byte[3 * side * side];
        new Random(text.Length > 0 ? Seed(text) : Seed(path)).NextBytes(pixels);
        return new Picture(side, side, pixels);
    }

    public float[] ReadSound(string path, int rate, CancellationToken stop)
    {
        Sounds++;
        var text = File.ReadAllText(path);
        if (text == "broken")
        {
            throw new SourceException($"{path}: broken");
        }

        var random = new Random(Seed(path));
        return text == "empty" ? [] : [.. Enumerable.Range(0, 2 * rate).Select(i => (float)(0.3 * Math.Sin(i * (0.01 + 0.3 * (Seed(path) % 97) / 97)) + 0.05 * random.NextDouble()))];
    }

    public IAsyncEnumerable<VideoFrame> ReadFrames(string path, CancellationToken stop) => throw new NotSupportedException();

    public double Length(string path, CancellationToken stop) => 10;

    private static int Seed(string text) => text[(text.LastIndexOf('/') + 1)..].Aggregate(17, (s, c) => unchecked(31 * s + c) & 0xffffff);
}
