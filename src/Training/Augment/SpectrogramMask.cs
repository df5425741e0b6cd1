using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// SpecAugment (Park et al., Interspeech 2019): a band of frequencies and a stretch of time are overwritten with 0, as the localization methods'
/// loaders do (0 is no silence on their scale). Widths are drawn up to those given.
/// </summary>
/// <param name="Chance">Probability of each of the two.</param>
/// <param name="Rows">Frequencies masked, fewer than this.</param>
/// <param name="Columns">Columns masked, fewer than this.</param>
public sealed record SpectrogramMask(double Chance, int Rows, int Columns)
{
    /// <summary>FNAC (CVPR 2023): both always, narrower than 10. (Its frequency mask draws the begin by the length of the other axis; here by its own.)</summary>
    public static SpectrogramMask Fnac { get; } = new(1, 10, 10);

    /// <summary>SSL-TIE (ACM MM 2022): with probability 0.8, 35 of 257 rows and 180 of 670 columns; for other shapes in proportion.</summary>
    public static SpectrogramMask SslTie(int rows, int columns) => new(0.8, Math.Max(1, 35 * rows / 257), Math.Max(1, 180 * columns / 670));

    /// <summary>Masks a spectrogram in place.</summary>
    /// <param name="values">rows x columns, row-major.</param>
    /// <param name="rows">Frequencies.</param>
    /// <param name="columns">Time.</param>
    /// <param name="random">The sample's stream.</param>
    public void Apply(Span<float> values, int rows, int columns, ref SeededRandom random)
    {
        if (random.Chance(Chance))
        {
            var (first, width) = Stretch(Rows, rows, ref random);
            values.Slice(first * columns, width * columns).Clear();
        }

        if (random.Chance(Chance))
        {
            var (first, width) = Stretch(Columns, columns, ref random);
            for (var row = 0; row < rows; row++)
            {
                values.Slice(row * columns + first, width).Clear();
            }
        }
    }

    private static (int First, int Width) Stretch(int widest, int length, ref SeededRandom random)
    {
        var width = random.Below(Math.Clamp(widest, 1, length));
        return (random.Below(length - width + 1), width);
    }
}
