using static TorchSharp.torch;

namespace RealtimeSsl.Training.Losses;

/// <summary>
/// HardPos, hard positives (Senocak et al., "Learning sound localization better from semantically similar samples", ICASSP 2022). Only the abstract and a
/// survey's account were readable: LVS's contrast whose positive side has four responses, of the picture and of a similar one, each with the sound and
/// with a similar one. Taken so: LVS's logits (<see cref="LvsLoss"/>) with P the mean of the four softly masked means; negatives as in LVS.
/// </summary>
public static class HardPosLoss
{
    /// <summary>The loss.</summary>
    /// <param name="v">Picture maps [N, C, h, w], of length 1 over C.</param>
    /// <param name="a">Sound vectors [N, C], of length 1.</param>
    /// <param name="similar">Maps of similar pictures.</param>
    /// <param name="similarSounds">Vectors of similar sounds.</param>
    public static Tensor Of(Tensor v, Tensor a, Tensor similar, Tensor similarSounds)
    {
        using var scope = NewDisposeScope();
        var logits = LvsLoss.Logits(v, a);
        var others = (Response(similar, a) + Response(v, similarSounds) + Response(similar, similarSounds)) / LvsLoss.Temperature;
        var positive = (logits.narrow(1, 0, 1) + others.unsqueeze(1)) / 4;
        return LvsLoss.FirstOf(cat([positive, logits.narrow(1, 1, logits.shape[1] - 1)], 1)).MoveToOuterDisposeScope();
    }

    private static Tensor Response(Tensor v, Tensor a)
    {
        using var scope = NewDisposeScope();
        var own = Similarity.Own(v, a);
        return Similarity.WeightedMean(own, Similarity.Above(own, LvsLoss.Positive, LvsLoss.Softness)).MoveToOuterDisposeScope();
    }
}
