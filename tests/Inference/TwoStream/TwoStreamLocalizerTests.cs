using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>A package in the engine's hands: frame by frame, with sound, without, and through a cut.</summary>
public sealed class TwoStreamLocalizerTests : IDisposable
{
    private readonly TinyPackage _tiny = new();
    private readonly Scene _scene = new(TinyPackage.Audio);
    private readonly LocalizerOutput _output = new();

    public void Dispose()
    {
        _scene.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    public void A_frame_with_sound_gives_a_map_over_the_whole_picture()
    {
        using var localizer = Open();
        _scene.Play(2, Scene.Noise);

        Localize(localizer, 1.9);

        Assert.Equal((TinyPackage.Rows, TinyPackage.Cols), (_output.Heatmap.Rows, _output.Heatmap.Cols));
        Assert.All(_output.Heatmap.Scores.ToArray(), s => Assert.InRange(s, 0f, 1.000001f));
        Assert.True(_output.Heatmap.Scores.ToArray().Distinct().Count() > 20, "a picture of many colours gives many scores");
        Assert.Equal((0f, 1f, 0.5f), (_output.Heatmap.Low, _output.Heatmap.High, _output.Threshold));
    }

    [Fact]
    public void Its_identity_is_the_packages()
    {
        var package = _tiny.Write();
        using var localizer = new TwoStreamLocalizer(package, Options());

        Assert.Equal(("tiny", package.Sha256), (localizer.Info.Name, localizer.Info.Sha256));
        Assert.Equal("cpu", localizer.Info.Device.Effective);
        Assert.Equal(TinyPackage.Audio, localizer.FrontEnd);
    }

    [Fact]
    public void Silence_shows_nothing_and_says_so()
    {
        using var localizer = Open();
        _scene.Play(1, Scene.Noise);
        _scene.Play(1, _ => 0);

        Localize(localizer, 1.9);

        Nothing("silent");
        Assert.Equal(0, localizer.AudioRuns);
    }

    [Fact]
    public void Without_sound_there_is_nothing_and_it_says_so()
    {
        using var localizer = Open();
        localizer.Localize(_scene.Frame(TimeSpan.Zero), AudioWindow.None, _output);
        Nothing("no audio");
    }

    [Fact]
    public void The_first_half_second_is_for_listening()
    {
        using var localizer = Open();
        _scene.Play(2, Scene.Noise);

        Localize(localizer, 0.3);
        Nothing("listening");

        Localize(localizer, 0.7);
        Assert.NotEqual("listening", _output.Why);
    }

    [Theory]
    [InlineData(0.25f, 0.5f, null)]
    [InlineData(0.999999f, 0.5f, "off screen?")]
    [InlineData(0.25f, 1f, "unsure")]
    public void Presence_is_the_best_raw_score_on_the_packages_own_scale(float presence, float threshold, string? why)
    {
        using var localizer = Open(m => m with { Detection = new DetectionLimits(threshold, presence) });
        _scene.Play(2, Scene.Noise);

        Localize(localizer, 1.5);

        var best = _output.Heatmap.Normalised(_output.Heatmap.Peak().Cell);
        Assert.InRange(best, 0.3, 0.9999);
        var expected = best < presence ? 0.5 * best / presence : 0.5 + 0.5 * (best - presence) / (1 - presence);
        Assert.Equal(expected, _output.Presence, 1e-6);
        Assert.Equal(why, _output.Why);
    }

    [Fact]
    public void The_audio_network_runs_once_per_mark_of_the_sound_and_not_once_per_frame()
    {
        using var localizer = Open();
        _scene.Play(3, Scene.Noise);

        for (var i = 0; i < 60; i++)
        {
            Localize(localizer, 1 + i / 60.0);
        }

        // One second at marks of 100 ms, and the mark before it.
        Assert.Equal(11, localizer.AudioRuns);
    }

    [Fact]
    public void A_dropped_frame_changes_no_other_answer()
    {
        using var all = Open();
        using var some = Open();
        _scene.Play(3, Scene.Noise);
        var times = Enumerable.Range(0, 40).Select(i => 0.9 + i * 0.04).ToArray();

        var answers = times.ToDictionary(t => t, t => Answer(all, t));

        foreach (var time in times.Where((_, i) => i % 7 == 3))
        {
            Assert.Equal(answers[time], Answer(some, time));
        }
    }

    [Fact]
    public void After_a_reset_the_same_frames_give_the_same_answers()
    {
        using var localizer = Open();
        _scene.Play(2, Scene.Noise);
        var first = Answer(localizer, 1.5);
        Answer(localizer, 1.9);

        localizer.Reset();

        Assert.Equal(first, Answer(localizer, 1.5));
        Assert.Equal(3, localizer.AudioRuns);
    }

    [Fact]
    public void Other_sound_gives_another_map()
    {
        using var localizer = Open();
        _scene.Play(1, Scene.Noise);
        _scene.Play(1, i => 0.5 * Math.Sin(i * 0.3));

        var noise = Answer(localizer, 0.95);
        Assert.NotEqual(noise, Answer(localizer, 1.95));
    }

    [Fact]
    public void Localizing_allocates_nothing()
    {
        using var localizer = Open();
        _scene.Play(3, Scene.Noise);
        var times = Enumerable.Range(0, 64).Select(i => TimeSpan.FromSeconds(1 + i / 33.0)).ToArray();
        var frames = times.Select((t, i) => (Picture: _scene.Frame(t, i), Sound: _scene.Window(t))).ToArray();
        var calls = 0;

        var bytes = Allocations.LeastOfRounds(i =>
        {
            calls++;
            localizer.Localize(frames[i % 64].Picture, frames[i % 64].Sound, _output);
        });

        Assert.Equal(0, bytes);
        Assert.InRange(localizer.AudioRuns, calls / 5, calls / 2);
    }

    [Fact]
    public void A_joint_network_answers_with_its_own_scores()
    {
        _tiny.WriteJoint();
        using var localizer = LocalizerFactory.Create(_tiny.Folder, Options());
        _scene.Play(2, i => i < 16000 ? Scene.Noise(i) : 0.1 * Scene.Noise(i));

        var loud = Answer(localizer, 0.95);
        var quiet = Answer(localizer, 1.95);

        // The sound's mean is added to every cell; the picture is the same.
        Assert.Equal(TinyPackage.Rows * TinyPackage.Cols, loud.Length);
        var differences = loud.Zip(quiet).Select(p => p.First - p.Second).ToArray();
        Assert.All(differences, d => Assert.Equal(differences[0], d, 1e-4));
        Assert.True(differences[0] > 0.1, $"ten times quieter, and only {differences[0]} less");
    }

    [Fact]
    public void Scores_that_are_not_numbers_show_nothing_and_say_so()
    {
        var verdict = new Verdict(TinyPackage.Manifest, TinyPackage.Rows, TinyPackage.Cols);
        var map = new float[TinyPackage.Rows * TinyPackage.Cols];
        map[5] = float.NaN;

        verdict.Rate(_scene.Frame(TimeSpan.Zero), map, _output);

        Nothing("not a number");
    }

    [Fact]
    public void Networks_that_do_not_fit_the_manifest_are_refused()
    {
        var e = Assert.Throws<InferenceException>(() => Open(m => m with { ImageFrontEnd = m.ImageFrontEnd with { Width = 64 } }));
        Assert.Contains("image.onnx: input 'x' has the shape [1,3,24,32], the image (front end 'tiny') is [1,3,24,64]", e.Message, StringComparison.Ordinal);
    }

    private static LocalizerOptions Options() => new(new LogLines()) { Device = "cpu", Threads = 1 };

    private TwoStreamLocalizer Open(Func<ModelManifest, ModelManifest>? change = null) => new(_tiny.Write(change), Options());

    private void Localize(ILocalizer localizer, double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        localizer.Localize(_scene.Frame(time), _scene.Window(time), _output);
    }

    private float[] Answer(ILocalizer localizer, double seconds)
    {
        Localize(localizer, seconds);
        return _output.Heatmap.Scores.ToArray();
    }

    private void Nothing(string why)
    {
        Assert.Equal((0.0, why), (_output.Presence, _output.Why));
        Assert.Equal((TinyPackage.Rows, TinyPackage.Cols), (_output.Heatmap.Rows, _output.Heatmap.Cols));
        Assert.All(_output.Heatmap.Scores.ToArray(), s => Assert.Equal(_output.Heatmap.Low, s));
    }
}
