using RealtimeSsl.Inference.Models;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>Fits a package's <see cref="Calibration"/>: logistic regression of one variable by Newton's method, with Platt's smoothed targets, so that sets
/// that part cleanly do not end in a step.</summary>
public static class CalibrationFit
{
    private const int Fewest = 10;

    /// <summary>Fits on the evidence of all samples.</summary>
    /// <param name="maps">With their own sound and with others.</param>
    /// <param name="data">What it is fitted on, for the record.</param>
    /// <exception cref="EvaluationException">Too little, or the score does not tell own from foreign sounds.</exception>
    public static Calibration Fit(IEnumerable<SampleMaps> maps, string data)
    {
        var all = maps.ToArray();
        var own = all.Select(m => (double)m.Own.Evidence).Where(double.IsFinite).ToArray();
        var foreign = all.SelectMany(m => new[] { m.Other, m.Silence, m.Noise }).OfType<HeardMap>().Select(m => (double)m.Evidence).Where(double.IsFinite).ToArray();
        if (own.Length < Fewest || foreign.Length < Fewest)
        {
            throw new EvaluationException($"{own.Length} own and {foreign.Length} foreign sounds are too few to calibrate on; at least {Fewest} of each");
        }

        var roc = Roc(own, foreign);
        var (slope, intercept) = Logistic(own, foreign);
        // Two standard errors of the area where there is nothing to tell (Hanley and McNeil, 1982): less is chance.
        var chance = 2 * Math.Sqrt((1.0 / own.Length + 1.0 / foreign.Length) / 12);
        return slope > 0 && roc > 0.5 + chance && double.IsFinite(intercept)
            ? new Calibration { Slope = slope, Intercept = intercept, Data = data, Own = own.Length, Foreign = foreign.Length, Roc = roc }
            : throw new EvaluationException(
                $"the score does not tell own from foreign sounds (area under ROC {roc:0.000}; chance reaches {0.5 + chance:0.000}): nothing to calibrate; the package stays as it is");
    }

    /// <summary>How often a value of one list is above one of the other; ties count half.</summary>
    internal static double Roc(double[] own, double[] foreign)
    {
        var sorted = foreign.Order().ToArray();
        return own.Average(v => (Below(v, orEqual: false) + Below(v, orEqual: true)) / 2.0 / sorted.Length);

        int Below(double v, bool orEqual)
        {
            var (low, high) = (0, sorted.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = sorted[middle] < v || orEqual && sorted[middle] == v ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }

    private static (double Slope, double Intercept) Logistic(double[] own, double[] foreign)
    {
        // Standardised, so that one step size serves cosines and logits alike.
        var values = own.Concat(foreign).ToArray();
        var mean = values.Average();
        var scale = Math.Max(1e-12, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))));
        var points = own.Select(v => (X: (v - mean) / scale, Target: (own.Length + 1.0) / (own.Length + 2), Weight: 0.5 / own.Length))
            .Concat(foreign.Select(v => (X: (v - mean) / scale, Target: 1.0 / (foreign.Length + 2), Weight: 0.5 / foreign.Length))).ToArray();
        var (a, b, loss) = (0.0, 0.0, double.PositiveInfinity);
        for (var step = 0; step < 100; step++)
        {
            var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            foreach (var (x, target, weight) in points)
            {
                var p = 1 / (1 + Math.Exp(-(a * x + b)));
                var (g, h) = (weight * (p - target), weight * p * (1 - p));
                (ga, gb, haa, hab, hbb) = (ga + g * x, gb + g, haa + h * x * x, hab + h * x, hbb + h);
            }

            var det = haa * hbb - hab * hab;
            var (da, db) = ((hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det);

            // Halved until the loss falls: Newton's full step can overshoot where the curve is flat.
            var length = 1.0;
            for (; length > 1e-6 && Loss(a - length * da, b - length * db) > Loss(a, b); length /= 2)
            {
            }

            (a, b) = (a - length * da, b - length * db);
            var now = Loss(a, b);
            if (loss - now < 1e-12)
            {
                break;
            }

            loss = now;
        }

        return (a / scale, b - a * mean / scale);

        double Loss(double slope, double intercept) => points.Sum(p =>
        {
            var z = slope * p.X + intercept;
            return p.Weight * (Math.Max(z, 0) + double.LogP1(Math.Exp(-Math.Abs(z))) - p.Target * z);
        });
    }
}
