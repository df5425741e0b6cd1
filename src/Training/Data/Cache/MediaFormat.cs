namespace RealtimeSsl.Training.Data.Cache;

/// <summary>How media are kept once they are decoded.</summary>
/// <param name="ShortSide">Pixels of a picture's shorter side; larger pictures are reduced. A little more than a crop needs.</param>
/// <param name="Rate">Hz of the sounds.</param>
/// <param name="Motion">Whether the motion that led to a picture is kept beside it.</param>
public sealed record MediaFormat(int ShortSide = 256, int Rate = 16000, bool Motion = false)
{
    /// <summary>What pictures of a certain input size are cropped from: the size and an eighth more, but 256 for 224 as is usual.</summary>
    public static MediaFormat For(int inputSize, int rate) => new((int)Math.Ceiling(inputSize * 256 / 224.0), rate);
}
