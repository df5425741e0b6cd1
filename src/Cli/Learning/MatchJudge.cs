using System.Numerics.Tensors;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace RealtimeSsl.Cli.Learning;

/// <summary>
/// Judges a network on held-out pairs without any label: how often a picture's own sound is nearer than another pair's (<c>matched</c>; 0.5 is chance,
/// whatever their number), and how much nearer (<c>alignment</c>). Where classes are known, sounds of its class are no others, and retrieval
/// is reported as the literature does it.
/// </summary>
/// <param name="set">The held-out pairs.</param>
/// <param name="most">Most pairs to look at.</param>
/// <param name="image">The network's picture.</param>
/// <param name="audio">The network's sound.</param>
/// <param name="motion">How the network reads motion; null if it does not.</param>
/// <param name="compute">How the network computes.</param>
/// <param name="device">Where.</param>
internal sealed class MatchJudge(IClipSet set, int most, ImageFrontEnd image, AudioFrontEnd audio, FlowFrontEnd? motion, ComputeSettings compute, Device device) : IJudge, IDisposable
{
    private const int Batch = 16;
    private readonly BatchLoader _loader = new(new SomeClips(set, most), ViewPlans.Plain(image, audio) with { Motion = motion }, Batch, 1, compute.Loaders);

    /// <inheritdoc/>
    public IReadOnlyList<Score> Judge(TrainingMethod method, string? sheet, CancellationToken stop)
    {
        List<float[]> pictures = [], sounds = [];
        List<string> labels = [];
        foreach (var batch in _loader.Epoch(0, 0, stop))
        {
            using (batch)
            using (NewDisposeScope())
            {
                var input = StepInputs.Of(batch, device, compute, method.Network);
                var (p, s) = method.Embed(input);
                Take(p, batch.Fresh, pictures);
                Take(s, batch.Fresh, sounds);
                labels.AddRange(batch.Infos.Take(batch.Fresh).Select((info, i) => info.Class ?? $"{batch.Indices[i]}"));
            }
        }

        var (matched, alignment) = Match(pictures, sounds, labels);
        List<Score> scores = [new("matched", matched), new("alignment", alignment)];
        if (set.Classes.Count > 1)
        {
            var (toSound, toPicture) = (Retrieval.Of(pictures, sounds, labels), Retrieval.Of(sounds, pictures, labels));
            scores.AddRange([new("picture_to_sound_r1", toSound.R1), new("picture_to_sound_r5", toSound.R5), new("sound_to_picture_r1", toPicture.R1), new("sound_to_picture_r5", toPicture.R5)]);
        }

        return scores;
    }

    /// <inheritdoc/>
    public void Dispose() => _loader.Dispose();

    private static void Take(Tensor vectors, int count, List<float[]> to)
    {
        var width = (int)vectors.shape[1];
        var values = vectors.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        to.AddRange(Enumerable.Range(0, count).Select(i => values[(i * width)..((i + 1) * width)]));
    }

    private static (double Matched, double Alignment) Match(List<float[]> pictures, List<float[]> sounds, List<string> labels)
    {
        var (won, played, own, foreign) = (0.0, 0L, 0.0, 0.0);
        for (var i = 0; i < pictures.Count; i++)
        {
            var mine = TensorPrimitives.Dot<float>(pictures[i], sounds[i]);
            for (var j = 0; j < sounds.Count; j++)
            {
                if (labels[i] != labels[j])
                {
                    var other = TensorPrimitives.Dot<float>(pictures[i], sounds[j]);
                    (won, played) = (won + (mine > other ? 1 : mine == other ? 0.5 : 0), played + 1);
                    (own, foreign) = (own + mine, foreign + other);
                }
            }
        }

        return played == 0 ? (0.5, 0) : (won / played, (own - foreign) / played);
    }
}
