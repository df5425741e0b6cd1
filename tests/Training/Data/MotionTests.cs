using OpenCvSharp;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Training.Train;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Cache;
using RealtimeSsl.Training.Data.Loading;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>What moves in a clip comes to those networks that read it, and only to those.</summary>
[Collection("libtorch")]
public sealed class MotionTests : IDisposable
{
    private const double Step = 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
    private static readonly MediaFormat Moving = new(48, Motion: true);
    private static readonly ImageFrontEnd Image = ImageFrontEnds.EzVsl with { Width = 40, Height = 40 };
    private static readonly AudioFrontEnd Audio = AudioFrontEnds.EzVsl with { Columns = 20 };

    // Pictures are kept at half the source's size.
    private readonly DataFixture _data = new() { Media = new FormulaMedia { Moves = Step, ShortSide = 96, Seconds = 3 } };

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_clip_has_the_motion_of_its_source_and_is_decoded_once()
    {
        _data.File("a.mp4");
        _data.Load(_data.List("clips:"));
        var set = _data.Load(_data.List("clips:"), format: Moving);
        using var flow = new Mat();
        for (var i = 0; i < set.Pictures; i++)
        {
            Assert.True(set.ReadMotion(i, flow));
            Assert.Equal((2 * Step, 0.0), (Middle(flow, 0), Middle(flow, 1)), (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.5 && Math.Abs(a.Item2 - b.Item2) < 0.5);
        }

        // Once for the pictures, once more for the motion that nobody had asked for, and then never again.
        _data.Load(_data.List("clips:"), format: Moving);
        Assert.Equal(2, _data.Media.Decoded.Single(d => d.Key.EndsWith("pictures", StringComparison.Ordinal)).Value);
        Assert.DoesNotContain(set.List.Notes, n => n.Contains("stand still", StringComparison.Ordinal));
    }

    [Fact]
    public void Still_pictures_have_none_which_is_said_once()
    {
        _data.Still("lion/images/0.png");
        _data.Still("lion/images/1.png");
        _data.File("lion/audio/0.wav");
        var set = _data.Load(_data.List(), format: Moving);
        using var flow = new Mat();
        Assert.False(set.ReadMotion(0, flow));
        Assert.Single(set.List.Notes, n => n.StartsWith($"{set.Pictures} pictures that stand still", StringComparison.Ordinal));
        Assert.DoesNotContain(_data.Load(_data.List()).List.Notes, n => n.Contains("stand still", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mirrored_picture_moves_the_other_way_and_a_part_keeps_its_motion()
    {
        using var bench = new PictureBench(Image);
        using var ramp = new Mat(40, 60, MatType.CV_8UC3);
        ramp.AsSpan<byte>().Clear();
        ramp.AsSpan<byte>()[0] = 255;
        ramp.CopyTo(bench.Picture);
        bench.Move(into =>
        {
            // Half as large as the picture; the left half moves to the right and down.
            into.Create(20, 30, MatType.CV_32FC2);
            into.SetTo(Scalar.All(0));
            using var left = new Mat(into, new Rect(0, 0, 15, 20));
            left.SetTo(new Scalar(3, 1));
            return true;
        });
        bench.Flip(FlipMode.Y);
        Assert.Equal(255, bench.Picture.AsSpan<byte>()[59 * 3]);
        bench.Cut(new Rect(20, 0, 40, 40));
        var moved = new float[2 * 1600];
        bench.FillMotion(new FlowFrontEnd { Channels = FlowChannels.Xy, Divisor = 1 }, moved);

        // 60 wide and mirrored, the right half moves to the left; 20 cut away, that begins at 10.
        Assert.Equal([0, -3, 0, 1], new[] { moved[5], moved[30], moved[1600 + 5], moved[1600 + 30] });
        Assert.Throws<NotSupportedException>(() => bench.RequireStill("a turn"));
        bench.Rest();
        bench.FillMotion(new FlowFrontEnd { Channels = FlowChannels.Xy, Divisor = 1, Offset = 5 }, moved);
        Assert.All(moved, v => Assert.Equal(5, v));
    }

    [Fact]
    public void Batches_have_it_for_methods_that_read_it_and_for_no_others()
    {
        _data.File("a.mp4");
        var set = _data.Load(_data.List("clips:"), format: Moving);
        using var flows = TrainingMethods.ById("heartheflow", new MethodOptions { Width = 2 });
        using var lvs = TrainingMethods.ById("lvs", new MethodOptions { Width = 2 });
        using var loader = new BatchLoader(set, flows.Views(Image, Audio, null, null), 2, 1, 1);
        List<double> signs = [];
        for (var epoch = 0; epoch < 6; epoch++)
        {
            foreach (var batch in loader.Epoch(epoch, token: Token))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    var motion = StepInputs.Of(batch, CPU, new ComputeSettings(), 0).Motion!;
                    Assert.Equal([2, 2, 40, 40], motion.shape);
                    signs.AddRange(Enumerable.Range(0, 2).Select(i => 255.0 * motion[i, 0, 20, 20].item<float>()));
                }
            }
        }

        Assert.All(signs, s => Assert.InRange(Math.Abs(s), 2 * Step - 0.7, 2 * Step + 0.7));
        Assert.Equal([-1, 1], signs.Select(Math.Sign).Distinct().Order());

        using var still = new BatchLoader(set, lvs.Views(Image, Audio, null, null), 2, 1, 1);
        using var plain = still.Epoch(0, token: Token).First();
        using var scope = NewDisposeScope();
        Assert.Empty(plain.Motions);
        Assert.Null(StepInputs.Of(plain, CPU, new ComputeSettings(), 0).Motion);
    }

    [Fact]
    public void A_network_that_reads_it_answers_to_it()
    {
        using var generator = manual_seed(1);
        using var scope = NewDisposeScope();
        using var method = TrainingMethods.ById("heartheflow", new MethodOptions { Width = 4 });
        var input = new StepInput([randn(2, 3, 64, 64)], [randn(2, 1, 64, 40)], full(2, -1L), null, false, 0, 0);
        var moving = input with { Motion = randn(2, 2, 64, 64) };
        Assert.True((method.Heatmap(input) - method.Heatmap(input.Pictures[0], input.Sounds[0])).abs().max().item<float>() == 0);
        Assert.True((method.Heatmap(input) - method.Heatmap(moving)).abs().max().item<float>() > 1e-5);
        Assert.NotEqual(method.Loss(input).Total.item<float>(), method.Loss(moving).Total.item<float>());
    }

    [Fact]
    public void Things_of_the_built_in_scenes_move()
    {
        var scenes = TrainFixture.Scenes();
        using var flow = new Mat();
        var most = Enumerable.Range(0, 10).Max(i =>
        {
            Assert.True(scenes.ReadMotion(i, flow));
            return flow.AsSpan<float>().ToArray().Max(Math.Abs);
        });
        Assert.InRange(most, 2, 500);
    }

    private static double Middle(Mat flow, int channel)
    {
        var values = flow.AsSpan<float>();
        var (width, height) = (flow.Width, flow.Height);
        var (sum, count) = (0.0, 0);
        for (var y = height / 3; y < 2 * height / 3; y++)
        {
            for (var x = width / 3; x < 2 * width / 3; x++, count++)
            {
                sum += values[2 * (y * width + x) + channel];
            }
        }

        return sum / count;
    }
}
