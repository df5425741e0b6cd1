using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx.Writer;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Bindings;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>A package whose image network reads the motion and the sound beside the picture, run live.</summary>
public sealed class MoreInputsTests : IDisposable
{
    private const int Rows = 6;
    private const int Cols = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly Scene _scene = new(TinyPackage.Audio);
    private readonly LocalizerOutput _output = new();

    public void Dispose()
    {
        _scene.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Motion_and_sound_reach_the_image_network()
    {
        using var localizer = Load(Manifest);
        _scene.Play(2, Scene.Noise);

        Assert.All(Answer(localizer, 1.82, 0), s => Assert.Equal(1, s, 1e-4));
        var moved = Answer(localizer, 1.86, 4);

        // 1 from the sound, which the network gets whole, and the motion's mean, about 4 pixels.
        Assert.InRange(moved.Average() - 1, 1, 6);
    }

    [Fact]
    public void A_cut_forgets_the_last_picture()
    {
        using var localizer = Load(Manifest);
        _scene.Play(2, Scene.Noise);
        Answer(localizer, 1.82, 0);
        localizer.Reset();

        Assert.All(Answer(localizer, 1.86, 4), s => Assert.Equal(1, s, 1e-4));
    }

    [Fact]
    public void Evidence_of_the_network_is_presence()
    {
        using var localizer = Load(Manifest);
        _scene.Play(2, Scene.Noise);
        Answer(localizer, 1.82, 0);

        // The network says 0.25, half of what the package asks for.
        Assert.Equal((0.25, "off screen?"), (_output.Presence, _output.Why));
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        Flavour.SkipOnRealPackage("it wraps each argument of a call in an object, 2.5 kB for each flow");
        using var localizer = Load(Manifest);
        _scene.Play(2, Scene.Noise);
        VideoFrame[] frames = [_scene.Frame(TimeSpan.FromSeconds(1.86)), _scene.Frame(TimeSpan.FromSeconds(1.9), 4)];
        var window = _scene.Window(TimeSpan.FromSeconds(1.9));

        Assert.Equal(0, Allocations.LeastOfRounds(i => localizer.Localize(frames[i % 2], window, _output)));
    }

    [Fact]
    public void Inputs_that_cannot_be_are_refused()
    {
        Refused(Manifest with { FlowFrontEnd = null }, "flow_front_end = missing: goes with 'flow' under image_inputs");
        Refused(Manifest with { ImageInputs = [ImageInput.Flow, ImageInput.Picture] }, "image_inputs = flow, picture: must be picture, and then");
        Refused(Manifest with { ImageInputs = [ImageInput.Picture, ImageInput.Flow] }, "head 'scores' needs sound");
    }

    private static ModelManifest Manifest { get; } = TinyPackage.Manifest with
    {
        ImageInputs = [ImageInput.Picture, ImageInput.Flow, ImageInput.Sound],
        FlowFrontEnd = new FlowFrontEnd { Channels = FlowChannels.Magnitude, Divisor = 1 },
        Head = new HeadSettings { Id = HeadKind.Scores },
        ScoreRange = new ScoreRange(0, 10),
        Detection = new DetectionLimits(0.5f, 0.5f),
    };

    private void Refused(ModelManifest manifest, string reason)
    {
        var e = Assert.Throws<InferenceException>(() => Package(manifest));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private ILocalizer Load(ModelManifest manifest) =>
        LocalizerFactory.Create(Package(manifest).Folder, new LocalizerOptions(new LogLines()) { Device = "cpu", Threads = 1 });

    private ModelPackage Package(ModelManifest manifest)
    {
        var (height, width) = (TinyPackage.Image.Height, TinyPackage.Image.Width);
        var image = new GraphBuilder("image");
        var picture = image.Input("picture", 1, 3, height, width);
        var flow = image.Input("flow", 1, 1, height, width);
        var heard = image.Input("sound", 1, 2);
        var motion = image.Conv(flow, "mean", Constant(4 * 4, 1, 4, 4), null, stride: 4);
        var nothing = image.Multiply(image.Conv(picture, "none", Constant(3 * 16, 3, 4, 4), null, stride: 4), 0f);
        image.Output(image.Add(image.Add(nothing, motion), image.Mean(image.Reshape(heard, 1, 1, 1, 2), 3)), "scores");
        image.Output(image.Multiply(image.Mean(image.Reshape(heard, 1, 2), 1), 0.25f), "evidence");

        // The first output is what a head would read, the last what the image network does: ones.
        var audio = new GraphBuilder("audio");
        var column = audio.GlobalAveragePool(audio.Input("x", 1, 1, TinyPackage.Audio.Rows, TinyPackage.Audio.Columns));
        audio.Output(audio.Concat(column, column, column), "embedding");
        audio.Output(audio.Add(audio.Multiply(audio.Concat(column, column), 0f), 1f), "more");
        return ModelPackage.Create(_folder["more"], manifest, new Dictionary<string, byte[]>
        {
            ["README.md"] = [], ["image.onnx"] = image.ToBytes(), ["audio.onnx"] = audio.ToBytes(),
        });

        static WeightTensor Constant(int count, int channels, int rows, int cols) =>
            new([1, channels, rows, cols], [.. Enumerable.Repeat(1f / count, count)]);
    }

    private float[] Answer(ILocalizer localizer, double seconds, int shift)
    {
        var time = TimeSpan.FromSeconds(seconds);
        localizer.Localize(_scene.Frame(time, shift), _scene.Window(time), _output);
        Assert.Equal((Rows, Cols), (_output.Heatmap.Rows, _output.Heatmap.Cols));
        return _output.Heatmap.Scores.ToArray();
    }
}
