namespace RealtimeSsl.Pipeline;

/// <summary>
/// The audio front ends that methods of the field use, as named values: a model package names one of them, or spells its own.
/// Numbers are those of the methods' own released code.
/// </summary>
public static class AudioFrontEnds
{
    private static readonly AudioFrontEnd TukeyDensity = new()
    {
        Id = "",
        Rate = 16000,
        WindowLength = 512,
        Hop = 238,
        FftSize = 512,
        Shape = WindowShape.Tukey25,
        RemoveMean = true,
        Density = true,
        Log = LogScale.NaturalOverDivisor,
        Floor = 1e-7,
        Divisor = 12,
        Columns = 200,
    };

    /// <summary>SSLalign (and LVS in SSLalign's own evaluation): 3 s, 257 x 299, overlap 353.</summary>
    public static AudioFrontEnd SslAlign { get; } = TukeyDensity with { Id = "sslalign", Hop = 159, Columns = 299 };

    /// <summary>EZ-VSL, SLAVC, FNAC, MarginNCE: 3 s, 257 x 200, overlap 274.</summary>
    public static AudioFrontEnd EzVsl { get; } = TukeyDensity with { Id = "ezvsl" };

    /// <summary>LVS: 10 s, 257 x 671, overlap 274.</summary>
    public static AudioFrontEnd Lvs { get; } = TukeyDensity with { Id = "lvs", Columns = 671 };

    /// <summary>HearTheFlow: 3 s at 22.05 kHz, 257 x 276, overlap 274.</summary>
    public static AudioFrontEnd HearTheFlow { get; } = TukeyDensity with { Id = "htf", Rate = 22050, Columns = 276 };

    /// <summary>SSL-TIE: 10 s, 257 HTK mel bands in dB, 257 x 670 (torchaudio's MelSpectrogram with <c>normalized=True</c>).</summary>
    public static AudioFrontEnd SslTie { get; } = new()
    {
        Id = "ssltie",
        Rate = 16000,
        WindowLength = 512,
        Hop = 239,
        FftSize = 512,
        Shape = WindowShape.Hann,
        WindowNormalised = true,
        Centered = true,
        Mel = new MelBank(257, 0, 8000, MelScale.Htk, AreaNormalised: false),
        Log = LogScale.Decibel,
        Floor = 1e-10,
        Columns = 670,
    };

    /// <summary>
    /// The synchrony localizer: 1 s of 40 mel bands, one column per 10 ms. Power is per bin of a unit-power window, so the floor of 1e-6
    /// is white noise of -60 dBFS: rustle below it moves no band, an onset above it does.
    /// </summary>
    public static AudioFrontEnd Synchrony { get; } = new()
    {
        Id = "synchrony",
        Rate = 16000,
        WindowLength = 400,
        Hop = 160,
        FftSize = 512,
        Shape = WindowShape.Hann,
        WindowNormalised = true,
        Mel = new MelBank(40, 60, 7600, MelScale.Htk, AreaNormalised: false),
        Log = LogScale.NaturalOverDivisor,
        Floor = 1e-6,
        Columns = 100,
    };

    /// <summary>
    /// VGGish's input as AVSBench and SSPL use it: 0.96 s, 64 bands of magnitude, ln(x + 0.01); 64 x 96 here, lowest band first.
    /// </summary>
    public static AudioFrontEnd AvsLogMel64 { get; } = new()
    {
        Id = "avs-logmel64",
        Rate = 16000,
        WindowLength = 400,
        Hop = 160,
        FftSize = 512,
        Shape = WindowShape.Hann,
        Magnitude = true,
        Mel = new MelBank(64, 125, 7500, MelScale.Htk, AreaNormalised: false, MelSlopes: true),
        Log = LogScale.NaturalOverDivisor,
        Floor = 0.01,
        Columns = 96,
    };

    /// <summary>SSPL: 3 s of samples, 160 x 300; its network scales them by their own extremes and makes VGGish's patches of them.</summary>
    public static AudioFrontEnd Sspl { get; } = new() { Id = "sspl", Rate = 16000, WindowLength = 160, Hop = 160, Waveform = true, Columns = 300 };

    /// <summary>SoundNet, as Senocak's attention uses it: 10 s of samples at 22.05 kHz, 441 x 500.</summary>
    public static AudioFrontEnd SoundNet { get; } = new() { Id = "soundnet", Rate = 22050, WindowLength = 441, Hop = 441, Waveform = true, Columns = 500 };

    /// <summary>
    /// RCGrad and FlowGrad: torchaudio's Spectrogram of 512 with hop 353, ln(power + 1e-7); their code loads any clip at 22.05 kHz, here 3 s of it, 257 x 188.
    /// </summary>
    public static AudioFrontEnd RcGrad { get; } = new()
    {
        Id = "rcgrad", Rate = 22050, WindowLength = 512, Hop = 353, FftSize = 512, Shape = WindowShape.Hann, Centered = true, Floor = 1e-7, Columns = 188,
    };

    /// <summary>All named front ends.</summary>
    public static IReadOnlyList<AudioFrontEnd> All { get; } = [SslAlign, EzVsl, Lvs, HearTheFlow, SslTie, Synchrony, AvsLogMel64, Sspl, SoundNet, RcGrad];

    /// <summary>The front end of that identifier.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static AudioFrontEnd ById(string id) =>
        All.FirstOrDefault(f => f.Id == id)
        ?? throw new ArgumentException($"audio front end '{id}' is unknown; there are {string.Join(", ", All.Select(f => f.Id))}");
}
