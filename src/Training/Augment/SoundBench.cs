using System.Numerics.Tensors;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>A window of sound being worked on: read, changed, and turned into the network's spectrogram by the engine's own analysis. One for each thread.</summary>
public sealed class SoundBench
{
    private readonly ColumnAnalyzer _analyzer;
    private readonly double[] _exact;
    private readonly float[] _other;
    private readonly float[] _column;

    /// <summary>Makes room for windows of a front end.</summary>
    public SoundBench(AudioFrontEnd frontEnd)
    {
        FrontEnd = frontEnd;
        _analyzer = new ColumnAnalyzer(frontEnd);
        Window = new float[Samples(frontEnd)];
        (_exact, _other, _column) = (new double[Window.Length], new float[Window.Length], new float[frontEnd.Rows]);
    }

    /// <summary>What the network hears.</summary>
    public AudioFrontEnd FrontEnd { get; }

    /// <summary>The samples.</summary>
    public float[] Window { get; }

    /// <summary>Samples that give exactly the front end's columns.</summary>
    public static int Samples(AudioFrontEnd frontEnd) =>
        (frontEnd.Columns - 1) * frontEnd.Hop + (frontEnd.Centered ? 0 : frontEnd.WindowLength);

    /// <summary>Reads a sound and changes it as the recipe says.</summary>
    /// <param name="set">Where it comes from.</param>
    /// <param name="sound">Which.</param>
    /// <param name="mixed">The sound to mix in where the recipe's chance falls on it; null for none.</param>
    /// <param name="recipe">What to do.</param>
    /// <param name="random">The sample's stream.</param>
    public void Read(IClipSet set, int sound, int? mixed, SoundRecipe recipe, ref SeededRandom random)
    {
        var most = (int)(recipe.ShiftSeconds * set.Rate);
        set.ReadSound(sound, most > 0 ? random.Below(2 * most) - most : 0, Window);
        if (recipe.MixChance > 0 && random.Chance(recipe.MixChance) && mixed is { } other)
        {
            set.ReadSound(other, 0, _other);
            var share = (float)recipe.MixShare;
            TensorPrimitives.Multiply(Window, 1 - share, Window);
            TensorPrimitives.MultiplyAdd(_other, share, Window, Window);
        }

        if (recipe.GainDb > 0)
        {
            TensorPrimitives.Multiply(Window, (float)Math.Pow(10, random.Uniform(-recipe.GainDb, recipe.GainDb) / 20), Window);
        }

        if (recipe.NoiseDbfs is { } loudest)
        {
            var level = Math.Pow(10, random.Uniform(loudest - 40, loudest) / 20);
            foreach (ref var sample in Window.AsSpan())
            {
                sample += (float)(level * random.Normal());
            }
        }
    }

    /// <summary>The spectrogram of the window.</summary>
    /// <param name="tensor">FrontEnd.Rows x FrontEnd.Columns floats, row-major, lowest frequency first.</param>
    public void Analyze(Span<float> tensor)
    {
        var (rows, columns) = (FrontEnd.Rows, FrontEnd.Columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, rows * columns);
        if (FrontEnd.Centered)
        {
            FrontEnd.Analyze(Window).Values.CopyTo(tensor);
            return;
        }

        TensorPrimitives.ConvertTruncating<float, double>(Window, _exact);
        for (var column = 0; column < columns; column++)
        {
            _analyzer.Column(_exact.AsSpan(column * FrontEnd.Hop, FrontEnd.WindowLength), _column);
            for (var row = 0; row < rows; row++)
            {
                tensor[row * columns + column] = _column[row];
            }
        }
    }
}
