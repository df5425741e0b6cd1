using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using static TorchSharp.torch;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// Judges a network on scenes with known boxes, each of whose sounds is heard in turn, by evaluation's metrics: does the map's peak lie in the box, and does
/// it go to another box when another thing sounds?
/// </summary>
/// <param name="set">The scenes; pairs of one picture are one scene.</param>
/// <param name="image">The network's picture.</param>
/// <param name="audio">The network's sound.</param>
/// <param name="motion">How the network reads motion; null if it does not.</param>
/// <param name="compute">How the network computes.</param>
/// <param name="device">Where.</param>
/// <param name="upsampling">How the map becomes as large as the picture.</param>
internal sealed class LocalizationJudge(
    IClipSet set, ImageFrontEnd image, AudioFrontEnd audio, FlowFrontEnd? motion, ComputeSettings compute, Device device, HeatmapUpsampling upsampling) : IJudge, IDisposable
{
    private const int Batch = 16;
    private readonly BatchLoader _loader = new(set, ViewPlans.Plain(image, audio) with { Motion = motion }, Batch, 1, compute.Loaders);

    /// <inheritdoc/>
    public IReadOnlyList<Score> Judge(TrainingMethod method, string? sheet, CancellationToken stop)
    {
        var overlap = new ConsensusIoU(Conventions.Standard);
        var maps = new PredictionMap(upsampling);
        var (prediction, truth) = (new float[Conventions.Side * Conventions.Side], new float[Conventions.Side * Conventions.Side]);
        List<(string Scene, double Peak, double Fixed, double Adaptive)> samples = [];
        var sheets = sheet is null ? null : new HeatmapSheet(set);
        foreach (var batch in _loader.Epoch(0, 0, stop))
        {
            using (batch)
            using (NewDisposeScope())
            {
                var input = StepInputs.Of(batch, device, compute, method.Network);
                var heat = method.Heatmap(input).to(ScalarType.Float32).cpu().contiguous();
                var (rows, cols) = ((int)heat.shape[1], (int)heat.shape[2]);
                var scores = heat.data<float>().ToArray();
                for (var i = 0; i < batch.Fresh; i++)
                {
                    maps.Fill(scores.AsSpan(i * rows * cols, rows * cols), rows, cols, prediction);
                    TruthMap.Fill(Truth(batch.Infos[i].Boxes, batch.Pairs[i]), BoxUnit.Fraction, consensus: false, truth);
                    var score = overlap.Score(prediction, truth);
                    var peak = prediction.AsSpan().IndexOf(prediction.Max());
                    samples.Add(($"{batch.Pairs[i].Picture}", truth[peak] > 0 ? 1 : 0, score.Fixed.IoU, score.Adaptive.IoU));
                    sheets?.Add(batch.Pairs[i], batch.Infos[i], prediction, peak);
                }
            }
        }

        sheets?.Write(sheet!);
        var interaction = Interaction.Of(samples.Select(s => (s.Scene, s.Adaptive)));
        return
        [
            new("pointing", samples.Average(s => s.Peak)),
            new("all_pointing", samples.GroupBy(s => s.Scene).Average(g => g.Min(s => s.Peak))),
            new("ciou", SuccessCurve.Share([.. samples.Select(s => s.Fixed)], 0.5)),
            new("ciou_adaptive", SuccessCurve.Share([.. samples.Select(s => s.Adaptive)], 0.5)),
            new("auc_adaptive", SuccessCurve.Of([.. samples.Select(s => s.Adaptive)]).Auc),
            new("iiou_adaptive", interaction.IIoU),
            new("iauc_adaptive", interaction.IAuc),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _loader.Dispose();

    /// <summary>Boxes are of the picture; the network may see only a part of it.</summary>
    private TruthBox[] Truth(IReadOnlyList<Box> boxes, ClipPair pair)
    {
        if (image.Fit == FrameFit.Stretch)
        {
            return [.. boxes.Select(b => new TruthBox(b.X1, b.Y1, b.X2, b.Y2))];
        }

        using var picture = new OpenCvSharp.Mat();
        set.ReadPicture(pair.Picture, picture);
        var (left, top, right, bottom) = image.View(picture.Width, picture.Height);
        return [.. boxes.Select(b => new TruthBox((b.X1 - left) / (right - left), (b.Y1 - top) / (bottom - top), (b.X2 - left) / (right - left), (b.Y2 - top) / (bottom - top)))];
    }
}
