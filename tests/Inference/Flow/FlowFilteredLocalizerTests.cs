using RealtimeSsl.Inference;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Bindings;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Flow;

/// <summary>A localizer that is filtered by motion, as <c>--model NAME+flow</c> asks for it.</summary>
public sealed class FlowFilteredLocalizerTests : IDisposable
{
    private readonly TinyPackage _tiny = new();
    private readonly Scene _scene = new(TinyPackage.Audio);
    private readonly LocalizerOutput _output = new();

    public FlowFilteredLocalizerTests() => _tiny.Write();

    private LocalizerOptions Options => new(new LogLines()) { Device = "cpu", Threads = 1, ModelsFolder = Path.GetDirectoryName(_tiny.Folder)! };

    public void Dispose()
    {
        _scene.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    public void What_stands_still_is_no_source()
    {
        _scene.Play(2, Scene.Noise);
        using var localizer = LocalizerFactory.Create("tiny+flow", Options);

        Look(localizer, 1.86, 0);
        Look(localizer, 1.9, 0);

        Assert.Equal("nothing moves", _output.Why);
        Assert.All(_output.Heatmap.Scores.ToArray(), s => Assert.Equal(0, s));
    }

    [Fact]
    public void What_moves_and_is_in_the_maps_upper_half_stays()
    {
        _scene.Play(2, Scene.Noise);
        using var localizer = LocalizerFactory.Create("tiny+flow", Options);
        using var plain = LocalizerFactory.Create("tiny", Options);
        Look(plain, 1.9, 4);
        var heard = _output.Heatmap.Scores.ToArray();

        Look(localizer, 1.86, 0);
        Look(localizer, 1.9, 4);

        var filtered = _output.Heatmap.Scores.ToArray();
        var median = heard.Order().ElementAt(heard.Length / 2);
        Assert.All(heard.Zip(filtered).Where(p => p.First < median), p => Assert.Equal(0, p.Second));
        Assert.InRange(filtered.Max(), 0.5f, 1f);
        Assert.Equal(("tiny+flow", 0f, 1f, 0.5f), (localizer.Info.Name, _output.Heatmap.Low, _output.Heatmap.High, _output.Threshold));
    }

    [Fact]
    public void Silence_stays_empty_whatever_moves()
    {
        _scene.Play(2, _ => 0);
        using var localizer = LocalizerFactory.Create("tiny+flow", Options);

        Look(localizer, 1.86, 0);
        Look(localizer, 1.9, 4);

        Assert.Equal((0.0, "silent"), (_output.Presence, _output.Why));
        Assert.All(_output.Heatmap.Scores.ToArray(), s => Assert.Equal(0, s));
    }

    [Fact]
    public void Filtering_allocates_nothing()
    {
        Flavour.SkipOnRealPackage("it wraps each argument of a call in an object, 2.5 kB for each flow");
        _scene.Play(2, Scene.Noise);
        using var localizer = LocalizerFactory.Create("tiny+flow", Options);
        VideoFrame[] frames = [_scene.Frame(TimeSpan.FromSeconds(1.86)), _scene.Frame(TimeSpan.FromSeconds(1.9), 4)];
        var window = _scene.Window(TimeSpan.FromSeconds(1.9));

        Assert.Equal(0, Allocations.LeastOfRounds(i => localizer.Localize(frames[i % 2], window, _output), round: 4));
    }

    [Fact]
    public void A_method_without_weights_can_be_filtered_too()
    {
        using var localizer = LocalizerFactory.Create("synchrony+flow", Options);
        Assert.Equal("synchrony+flow", localizer.Info.Name);
    }

    [Fact]
    public void Filtering_what_is_unknown_is_refused()
    {
        var e = Assert.Throws<InferenceException>(() => LocalizerFactory.Create("nothing+flow", Options));
        Assert.Contains("model 'nothing': unknown", e.Message, StringComparison.Ordinal);
    }

    private void Look(ILocalizer localizer, double seconds, int shift)
    {
        var time = TimeSpan.FromSeconds(seconds);
        localizer.Localize(_scene.Frame(time, shift), _scene.Window(time), _output);
    }
}
