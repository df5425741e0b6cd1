using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;

namespace RealtimeSsl.Training.Data.Loading;

/// <summary>
/// A finished batch: floats in the layout that a network reads, ready to be copied into a tensor. It belongs to the loader and goes back to it when it
/// is disposed.
/// </summary>
public sealed class Batch : IDisposable
{
    private readonly Action<Batch> _back;
    private int _out;

    internal Batch(ViewPlan plan, int size, Action<Batch> back)
    {
        (Plan, Size, _back) = (plan, size, back);
        Indices = new int[size];
        Pairs = new ClipPair[size];
        Labels = new long[size];
        Infos = new ClipInfo[size];
        var pictures = plan.Pictures.Count + (plan.Warp is null ? 0 : 1);
        Pictures = [.. Enumerable.Range(0, pictures).Select(_ => new float[size * plan.Image.Length])];
        Sounds = [.. plan.Sounds.Select(_ => new float[size * plan.Audio.Rows * plan.Audio.Columns])];
        Warps = plan.Warp is null ? [] : new float[size * 6];
        Motions = plan.Motion is { } motion ? new float[size * motion.Planes * plan.Image.Width * plan.Image.Height] : [];
    }

    /// <summary>What the views are.</summary>
    public ViewPlan Plan { get; }

    /// <summary>Pairs in it.</summary>
    public int Size { get; }

    /// <summary>How many of them are new; the rest fills up the last batch of a validation.</summary>
    public int Fresh { get; internal set; }

    /// <summary>From 0.</summary>
    public int Epoch { get; internal set; }

    /// <summary>From 0 in each epoch.</summary>
    public int Step { get; internal set; }

    /// <summary>Numbers of the pairs in the set.</summary>
    public int[] Indices { get; }

    /// <summary>The pairs as they were drawn.</summary>
    public ClipPair[] Pairs { get; }

    /// <summary>Index of each pair's class in the set's classes; -1 where it has none.</summary>
    public long[] Labels { get; }

    /// <summary>What is known of each pair; its boxes are those of the picture before any view.</summary>
    public ClipInfo[] Infos { get; }

    /// <summary>For each view Size x 3 x Height x Width floats. With a warp there is one more: the first, warped.</summary>
    public IReadOnlyList<float[]> Pictures { get; }

    /// <summary>For each view Size x 1 x Rows x Columns floats.</summary>
    public IReadOnlyList<float[]> Sounds { get; }

    /// <summary>With a warp: Size x 2 x 3 floats, as torch's <c>affine_grid</c> takes them (<c>align_corners=False</c>); else empty.</summary>
    public float[] Warps { get; }

    /// <summary>With a motion: Size x planes x Height x Width floats, of the first view; else empty.</summary>
    public float[] Motions { get; }

    /// <summary>With a warp: whether this whole batch's warped view is to be shown at half the size (SSL-TIE's scale; the network's user resizes).</summary>
    public bool HalfSize { get; internal set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _out, 0) == 1)
        {
            _back(this);
        }
    }

    internal Batch Lend()
    {
        _out = 1;
        return this;
    }
}
