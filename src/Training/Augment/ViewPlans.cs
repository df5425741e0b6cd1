using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// The augmentations of the papers as plans. 1.1 is their 246/224. All are written for any input size; the numbers and where they come from:
/// SSLalign from the training code in kaistmm/ssl_kccv (Alignment/), the EZ-VSL family, SSL-TIE and SSPL from their released code.
/// </summary>
public static class ViewPlans
{
    private const double Margin = 246.0 / 224;

    /// <summary>Nothing is changed and nothing drawn: pictures come to the network as the engine brings them, sounds from the middle. For validation.</summary>
    public static ViewPlan Plain(ImageFrontEnd image, AudioFrontEnd audio) => new()
    {
        Id = "plain",
        Image = image,
        Audio = audio,
        Pictures = [new PictureView(ViewOf.Own)],
        Sounds = [new SoundView(ViewOf.Own, SoundRecipe.Plain)],
        Training = false,
    };

    /// <summary>EZ-VSL, SLAVC, MarginNCE; LVS and HearTheFlow, whose training code is not there or does the same: resize to 1.1, random crop, mirror 0.5.</summary>
    public static ViewPlan Standard(ImageFrontEnd image, AudioFrontEnd audio) => Plain(image, audio) with
    {
        Id = "standard",
        Pictures = [new PictureView(ViewOf.Own, Usual())],
        Training = true,
    };

    /// <summary>FNAC (CVPR 2023): as the standard one but never mirrored; masks on the spectrogram.</summary>
    public static ViewPlan Fnac(ImageFrontEnd image, AudioFrontEnd audio) => Standard(image, audio) with
    {
        Id = "fnac",
        Pictures = [new PictureView(ViewOf.Own, PictureOps.ResizeShort(Margin), PictureOps.RandomCrop())],
        Sounds = [new SoundView(ViewOf.Own, new SoundRecipe { Mask = SpectrogramMask.Fnac })],
    };

    /// <summary>
    /// SSLalign: three views of each, in the order <c>org</c>, <c>aug</c>, <c>sim</c>. Its strong picture: quarter turns, jitter 4/5, 3x3 blur 1/2,
    /// 1.1, crop, both mirrors, moved by 20 %, grey 1/5; its strong sound: the window anywhere in 10 s.
    /// </summary>
    /// <param name="image">The network's picture.</param>
    /// <param name="audio">The network's sound.</param>
    /// <param name="pictures">Neighbours of the pictures; null leaves the view <c>sim</c> out (of both).</param>
    /// <param name="sounds">Neighbours of the sounds.</param>
    public static ViewPlan SslAlign(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures = null, Neighbours? sounds = null)
    {
        PictureView[] ofPicture =
        [
            new(ViewOf.Own, Usual()),
            new(
                ViewOf.Own,
                PictureOps.QuarterTurn(),
                PictureOps.Jitter(ColorJitter.SslAlign, 0.8),
                PictureOps.Blur(0.5, kernel: 3),
                PictureOps.ResizeShort(Margin),
                PictureOps.RandomCrop(),
                PictureOps.Flip(0.5),
                PictureOps.Flip(0.5, vertical: true),
                PictureOps.Translate(0.2),
                PictureOps.Gray(0.2)),
            new(ViewOf.Similar, Usual()),
        ];
        SoundView[] ofSound = [new(ViewOf.Own, SoundRecipe.Plain), new(ViewOf.Own, SoundRecipe.Shifted), new(ViewOf.Similar, SoundRecipe.Plain)];
        var views = pictures is null || sounds is null ? 2 : 3;
        return Standard(image, audio) with
        {
            Id = "sslalign",
            Pictures = ofPicture[..views],
            Sounds = ofSound[..views],
            SimilarPictures = pictures,
            SimilarSounds = sounds,
        };
    }

    /// <summary>HardPos (ICASSP 2022; only the abstract was readable): the pair, and a semantically similar picture and sound, as in SSLalign, its successor.</summary>
    public static ViewPlan HardPos(ImageFrontEnd image, AudioFrontEnd audio, Neighbours pictures, Neighbours sounds) => Standard(image, audio) with
    {
        Id = "hardpos",
        Pictures = [new PictureView(ViewOf.Own, Usual()), new PictureView(ViewOf.Similar, Usual())],
        Sounds = [new SoundView(ViewOf.Own, SoundRecipe.Plain), new SoundView(ViewOf.Similar, SoundRecipe.Plain)],
        SimilarPictures = pictures,
        SimilarSounds = sounds,
    };

    /// <summary>
    /// SSL-TIE (ACM MM 2022): MoCo v2's picture (crop of 0.3 to 1 of the area, jitter 0.8, grey 0.2, blur 0.5, mirror 0.5), masks of 0.8, and the same
    /// picture once more, turned by up to <paramref name="degrees"/> and mirrored, with its matrix (<see cref="Data.Loading.Batch.Warps"/>).
    /// </summary>
    /// <param name="image">The network's picture.</param>
    /// <param name="audio">The network's sound.</param>
    /// <param name="degrees">30 in its scripts, 45 by its default.</param>
    /// <param name="mixChance">Probability that a similar sound is mixed in.</param>
    /// <param name="sounds">Neighbours of the sounds, for that.</param>
    public static ViewPlan SslTie(ImageFrontEnd image, AudioFrontEnd audio, double degrees = 30, double mixChance = 0, Neighbours? sounds = null) =>
        Standard(image, audio) with
        {
            Id = "ssltie",
            Pictures = [new PictureView(ViewOf.Own, MoCo())],
            Sounds = [new SoundView(ViewOf.Own, new SoundRecipe { Mask = SpectrogramMask.SslTie(audio.Rows, audio.Columns), MixChance = mixChance })],
            SimilarSounds = sounds,
            Warp = new RandomWarp(degrees),
        };

    /// <summary>SSPL (CVPR 2022): two random crops of the same frame.</summary>
    public static ViewPlan Sspl(ImageFrontEnd image, AudioFrontEnd audio) => Standard(image, audio) with
    {
        Id = "sspl",
        Pictures = [new PictureView(ViewOf.Own, Usual()), new PictureView(ViewOf.Own, Usual())],
    };

    /// <summary>
    /// SPM's three ways to augment (section 3.4 of the paper): A, another frame of the same video with its own sound; B, the same frame with the most
    /// similar sound; C, another frame with the most similar sound.
    /// </summary>
    /// <param name="image">The network's picture.</param>
    /// <param name="audio">The network's sound.</param>
    /// <param name="mode">'A', 'B' or 'C'.</param>
    /// <param name="sounds">Neighbours of the sounds (B and C).</param>
    public static ViewPlan Spm(ImageFrontEnd image, AudioFrontEnd audio, char mode, Neighbours? sounds = null)
    {
        if (mode is not ('A' or 'B' or 'C'))
        {
            throw new ArgumentException($"SPM augments in mode A, B or C, not '{mode}'");
        }

        return Standard(image, audio) with
        {
            Id = $"spm-{mode}",
            Pictures = [new PictureView(mode == 'B' ? ViewOf.Own : ViewOf.Sibling, Usual())],
            Sounds = [new SoundView(mode == 'A' ? ViewOf.Own : ViewOf.Nearest, SoundRecipe.Plain)],
            SimilarSounds = sounds,
        };
    }

    /// <summary>Resize to 1.1, random crop, mirror 0.5.</summary>
    public static PictureOp[] Usual() => [PictureOps.ResizeShort(Margin), PictureOps.RandomCrop(), PictureOps.Flip(0.5)];

    /// <summary>MoCo v2's (Chen et al. 2020), with the crop that SSL-TIE takes.</summary>
    public static PictureOp[] MoCo() =>
    [
        PictureOps.RandomResizedCrop(0.3),
        PictureOps.Jitter(ColorJitter.MoCo, 0.8),
        PictureOps.Gray(0.2),
        PictureOps.Blur(0.5),
        PictureOps.Flip(0.5),
    ];
}
