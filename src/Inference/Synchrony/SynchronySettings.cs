using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Inference;

/// <summary>Every constant of the synchrony localizer. The defaults suit speech, blows and strokes at arm's length to room size.</summary>
public sealed record SynchronySettings
{
    /// <summary>Rows of the heatmap; cells are square, so the picture's shape gives the columns.</summary>
    [Range(8, 32)]
    public int Rows { get; init; } = 16;

    /// <summary>Side of a cell in the small grey picture in which motion is measured, in pixels.</summary>
    [Range(3, 12)]
    public int CellPixels { get; init; } = 6;

    /// <summary>Step of the common time grid onto which motion and sound are put, in ms. Correlation has this resolution.</summary>
    [Range(10, 100)]
    public double TickMs { get; init; } = 1000.0 / 30;

    /// <summary>Grey levels of change per 1/30 s below which a pixel does not move, above three times the picture's own noise.</summary>
    [Range(0.0, 20.0)]
    public double MotionFloor { get; init; } = 1.5;

    /// <summary>Share of the pixels that change strongly at once from which the picture is taken for another one (a cut, a flash).</summary>
    [Range(0.1, 1.0)]
    public double CutShare { get; init; } = 0.45;

    /// <summary>Change in grey levels that counts as strong for <see cref="CutShare"/>.</summary>
    [Range(5.0, 100.0)]
    public double CutLevel { get; init; } = 22;

    /// <summary>Time between two frames from which nothing is known about the motion between them, in seconds.</summary>
    [Range(0.2, 5.0)]
    public double LongestGap { get; init; } = 0.5;

    /// <summary>Motion may come before its sound by up to this, in ms: sound travels 34 cm per ms and cameras are quicker than microphones.</summary>
    [Range(0, 300)]
    public double LatestSoundMs { get; init; } = 100;

    /// <summary>Motion may come after its sound by up to this, in ms.</summary>
    [Range(0, 300)]
    public double EarliestSoundMs { get; init; } = 67;

    /// <summary>Lag of the sound behind its motion that is most likely, in ms.</summary>
    [Range(-300.0, 300.0)]
    public double UsualSoundMs { get; init; } = 17;

    /// <summary>Standard deviation of that lag, in ms: evidence at unlikely lags counts less. Raise it for sources whose streams are badly aligned.</summary>
    [Range(5.0, 1000.0)]
    public double SoundSpreadMs { get; init; } = 57;

    /// <summary>What lies within this time is one event, in ms.</summary>
    [Range(20.0, 1000.0)]
    public double EventMs { get; init; } = 133;

    /// <summary>Events from which correlation counts in full; fewer count in proportion.</summary>
    [Range(1.0, 30.0)]
    public double EnoughEvents { get; init; } = 6;

    /// <summary>Time constant of the fast memory, in seconds: follows a change of speaker.</summary>
    [Range(0.2, 5.0)]
    public double FastSeconds { get; init; } = 1.0;

    /// <summary>Time constant of the slow memory, in seconds: gathers the evidence that tells chance from cause.</summary>
    [Range(0.5, 20.0)]
    public double SlowSeconds { get; init; } = 2.5;

    /// <summary>Share of the fast memory in the score; the rest is the slow one's.</summary>
    [Range(0.0, 1.0)]
    public double FastShare { get; init; } = 0.7;

    /// <summary>Time from the start, or from a cut, before anything is claimed, in seconds.</summary>
    [Range(0.0, 10.0)]
    public double ListenSeconds { get; init; } = 0.9;

    /// <summary>By how much synchrony has to exceed what chance gives, at lags that mean nothing: higher shows less, and less that is wrong.</summary>
    [Range(1.0, 4.0)]
    public double ChanceMargin { get; init; } = 1.75;

    /// <summary>Synchrony (0..2) that it takes beyond the chance level, however low that is.</summary>
    [Range(0.0, 1.0)]
    public double ScoreFloor { get; init; } = 0.1;

    /// <summary>A second source has at least this share of the strongest one's synchrony; less is its echo in what moves alike.</summary>
    [Range(0.0, 1.0)]
    public double SecondShare { get; init; } = 0.5;

    /// <summary>Level above the background from which something sounds, in dB.</summary>
    [Range(1.0, 40.0)]
    public double SoundMargin { get; init; } = 9;

    /// <summary>Sources are held for this long after the last sound, in seconds: the pause between two blows or words.</summary>
    [Range(0.0, 0.5)]
    public double HoldSeconds { get; init; } = 0.3;
}
