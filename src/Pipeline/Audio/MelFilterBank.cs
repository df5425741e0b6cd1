namespace RealtimeSsl.Pipeline;

/// <summary>
/// Triangular bands on the mel scale over the bins of a spectrum. Only the bins that a triangle reaches are kept, so a column costs a few
/// hundred products. A band narrower than the bins' distance may reach none and is then 0, as in torchaudio.
/// </summary>
public sealed class MelFilterBank
{
    private readonly int[] _first;
    private readonly double[][] _weights;

    /// <summary>Makes the triangles.</summary>
    /// <param name="bank">Bands, edges, scale.</param>
    /// <param name="rate">Hz.</param>
    /// <param name="bins">Bins of the spectrum, from 0 Hz to rate / 2.</param>
    public MelFilterBank(MelBank bank, int rate, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bank.Bands, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(bank.LowHz);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bank.HighHz, bank.LowHz);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bank.HighHz, rate / 2.0);
        _first = new int[bank.Bands];
        _weights = new double[bank.Bands][];
        var (low, high) = (ToMel(bank.LowHz, bank.Scale), ToMel(bank.HighHz, bank.Scale));
        double Edge(int i) => low + (high - low) * i / (bank.Bands + 1);
        for (var band = 0; band < bank.Bands; band++)
        {
            var (left, top, right) = (Edge(band), Edge(band + 1), Edge(band + 2));
            var (leftHz, rightHz) = (ToHz(left, bank.Scale), ToHz(right, bank.Scale));
            var gain = bank.AreaNormalised ? 2 / (rightHz - leftHz) : 1;
            if (!bank.MelSlopes)
            {
                (left, top, right) = (leftHz, ToHz(top, bank.Scale), rightHz);
            }

            var all = new double[bins];
            for (var bin = 0; bin < bins; bin++)
            {
                var hz = bin * (rate / 2.0) / (bins - 1);
                var x = bank.MelSlopes ? ToMel(hz, bank.Scale) : hz;
                all[bin] = gain * Math.Max(0, Math.Min((x - left) / (top - left), (right - x) / (right - top)));
            }

            var first = Array.FindIndex(all, w => w > 0);
            var last = Array.FindLastIndex(all, w => w > 0);
            (_first[band], _weights[band]) = first < 0 ? (0, []) : (first, all[first..(last + 1)]);
        }
    }

    /// <summary>Bands that come out.</summary>
    public int Bands => _first.Length;

    /// <summary>Sums a spectrum into bands, lowest first.</summary>
    public void Apply(ReadOnlySpan<double> spectrum, Span<double> bands)
    {
        for (var band = 0; band < _first.Length; band++)
        {
            var weights = _weights[band];
            var bins = spectrum.Slice(_first[band], weights.Length);
            var sum = 0.0;
            for (var i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * bins[i];
            }

            bands[band] = sum;
        }
    }

    // Slaney's scale: 3 mel per 200 Hz up to 1 kHz (mel 15), then 27 mel per factor 6.4.
    private static readonly double SlaneyStep = Math.Log(6.4) / 27;

    private static double ToMel(double hz, MelScale scale) => scale switch
    {
        MelScale.Htk => 2595 * Math.Log10(1 + hz / 700),
        _ => hz < 1000 ? hz * 3 / 200 : 15 + Math.Log(hz / 1000) / SlaneyStep,
    };

    private static double ToHz(double mel, MelScale scale) => scale switch
    {
        MelScale.Htk => 700 * (Math.Pow(10, mel / 2595) - 1),
        _ => mel < 15 ? mel * 200 / 3 : 1000 * Math.Exp((mel - 15) * SlaneyStep),
    };
}
