using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>A localizer guided by an imported object map, as <c>--model NAME+GUIDE</c> asks for it.</summary>
public sealed class ObjectGuidedLocalizerTests : IDisposable
{
    private const int Cells = TinyPackage.Rows * TinyPackage.Cols;

    private readonly TinyPackage _tiny = new();
    private readonly Scene _scene = new(TinyPackage.Audio);
    private readonly LocalizerOutput _output = new();
    private readonly string _models;

    public ObjectGuidedLocalizerTests()
    {
        _tiny.Write();
        _models = Path.GetDirectoryName(_tiny.Folder)!;
        var method = ObjectMap.Make(width: 2);
        var weights = method.Required.Select((k, i) => (k.Name, Tensor: TorchTensor.Of(
            [.. k.Shape], FormulaWeights.Tensor((uint)(900 + i), k.Name, [.. k.Shape]).Values))).ToDictionary(t => t.Name, t => t.Tensor);
        var file = Path.Combine(_models, "given.safetensors");
        File.WriteAllBytes(file, TorchWriter.SafeTensors(weights));
        Importer.Run(new ImportRequest(file, method, Path.Combine(_models, "objects")), new LogLines(), TestContext.Current.CancellationToken);
    }

    private LocalizerOptions Options => new(new LogLines()) { Device = "cpu", Threads = 1, ModelsFolder = _models };

    public void Dispose()
    {
        _scene.Dispose();
        _tiny.Dispose();
    }

    [Fact]
    public void The_map_is_the_mix_of_both_and_presence_is_untouched()
    {
        _scene.Play(2, Scene.Noise);
        var heard = Answer("tiny");
        var (presence, objects) = (_output.Presence, Objects());

        var guided = Answer("tiny+objects");

        var mix = Stretch([.. Stretch(heard).Zip(Stretch(objects)).Select(p => 0.4 * p.First + 0.6 * p.Second)]);
        Assert.Equal(Cells, guided.Length);
        Assert.All(mix.Zip(guided), p => Assert.Equal(p.First, p.Second, 1e-5));
        Assert.Equal((presence, 0f, 1f, 0.5f), (_output.Presence, _output.Heatmap.Low, _output.Heatmap.High, _output.Threshold));
        Assert.NotEqual(Peak(heard), Peak(guided));
    }

    [Fact]
    public void A_packages_own_weight_counts()
    {
        _tiny.Write(m => m with { ObjectGuidance = new ObjectGuidance(1, MinMax: true) });
        _scene.Play(2, Scene.Noise);
        var heard = Answer("tiny");

        var guided = Answer("tiny+objects");

        Assert.All(Stretch([.. heard]).Zip(guided), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Fact]
    public void SLAVC_is_mixed_on_fixed_scales()
    {
        _tiny.Write(m => m with { Method = "slavc", Head = m.Head with { Temperature = 0.03f }, ScoreRange = new ScoreRange(0, 1 / 0.03f) });
        _scene.Play(2, Scene.Noise);
        var heard = Answer("tiny");
        var objects = Objects();

        var guided = Answer("tiny+objects");

        var mix = heard.Zip(objects).Select(p => 0.9 * (p.First * 0.03 + 1) / 2 + 0.1 * p.Second / 2.5);
        Assert.All(mix.Zip(guided), p => Assert.Equal(p.First, p.Second, 1e-5));

        // Limits: 0.5 of 1/0.03 is a cosine of 0.5; 0.5 of the object map's 0..3.
        Assert.Equal(0.9 * 0.75 + 0.1 * 1.5 / 2.5, _output.Threshold, 1e-6);
    }

    [Fact]
    public void Silence_stays_empty_however_many_objects_there_are()
    {
        _scene.Play(2, _ => 0);

        var guided = Answer("tiny+objects");

        Assert.All(guided, s => Assert.Equal(0, s));
        Assert.Equal((0.0, "silent"), (_output.Presence, _output.Why));
    }

    [Fact]
    public void A_sound_from_elsewhere_stays_off_screen()
    {
        _tiny.Write(m => m with { Detection = new DetectionLimits(0.5f, 0.999999f) });
        _scene.Play(2, Scene.Noise);

        Answer("tiny+objects");

        Assert.InRange(_output.Presence, 0.1, 0.4999999);
        Assert.Equal("off screen?", _output.Why);
    }

    [Fact]
    public void What_a_cut_out_middle_leaves_out_is_not_the_low_end_of_the_stretch()
    {
        _tiny.Write(m => m with { ImageFrontEnd = m.ImageFrontEnd with { Fit = FrameFit.CentreCrop }, ObjectGuidance = new ObjectGuidance(1, MinMax: true) });
        _scene.Play(2, Scene.Noise);
        var seen = Answer("tiny", 640, 240).Where(s => s != 0).ToArray();
        Assert.InRange(seen.Min(), 0.05, 1);

        var guided = Answer("tiny+objects", 640, 240);

        Assert.True(guided.Length > Cells, "cells are added around what was seen");
        Assert.Equal(Stretch(seen).Order(), guided.Order().TakeLast(seen.Length).Select(s => (double)s), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(guided.Length - seen.Length + 1, guided.Count(s => s == 0));
    }

    [Fact]
    public void A_method_without_weights_can_be_guided_too()
    {
        using var localizer = LocalizerFactory.Create("synchrony+objects", Options);
        Assert.Equal("synchrony+objects", localizer.Info.Name);
        Assert.Equal(64, localizer.Info.Sha256!.Length);
    }

    [Fact]
    public void Its_identity_is_that_of_both()
    {
        using var guided = LocalizerFactory.Create("tiny+objects", Options);
        Assert.Equal(("tiny+objects", TinyPackage.Audio), (guided.Info.Name, guided.FrontEnd));

        var before = guided.Info.Sha256;
        _tiny.Write(m => m with { Version = "2" });
        using var changed = LocalizerFactory.Create("tiny+objects", Options);
        Assert.NotEqual(before, changed.Info.Sha256);
    }

    [Theory]
    [InlineData("tiny+tiny", "is no map of objects but of the method 'cosine'; after the '+' goes a package imported with --method resnet18")]
    [InlineData("tiny+nothing", "model 'nothing': unknown; there are synchrony, objects, tiny")]
    [InlineData("nothing+objects", "model 'nothing': unknown")]
    [InlineData("tiny+", "model 'tiny+': unknown")]
    public void A_guide_that_is_none_is_refused(string name, string expected)
    {
        var e = Assert.Throws<InferenceException>(() => LocalizerFactory.Create(name, Options));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_a_plus_in_its_name_is_itself()
    {
        Directory.Move(_tiny.Folder, Path.Combine(_models, "tiny+objects"));
        using var localizer = LocalizerFactory.Create("tiny+objects", Options);
        Assert.Equal("tiny", localizer.Info.Name);
    }

    [Theory]
    [InlineData(1.5f, true, "object_guidance.weight = 1.5: must be 0 to 1")]
    [InlineData(0.5f, false, "object_guidance.min_max = false: fixed scales are for head 'cosine' only")]
    public void Guidance_that_cannot_be_is_refused(float weight, bool minMax, string expected)
    {
        var head = new HeadSettings { Id = HeadKind.SoftAttention };
        var e = Assert.Throws<InferenceException>(() => _tiny.Write(m => m with { Head = head, ObjectGuidance = new ObjectGuidance(weight, minMax) }));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Guiding_allocates_nothing()
    {
        using var localizer = LocalizerFactory.Create("tiny+objects", Options);
        _scene.Play(2, Scene.Noise);
        var time = TimeSpan.FromSeconds(1.9);
        var (frame, window) = (_scene.Frame(time), _scene.Window(time));

        Assert.Equal(0, Allocations.LeastOfRounds(_ => localizer.Localize(frame, window, _output)));
    }

    private float[] Answer(string name, int width = 320, int height = 240)
    {
        using var localizer = LocalizerFactory.Create(name, Options);
        var time = TimeSpan.FromSeconds(1.9);
        localizer.Localize(_scene.Frame(time, 0, width, height), _scene.Window(time), _output);
        return _output.Heatmap.Scores.ToArray();
    }

    /// <summary>The object network's own map, brought to the tiny package's grid between cell centres, written out in double precision.</summary>
    private double[] Objects()
    {
        var package = ModelPackage.Load(Path.Combine(_models, "objects"));
        var device = ExecutionProvider.Choose("cpu", new LogLines());
        using var trunk = Trunks.Load(package, "joint.onnx", device, Options, Trunks.Image(package.Manifest), Trunks.Audio(package.Manifest));
        new ImageTensor(package.Manifest.ImageFrontEnd).Fill(_scene.Frame(TimeSpan.Zero), trunk.Input());
        trunk.Run();
        var map = trunk.Output().ToArray();
        return [.. Enumerable.Range(0, Cells).Select(cell =>
        {
            var y = Math.Clamp((cell / TinyPackage.Cols + 0.5) / TinyPackage.Rows * 7 - 0.5, 0, 6);
            var x = Math.Clamp((cell % TinyPackage.Cols + 0.5) / TinyPackage.Cols * 7 - 0.5, 0, 6);
            var (top, left) = (Math.Min((int)y, 5), Math.Min((int)x, 5));
            var (down, right) = (y - top, x - left);
            return (1 - down) * ((1 - right) * map[top * 7 + left] + right * map[top * 7 + left + 1])
                + down * ((1 - right) * map[top * 7 + 7 + left] + right * map[top * 7 + 8 + left]);
        })];
    }

    private static double[] Stretch(IEnumerable<float> map) => Stretch([.. map.Select(v => (double)v)]);

    private static double[] Stretch(double[] map) => [.. map.Select(v => (v - map.Min()) / (map.Max() - map.Min()))];

    private static int Peak(float[] map) => Array.IndexOf(map, map.Max());
}
