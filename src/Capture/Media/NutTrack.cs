namespace RealtimeSsl.Capture.Media;

/// <summary>What kind of data a stream of a NUT file holds.</summary>
public enum NutKind
{
    /// <summary>Pictures.</summary>
    Video = 0,

    /// <summary>Sound.</summary>
    Audio = 1,

    /// <summary>Anything else.</summary>
    Other = 2,
}

/// <summary>A stream of a NUT file.</summary>
public sealed class NutTrack
{
    /// <summary>Video, audio or other.</summary>
    public NutKind Kind { get; internal set; }

    /// <summary>Codec tag, e.g. <c>BGR\x18</c> (bgr24) or <c>PFD </c> (pcm_f32le).</summary>
    public string FourCc { get; internal set; } = "";

    /// <summary>Seconds per tick of a presentation time, as a fraction.</summary>
    public (long Num, long Den) TimeBase { get; internal set; }

    /// <summary>Width in pixels (video).</summary>
    public int Width { get; internal set; }

    /// <summary>Height in pixels (video).</summary>
    public int Height { get; internal set; }

    /// <summary>Hz (audio).</summary>
    public int Rate { get; internal set; }

    /// <summary>Channel count (audio).</summary>
    public int Channels { get; internal set; }

    /// <summary>Nominal frames per second, where the writer told (video).</summary>
    public double? Fps { get; internal set; }

    internal int PtsShift { get; set; }

    internal long LastPts { get; set; }

    /// <summary>A presentation time in units of 1/<paramref name="unitsPerSecond"/> s, rounded to the nearest.</summary>
    /// <exception cref="InvalidDataException">It lies more than 100 years away: the stream is corrupt.</exception>
    public long Scale(long pts, long unitsPerSecond)
    {
        var product = (Int128)pts * TimeBase.Num * unitsPerSecond;
        var half = TimeBase.Den / 2;
        var scaled = (product >= 0 ? product + half : product - half) / TimeBase.Den;
        return Int128.Abs(scaled) < (Int128)unitsPerSecond * 3_155_760_000L
            ? (long)scaled
            : throw new InvalidDataException($"presentation time {pts} is out of range");
    }
}
