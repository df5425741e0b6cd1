using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace RealtimeSsl.Tests.Bindings.Torch;

/// <summary>The numbers are those of Python's torch 1.13.1 for the same inputs. The seed is the process's: what draws from it is in one collection, so one after the other.</summary>
[Collection("libtorch")]
public sealed class AgainstPyTorchTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_convolution_with_batch_normalization_has_the_same_loss_and_gradients()
    {
        using var convolution = Conv2d(3, 4, 3, stride: 2, padding: 1);
        using var normalization = BatchNorm2d(4);
        using (no_grad())
        {
            convolution.weight.copy_(((arange(108) * 0.11f).cos() * 0.2).view(4, 3, 3, 3));
            convolution.bias!.copy_(tensor(new[] { 0.1f, -0.2f, 0.3f, 0 }));
            normalization.weight.copy_(tensor(new[] { 1, 0.5f, 2, 1.5f }));
            normalization.bias!.copy_(tensor(new[] { 0, 0.1f, -0.1f, 0.2f }));
        }
        var x = (arange(150) * 0.37f).sin().view(2, 3, 5, 5).requires_grad_();

        var y = normalization.call(convolution.call(x)).relu();
        var loss = (y * y).mean() + (y.sum() * 0.01);
        loss.backward();

        Near([1.33476019], loss);
        Near([0.0319673121, 0.0458131805, 0.0169676952, -0.0476409458, -0.0644532144, -0.10317979], x.grad!.flatten()[..6]);
        Near([0.06383764, -0.110649399, -0.0625680238, -0.00666326471, 0.156675011, 0.194470346], convolution.weight.grad!.flatten()[..6]);
        Near([0.306288064, 0.224476263, 0.509023905, 0.522152662], normalization.weight.grad!);
        Near([0.00869272929, -0.0187996831, 0.028941894, 0.000884822046], normalization.running_mean!);
        Near([0.900688231, 0.900626302, 0.9005391, 0.900436819], normalization.running_var!);
        Assert.Equal(1, normalization.num_batches_tracked!.item<long>());
    }

    [Theory]
    [InlineData("Adam", 0.970020771, 0.734874368, 0.139925286, -0.534866869, -0.97223556, -0.966469049)]
    [InlineData("AdamW", 0.967056513, 0.732616246, 0.140106231, -0.533322811, -0.969380498, -0.963631392)]
    [InlineData("SGD", 0.774672091, 0.65948987, 0.168379039, -0.670520484, -1.43549454, -1.50880015)]
    public void An_optimizer_takes_the_same_three_steps(string name, params double[] expected)
    {
        using var weights = new Parameter((arange(6) * 0.7f).cos());
        using optim.Optimizer optimizer = name switch
        {
            "Adam" => optim.Adam([weights], lr: 0.01, weight_decay: 0.1),
            "AdamW" => optim.AdamW([weights], lr: 0.01, weight_decay: 0.1),
            _ => optim.SGD([weights], 0.01, momentum: 0.9, weight_decay: 0.1, nesterov: true),
        };

        for (var k = 0; k < 3; k++)
        {
            optimizer.zero_grad();
            (weights - (arange(6) * 0.1f)).pow(3).sum().backward();
            optimizer.step();
        }

        Near(expected, weights);
    }

    [Fact]
    public void A_seed_gives_the_same_random_numbers_and_the_same_fresh_layer()
    {
        using var generator = manual_seed(7);

        Near([-0.146795094, 0.786141276, 0.94682163, -1.114344], randn(4));
        Near([0.365316153, 0.851268351, 0.854943156], rand(3));
        Assert.Equal([1L, 4, 3, 5, 0, 2], randperm(6).data<long>().ToArray());
        using var layer = Linear(3, 2);
        Near([0.254473388, -0.492997169, 0.542616427, -0.452889085, 0.442108959, -0.100259505], layer.weight);
    }

    [Fact]
    public void Functions_give_the_same_numbers()
    {
        var a = (arange(12) * 0.9f).sin().view(3, 4);
        var picture = (arange(16) * 0.5f).cos().view(1, 1, 4, 4);

        Near([1.63977134], F.cross_entropy(a, tensor(new long[] { 1, 0, 3 }), label_smoothing: 0.1));
        Near([0, 0.593049347, 0.737290859, 0.323565394], F.normalize(a)[0]);
        Near([1.74463391, -1.51109493, 0.965539873, -1.51109493, 1.74883735, -1.62547421, 0.965539873, -1.62547421, 1.94977534], einsum("ij,kj->ik", a, a));
        Near([0.763975501, 0.64764905, 0.441523999, 0.170538649, -0.0971284807], F.interpolate(picture, [3, 5], mode: InterpolationMode.Bilinear, align_corners: false)[0, 0, 0]);
        Near([0.165073022, -0.328852415, 0.268079638, 0.52321738], F.interpolate(picture, [2, 2], mode: InterpolationMode.Area));
        Near([1, 0.961506784, 0.817738831, 0.641803682, 0.321684539, 0.0707373172], F.interpolate(picture, scale_factor: [1.5, 1.5], mode: InterpolationMode.Bicubic, align_corners: true)[0, 0, 0]);
        var grid = F.affine_grid(tensor(new[,,] { { { 0.8f, 0.1f, 0.05f }, { -0.1f, 0.9f, 0.1f } } }), [1, 1, 3, 3]);
        Near(
            [-0.0123798614, -0.0845439881, -0.168945223, -0.451461494, -0.214220569, -0.0922306031, 0.971115172, 0.747137249, 0.473723829],
            F.grid_sample(picture, grid, padding_mode: GridSamplePaddingMode.Border, align_corners: false));
        Near([0.653357208], F.triplet_margin_loss(a, a.flip(0), a.roll([1], [1])));
        Near([0.0409288816], F.kl_div(a.log_softmax(1), a.flip(1).log_softmax(1), log_target: true));
        Near([-0.741241813, 0.21446605], a.flatten().quantile(tensor(new[] { 0.1f, 0.5f })));
        Near([1.99743009, 0.915228188, 1.94476688], a.logsumexp(1));
        Near([0.42878288, 0.434009105, 0.635550559], a.std(1));
        Near([0.783326864, 1.75717449, 1.40122771], a.unfold(1, 2, 1).sum(2)[0]);
    }

    internal static void Near(IReadOnlyList<double> expected, Tensor actual, double within = 2e-6)
    {
        var values = actual.detach().to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(expected.Count, values.Length);
        for (var k = 0; k < values.Length; k++)
        {
            Assert.True(Math.Abs(expected[k] - values[k]) <= within * Math.Max(1, Math.Abs(expected[k])), $"number {k}: {values[k]} is not {expected[k]}");
        }
    }
}
