using System.Globalization;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Layouts;
using RealtimeSsl.Training.Data.Loading;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>Real files through ffmpeg: what is seen and what is heard are of the same moment.</summary>
public sealed class DecodedDataTests : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly DataFixture _data = new();
    private readonly FfmpegMediaReader _reader = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("code.mp4", "")]
    [InlineData("late.mkv", "-itsoffset 0.4")]
    public void A_time_code_in_the_picture_and_a_tone_in_the_sound_agree(string name, string delayedSound)
    {
        Coded(name, delayedSound);
        var set = Load(1);
        Assert.InRange(set.Count, 6, 8);
        var (random, window) = (SeededRandom.At(1), new float[4000]);
        for (var i = 0; i < set.Count; i++)
        {
            var pair = set.Pair(i, ref random);
            var at = set.List.Pictures[pair.Picture].At!.Value;
            set.ReadSound(pair.Sound, 0, window);
            Assert.InRange(DataFixture.Grey(set, pair.Picture), 30 + 20 * (int)at - 3, 30 + 20 * (int)at + 3);
            Assert.Equal((int)(at - (delayedSound.Length > 0 ? 0.4 : 0)), FormulaMedia.SecondOf(window, set.Rate, 200));
        }
    }

    [Fact]
    public void Broken_files_are_named_and_the_rest_is_read()
    {
        Coded("good.mp4", "");
        var cut = File.ReadAllBytes(Path.Combine(_data.Root, "good.mp4"));
        File.WriteAllBytes(Path.Combine(_data.Root, "cut.mp4"), cut[..(cut.Length / 2)]);
        File.WriteAllBytes(Path.Combine(_data.Root, "empty.mp4"), []);
        File.WriteAllText(Path.Combine(_data.Root, "text.avi"), "not a video, whatever it says");
        var set = Load(2);
        Assert.All(set.List.Pictures, p => Assert.EndsWith("good.mp4", p.Path, StringComparison.Ordinal));
        Assert.Contains(set.List.Notes, n => n.StartsWith("3 files that cannot be read", StringComparison.Ordinal) && n.Contains("cut.mp4", StringComparison.Ordinal));
        var error = Assert.Throws<TrainingDataException>(() => _reader.ReadSound(Path.Combine(_data.Root, "text.avi"), 16000, Token));
        Assert.Contains("text.avi", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such", Assert.Throws<TrainingDataException>(() => _reader.Probe("/no/such.mp4", Token)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Speech_padded_with_silence_is_heard_wherever_it_stands()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/espeak-ng"), "needs espeak-ng (Debian: apt-get install espeak-ng)");
        _data.Still("person/images/0.png");
        _data.File("person/audio/none.txt");
        var speech = Path.Combine(_data.Root, "speech.wav");
        Assert.Equal(0, Tests.Capture.TestMedia.Execute("espeak-ng", "-w", speech, "hello out there").Code);
        var padded = Path.Combine(_data.Root, "person/audio/0.ogg");
        Media.Run("ffmpeg", "-i", speech, "-af", "apad=whole_dur=12", padded);
        File.Delete(speech);
        var set = CachedClips.Load(DataSpec.Parse(_data.Root).List(_data.Options, _reader, null, Token), new MediaFormat(48), _data.Cache(), _reader, 3, _data.Log, null, Token);
        var window = new float[48000];
        set.ReadSound(0, 0, window);

        // The middle of the file is silent; what is heard is the speech, again and again.
        foreach (var third in new[] { 0, 1, 2 })
        {
            Assert.True(Math.Sqrt(window.Skip(third * 16000).Take(16000).Average(s => s * s)) > 0.01);
        }
    }

    [Fact]
    public void The_synthetic_scene_never_ends_and_knows_where_its_sound_comes_from()
    {
        var set = new SyntheticClips(seed: 3, count: 64, rate: 16000);
        using var loader = new BatchLoader(set, ViewPlans.Plain(ImageFrontEnds.SslAlign with { Width = 32, Height = 32 }, AudioFrontEnds.EzVsl) with { Training = true }, 8, 1);
        using var first = loader.Epoch(0, 0, Token).First();
        using var second = loader.Epoch(1, 0, Token).First();
        Assert.NotEqual(first.Infos.Select(i => i.Id), second.Infos.Select(i => i.Id));
        Assert.All(first.Infos, i => Assert.Single(i.Boxes));
        Assert.All(first.Labels, l => Assert.InRange(l, 0, 3));
        Assert.True(first.Labels.Distinct().Count() > 1);
        var silence = MathF.Log(1e-7f) / 12;
        for (var i = 0; i < 8; i++)
        {
            Assert.True(first.Sounds[0].Skip(i * 257 * 200).Take(257 * 200).Max() > silence + 0.3f, $"{first.Infos[i].Id} is silent");
        }

        // The same picture with another thing's sound: another box.
        var random = SeededRandom.At(1);
        var held = new SyntheticClips(seed: 4, count: 8, rate: 16000, fixedMoments: true);
        var (one, other) = (held.Pair(0, ref random), held.Pair(1, ref random));
        Assert.Equal(one.Picture, other.Picture);
        Assert.NotEqual(held.Describe(one).Class, held.Describe(other).Class);
        Assert.InRange(held.Describe(one).Boxes[0].IoU(held.Describe(other).Boxes[0]), 0, 0.1);
    }

    [Fact]
    public void A_recording_of_our_own_is_read_at_the_right_moments()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data.Root, "20260101T000000Z-run")).FullName;
        Coded("20260101T000000Z-run/source.mp4", "");
        var lines = Enumerable.Range(0, 70).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"seq":{{i}},"media_time":null,"captured_at":"2026-01-01T00:00:{{10 + i / 10.0:00.000}}Z","audio":{"from":0,"to":1,"dbfs":-20,"offset_ms":10,"drift_ppm":0},"presence":0.9}"""));
        File.WriteAllLines(Path.Combine(folder, "detections.jsonl"), lines);
        var options = new LayoutOptions { WindowSeconds = 0.5, Stride = 1 };
        var sets = TrainingSets.Load(
            [_data.Root], options, new MediaFormat(48), 0, 1, _data.Cache(), _reader, _data.Log, null, Token);
        var (random, window) = (SeededRandom.At(1), new float[6000]);
        Assert.Equal(7, sets.Training.Count);
        Assert.Null(sets.Validation);
        for (var i = 1; i < 7; i++)
        {
            // The frame begins second i; the window ended just before it, in second i - 1.
            var pair = sets.Training.Pair(i, ref random);
            sets.Training.ReadSound(pair.Sound, 0, window);
            Assert.InRange(DataFixture.Grey(sets.Training, pair.Picture), 30 + 20 * i - 3, 30 + 20 * i + 3);
            Assert.Equal(i - 1, FormulaMedia.SecondOf(window, 16000, 200));
        }

        Assert.Contains(sets.Report, l => l.Contains("read as 'runs'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_paired_pictures_and_sounds_are_listed_but_for_the_test()
    {
        var folder = Path.Combine(Repository.Shared, "data", "paired");
        Assert.SkipUnless(Directory.Exists(folder), "needs ../shared/data/paired");
        var list = DataSpec.Parse(folder).List(_data.Options, _reader, token: Token);
        Assert.Equal((23, 2729), (list.Classes.Count, list.Pictures.Count));
        Assert.Equal(1420, list.Sounds.Count);
        var (training, validation) = ClipSplit.ByGroup(list, 0.2, 1);
        Assert.Equal(23, validation.Classes.Count);
        Assert.Equal(list.Pairs.Count, training.Pairs.Count + validation.Pairs.Count);
        Assert.Empty(training.Sounds.Select(s => s.Group).Intersect(validation.Sounds.Select(s => s.Group)));

        // One class of it, decoded.
        var lions = list.Where(p => list.Pictures[p].Path.Contains("/lion/", StringComparison.Ordinal), s => list.Sounds[s].Path.Contains("/lion/", StringComparison.Ordinal));
        var set = CachedClips.Load(lions, new MediaFormat(128), _data.Cache(), _reader, 3, _data.Log, null, Token);
        Assert.Equal((150, 29), (set.Count, set.Sounds));
    }

    private CachedClips Load(double stride) => CachedClips.Load(
        DataSpec.Parse(_data.Root).List(_data.Options with { Stride = stride }, _reader, null, Token),
        new MediaFormat(48),
        _data.Cache(),
        _reader,
        0.25,
        _data.Log,
        null,
        Token);

    /// <summary>7 s: grey 30 + 20 s in second s, and a tone of 200 (s + 1) Hz.</summary>
    private void Coded(string name, string delayedSound)
    {
        string[] delay = delayedSound.Length > 0 ? delayedSound.Split(' ') : [];
        Media.Run(
            "ffmpeg",
            [
                "-f", "lavfi", "-i", "color=c=gray:s=96x72:r=25:d=7,geq=lum='16+219/255*(30+20*floor(T))':cb=128:cr=128",
                .. delay, "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*200*(floor(t)+1)*t):s=44100:d=6.6",
                "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-c:a", "aac", Path.Combine(_data.Root, name),
            ]);
    }
}
