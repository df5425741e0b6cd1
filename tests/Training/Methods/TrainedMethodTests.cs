using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Training.Methods;

/// <summary>Every method learns, gives all its tensors back, and becomes a package that computes what it computes.</summary>
[Collection("libtorch")]
public sealed class TrainedMethodTests : IDisposable
{
    private const int Batch = 4;

    private static readonly MethodOptions Small = new() { Width = 4, Clusters = 2, ClusterEpochs = 2 };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. TrainingMethods.Names];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_method_exported_computes_the_same_heatmap(string id)
    {
        using var generator = manual_seed(3);
        using var method = TrainingMethods.ById(id, Small);
        var (image, audio) = FrontEnds(method);
        if (id == "heartheflow")
        {
            // Its export knows one size.
            image = ImageFrontEnds.EzVsl;
        }

        Step(method, image, audio, 0);

        var package = Export(method, image, audio, "small");

        var manifest = package.Manifest;
        Assert.Equal((id, 0.3f, image.Width, audio.Columns), (manifest.Method, manifest.Detection.Threshold, manifest.ImageFrontEnd.Width, manifest.AudioFrontEnd.Columns));
        var (pictures, sounds) = (randn(2, 3, image.Height, image.Width), Sounds(audio, 2));
        var maps = method.Heatmap(pictures, sounds);
        for (var i = 0; i < 2; i++)
        {
            var expected = maps[i].flatten().data<float>().ToArray();
            var actual = Scores(package, pictures[i], sounds[i]);
            var largest = expected.Max(Math.Abs);
            Assert.Equal(expected.Length, actual.Length);
            Assert.InRange(expected.Zip(actual).Max(p => Math.Abs(p.First - p.Second)) / largest, 0, 1e-5);
        }
    }

    [Fact]
    public void SSLaligns_projections_go_along_for_retrieval_and_compute_what_they_did()
    {
        using var generator = manual_seed(8);
        using var method = TrainingMethods.ById("sslalign", Small);
        var (image, audio) = FrontEnds(method);
        Step(method, image, audio, 0);

        var package = Export(method, image, audio, "small");

        var (pictures, sounds) = (randn(2, 3, image.Height, image.Width), Sounds(audio, 2));
        var (seen, heard) = method.Embed(pictures, sounds);
        using var trunk = Trunk(package, package.Manifest.Trunks.Image!, new TrunkInput("the picture", [1, 3, image.Height, image.Width]));
        using var ear = Trunk(package, package.Manifest.Trunks.Audio!, new TrunkInput("the sound", package.Manifest.AudioShape));
        using var heads = ProjectionHeads.Of(package, 8 * Small.Width)!;
        for (var i = 0; i < 2; i++)
        {
            Values(pictures[i]).CopyTo(trunk.Input());
            Values(sounds[i]).CopyTo(ear.Input());
            trunk.Run();
            ear.Run();
            var peaks = trunk.Output().ToArray().Chunk(trunk.Output().Length / (8 * Small.Width)).Select(c => c.Max()).ToArray();
            var (picture, sound) = heads.Project(peaks, ear.Output());
            Assert.All(Values(seen[i]).Zip(picture).Concat(Values(heard[i]).Zip(sound)), p => Assert.Equal(p.First, p.Second, 1e-5f));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hundred_steps_leave_no_tensor_behind_and_the_loss_falls(string id)
    {
        using var generator = manual_seed(4);
        using var method = TrainingMethods.ById(id, Small with { Dropout = 0.2 });
        var (image, audio) = FrontEnds(method);
        using var optimizer = optim.Adam([.. method.Network.parameters().Where(p => p.requires_grad)], 2e-3);
        var steps = id.StartsWith("mobile", StringComparison.Ordinal) || id is "sspl" or "sspl-wo-pcm" or "attention" ? 12 : 100;
        double first = 0, last = 0;
        long live = 0;
        for (var step = 0; step < steps; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                var loss = Step(method, image, audio, step);
                loss.Total.backward();
                optimizer.step();
                method.AfterStep();
                last = loss.Total.item<float>();
                Assert.True(double.IsFinite(last), $"step {step}");
            }

            if (step == 1)
            {
                (first, live) = (last, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
            else if (step > 1)
            {
                Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        }

        Assert.True(last < first, $"from {first} to {last}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Embeddings_are_of_length_1_and_the_mode_stays(string id)
    {
        using var generator = manual_seed(5);
        using var method = TrainingMethods.ById(id, Small);
        var (image, audio) = FrontEnds(method);
        method.Network.train();

        var (pictures, sounds) = method.Embed(randn(2, 3, image.Height, image.Width), Sounds(audio, 2));

        Assert.Equal(pictures.shape, sounds.shape);
        Assert.All(pictures.norm(1).data<float>().Concat(sounds.norm(1).data<float>()), n => Assert.Equal(1, n, 1e-5));
        Assert.False(pictures.requires_grad);
        Assert.True(method.Network.training);
    }

    [Fact]
    public void SPM_clusters_the_sounds_and_teaches_its_trunk_the_clusters()
    {
        using var generator = manual_seed(6);
        using var method = TrainingMethods.ById("spm", Small with { ClusterEpochs = 15 });
        var (image, audio) = FrontEnds(method);

        // Two kinds of sounds: high and low.
        var kinds = Enumerable.Range(0, 4).Select(_ =>
        {
            var sounds = randn(Batch, 1, audio.Rows, audio.Columns) * 0.1;
            sounds.narrow(0, 0, Batch / 2).narrow(2, 0, audio.Rows / 2).add_(3);
            sounds.narrow(0, Batch / 2, Batch / 2).narrow(2, audio.Rows / 2, audio.Rows / 2).add_(3);
            return sounds;
        }).ToList();
        var log = new LogLines();

        method.Prepare(() => kinds, log, TestContext.Current.CancellationToken);

        Assert.Contains(log.Lines, l => l.Line.Contains("16 sounds in 2 clusters of 8 to 8", StringComparison.Ordinal));
        Assert.Contains(log.Lines, l => l.Line.Contains("epoch 15 of 15", StringComparison.Ordinal) && l.Line.EndsWith("cluster told 100%", StringComparison.Ordinal));
        var before = Sum();
        using var optimizer = optim.Adam([.. method.Network.parameters().Where(p => p.requires_grad)], 1e-2);
        Step(method, image, audio, 0).Total.backward();
        optimizer.step();
        Assert.Equal(before, Sum());

        // Weights and statistics of the sound's trunk: frozen is frozen.
        double Sum() => method.Network.state_dict().Where(e => e.Key.StartsWith("audnet.", StringComparison.Ordinal)).Sum(e => e.Value.to_type(float64).abs().sum().item<double>());
    }

    [Fact]
    public void SSLalign_can_leave_out_neighbours_and_alignment()
    {
        using var method = TrainingMethods.ById("sslalign", Small with { Neighbours = false, Alignment = false, Intra = true });
        var (image, audio) = FrontEnds(method);

        var plan = method.Views(image, audio, null, null);
        var loss = Step(method, image, audio, 0);

        Assert.False(method.TakesNeighbours);
        Assert.Equal(2, plan.Pictures.Count);
        Assert.Equal(["localisation", "intra"], loss.Parts.Select(p => p.Name));
    }

    [Fact]
    public void An_unknown_method_is_named_with_those_that_there_are()
    {
        var e = Assert.Throws<ArgumentException>(() => TrainingMethods.ById("lvz"));
        Assert.Contains("'lvz' is unknown; there are sslalign, lvs, ez-vsl", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_network_becomes_no_package()
    {
        using var method = TrainingMethods.ById("ez-vsl", Small);
        var (image, audio) = FrontEnds(method);
        using (no_grad())
        {
            method.Network.parameters().First().fill_(float.NaN);
        }

        var e = Assert.Throws<ImportException>(() => Export(method, image, audio, "nan"));

        Assert.Contains("the training diverged", e.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["nan"]));
    }

    /// <summary>As the trainer does it.</summary>
    private ModelPackage Export(TrainingMethod method, ImageFrontEnd image, AudioFrontEnd audio, string name)
    {
        var weights = _folder[WeightFile.Name];
        File.WriteAllBytes(weights, WeightFile.ToBytes(method.Network.state_dict()));
        var import = TrainingMethods.Import(method.Id, Small) with { Image = image, Audio = audio, Detection = new DetectionLimits(0.3f, 0.2f) };
        var files = new Dictionary<string, byte[]> { ["README.md"] = "# small\n\nA test."u8.ToArray() };
        return TrainedPackage.Write(weights, import, _folder[name], replace: false, "none", files, new LogLines(), DateTime.UnixEpoch);
    }

    private static StepLoss Step(TrainingMethod method, ImageFrontEnd image, AudioFrontEnd audio, long step)
    {
        // The same batch each time: the loss must fall.
        using var generator = manual_seed(7);
        var plan = method.Views(image, audio, null, null);
        method.Network.train();
        var pictures = Enumerable.Range(0, plan.Pictures.Count + (plan.Warp is null ? 0 : 1)).Select(_ => randn(Batch, 3, image.Height, image.Width)).ToList();
        var sounds = plan.Sounds.Select(_ => Sounds(audio, Batch)).ToList();
        var warps = plan.Warp is null ? null : tensor(new[] { 0.9f, 0.1f, 0, -0.1f, 0.9f, 0 }).view(1, 2, 3).repeat(Batch, 1, 1);
        return method.Loss(new StepInput(pictures, sounds, full(Batch, -1L), warps, HalfSize: warps is not null && step % 2 == 1, Epoch: 0, step));
    }

    /// <summary>Small pictures and short sounds, but for networks that know only one size.</summary>
    private static (ImageFrontEnd Image, AudioFrontEnd Audio) FrontEnds(TrainingMethod method) => method.Id is "sspl" or "sspl-wo-pcm" or "attention"
        ? (Import(method).Image, Import(method).Audio)
        : (Import(method).Image with { Width = 96, Height = 64 }, Import(method).Audio with { Columns = 40 });

    private static ImportMethod Import(TrainingMethod method) => TrainingMethods.Import(method.Id, Small);

    private static Tensor Sounds(AudioFrontEnd audio, int count) => randn(count, 1, audio.Rows, audio.Columns);

    /// <summary>The package's networks and head, as the live localizer joins them; without motion.</summary>
    private static float[] Scores(ModelPackage package, Tensor picture, Tensor sound)
    {
        var manifest = package.Manifest;
        var (height, width) = (manifest.ImageFrontEnd.Height, manifest.ImageFrontEnd.Width);
        using var audio = Trunk(package, manifest.Trunks.Audio!, new TrunkInput("the sound", manifest.AudioShape));
        Values(sound).CopyTo(audio.Input());
        audio.Run();
        var heard = audio.Output(audio.OutputShapes.Count - 1).ToArray();
        var inputs = manifest.ImageInputs ?? [ImageInput.Picture];
        using var image = Trunk(package, manifest.Trunks.Image!, [.. inputs.Select(i => i switch
        {
            ImageInput.Flow => new TrunkInput("the motion", [1, 2, height, width]),
            ImageInput.Sound => new TrunkInput("the sound", [1, heard.Length]),
            _ => new TrunkInput("the picture", [1, 3, height, width]),
        })]);
        Values(picture).CopyTo(image.Input());
        if (inputs.Contains(ImageInput.Sound))
        {
            heard.CopyTo(image.Input(1));
        }

        image.Run();
        IHead head = manifest.Head.Id == HeadKind.SoftAttention
            ? new SoftAttentionHead(image.OutputShapes[0], audio.OutputShapes[0], manifest.Head)
            : new CosineHead(image.OutputShapes[0], audio.OutputShapes[0], manifest.Head);
        var map = new float[head.Rows * head.Cols];
        head.SetAudio(audio.Output());
        head.Map(image.Output(), map);
        return map;
    }

    private static OnnxTrunk Trunk(ModelPackage package, string file, params TrunkInput[] shapes) =>
        new(file, package.Read(file), new DeviceChoice("cpu", "cpu", null), 1, shapes);

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
