using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Tests.Bindings.Torch;

/// <summary>A small residual network, built as src/ builds its networks, learns and leaks nothing.</summary>
[Collection("libtorch")]
public sealed class TrainingTests
{
    [Fact]
    public void A_small_residual_network_learns_its_labels_and_every_tensor_is_given_back()
    {
        using var generator = manual_seed(1);
        using var network = new SmallResNet();
        using var optimizer = optim.Adam(network.parameters(), lr: 5e-3);
        using var scope = NewDisposeScope();
        var pictures = randn(8, 3, 16, 16);
        var labels = arange(8) % 4;
        double first = 0, last = 0;
        long live = 0;

        for (var step = 0; step < 200; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                var loss = F.cross_entropy(network.call(pictures), labels);
                loss.backward();
                optimizer.step();
                last = loss.item<float>();
            }
            if (step == 0)
            {
                (first, live) = (last, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
            Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.InRange(first, 0.8, 3);
        Assert.InRange(last, 0, 0.05);
        network.eval();
        using (no_grad())
        {
            Assert.Equal(labels.data<long>().ToArray(), network.call(pictures).argmax(1).data<long>().ToArray());
        }
    }

    [Fact]
    public void A_saved_network_and_optimizer_go_on_exactly_where_they_were()
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(2);
        var pictures = randn(4, 3, 16, 16);
        var labels = arange(4);
        using var one = new SmallResNet();
        using var first = optim.AdamW(one.parameters(), lr: 1e-3, weight_decay: 0.01);
        Steps(one, first, 3);
        using var networkState = new MemoryStream();
        using var optimizerState = new MemoryStream();
        using (var writer = new BinaryWriter(networkState, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            one.save(writer);
        }
        using (var writer = new BinaryWriter(optimizerState, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            first.save_state_dict(writer);
        }
        networkState.Position = optimizerState.Position = 0;

        using var two = new SmallResNet();
        using var second = optim.AdamW(two.parameters(), lr: 0.5);
        using (var reader = new BinaryReader(networkState))
        {
            two.load(reader);
        }
        using (var reader = new BinaryReader(optimizerState))
        {
            second.load_state_dict(reader);
        }
        Steps(one, first, 2);
        Steps(two, second, 2);

        Assert.Equal(one.state_dict().Keys, two.state_dict().Keys);
        Assert.All(one.state_dict(), e => Assert.True(e.Value.allclose(two.state_dict()[e.Key], 0, 0), e.Key));

        void Steps(SmallResNet network, optim.Optimizer optimizer, int count)
        {
            for (var k = 0; k < count; k++)
            {
                network.zero_grad();
                F.cross_entropy(network.call(pictures), labels).backward();
                optimizer.step();
            }
        }
    }

    [Fact]
    public void A_network_names_what_it_is_made_of_as_PyTorch_does()
    {
        using var network = new SmallResNet();

        Assert.Equal(
            [
                "stem.0.weight", "stem.1.weight", "stem.1.bias", "blocks.0.conv1.weight", "blocks.0.bn1.weight", "blocks.0.bn1.bias", "blocks.0.conv2.weight", "blocks.0.bn2.weight", "blocks.0.bn2.bias",
                "blocks.1.conv1.weight", "blocks.1.bn1.weight", "blocks.1.bn1.bias", "blocks.1.conv2.weight", "blocks.1.bn2.weight", "blocks.1.bn2.bias",
                "blocks.1.downsample.0.weight", "blocks.1.downsample.1.weight", "blocks.1.downsample.1.bias", "fc.weight", "fc.bias",
            ],
            network.named_parameters().Select(p => p.name));
        Assert.Contains("blocks.1.downsample.1.running_var", network.state_dict().Keys);
        Assert.Equal(network.named_parameters().Count() + network.named_buffers().Count(), network.state_dict().Count);
    }

    internal sealed class Block : Module<Tensor, Tensor>
    {
        // Registered in this order.
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;
        private readonly Sequential? downsample;

        public Block(long from, long to, long stride) : base(nameof(Block))
        {
            conv1 = Conv2d(from, to, 3, stride, 1, bias: false);
            bn1 = BatchNorm2d(to);
            conv2 = Conv2d(to, to, 3, 1, 1, bias: false);
            bn2 = BatchNorm2d(to);
            downsample = from == to && stride == 1 ? null : Sequential(Conv2d(from, to, 1, stride, bias: false), BatchNorm2d(to));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var y = F.relu(bn1.call(conv1.call(input)));
            y = bn2.call(conv2.call(y));
            return F.relu(y + (downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
        }
    }

    internal sealed class SmallResNet : Module<Tensor, Tensor>
    {
        private readonly Sequential stem, blocks;
        private readonly Linear fc;

        public SmallResNet() : base(nameof(SmallResNet))
        {
            stem = Sequential(Conv2d(3, 8, 3, padding: 1, bias: false), BatchNorm2d(8), ReLU(inplace: true), MaxPool2d(2));
            blocks = Sequential(new Block(8, 8, 1), new Block(8, 16, 2), AdaptiveAvgPool2d(1), Flatten());
            fc = Linear(16, 4);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var features = stem.call(input);
            using var pooled = blocks.call(features);
            return fc.call(pooled);
        }
    }
}
