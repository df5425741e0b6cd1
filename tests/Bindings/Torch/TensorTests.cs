using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static RealtimeSsl.Tests.Bindings.Torch.AgainstPyTorchTests;

namespace RealtimeSsl.Tests.Bindings.Torch;

/// <summary>Tensors hold, give back, slice and combine numbers as NumPy and PyTorch users expect.</summary>
[Collection("libtorch")]
public sealed class TensorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Numbers_come_back_as_they_went_in_with_their_type_and_shape()
    {
        var matrix = tensor(new[,] { { 1f, 2, 3 }, { 4, 5, 6 } });

        Assert.Equal([2, 3], matrix.shape);
        Assert.Equal(float32, matrix.dtype);
        Assert.Equal([1f, 2, 3, 4, 5, 6], matrix.data<float>().ToArray());
        Assert.Equal([1f, 4, 2, 5, 3, 6], matrix.t().data<float>().ToArray());
        Assert.Equal(6, matrix.data<float>()[1, 2]);
        Assert.Equal(24, matrix.bytes.Length);
        Assert.Equal(5L, tensor(5L).item<long>());
        Assert.Equal([true, false], tensor(new[] { true, false }).data<bool>().ToArray());
        Assert.Equal([1.5f, 2.5f], MemoryMarshal.Cast<byte, float>(tensor(new[] { 1.5f, 2.5f }).bytes).ToArray());
        Assert.Equal(int64, arange(3).dtype);
        Assert.Equal(float32, arange(0, 1, 0.25).dtype);
        Assert.Throws<ArgumentException>(() => matrix.data<double>());
        Assert.Throws<ArgumentException>(() => matrix.item<float>());
        Assert.Throws<ArgumentException>(() => tensor(new float[5], [2, 3]));
    }

    [Fact]
    public void An_array_stays_the_callers_own()
    {
        float[] array = [1, 2];
        var copy = tensor(array);
        array[0] = 9;

        Assert.Equal([1f, 2], copy.data<float>().ToArray());
    }

    [Fact]
    public void Indices_select_slice_mask_and_gather()
    {
        var x = arange(24).view(2, 3, 4);

        Assert.Equal([12L, 13, 14, 15], x[1, 0].data<long>().ToArray());
        Assert.Equal(23, x[-1, -1, -1].item<long>());
        Assert.Equal([1L, 5, 9, 13, 17, 21], x[TensorIndex.Ellipsis, 1].flatten().data<long>().ToArray());
        Assert.Equal([2, 2, 4], x[.., 1..].shape);
        Assert.Equal([0L, 2], x[0, 0, TensorIndex.Slice(step: 2)].data<long>().ToArray());
        Assert.Equal([1, 2, 3, 4], x[TensorIndex.None].shape);
        Assert.Equal([20L, 21, 22, 23], x[x.gt(19)].data<long>().ToArray());
        Assert.Equal([8L, 0], x[0][tensor(new long[] { 2, 0 })].select(1, 0).data<long>().ToArray());
        Assert.Equal([3L, 23], x[TensorIndex.Tensor(tensor(new long[] { 0, 1 })), TensorIndex.Tensor(tensor(new long[] { 0, 2 })), 3].data<long>().ToArray());
        Assert.Throws<ExternalException>(() => x[0, 0, 0, 0]);
        Assert.Throws<ExternalException>(() => x[7]);
    }

    [Fact]
    public void Assignments_through_indices_write_into_the_tensor()
    {
        var x = zeros(3, 3);
        x[0] = tensor(1f);
        x[.., 2] = tensor(2f);
        x[x.eq(0)] = tensor(-1f);
        x.index_put_(tensor(new[] { 5f, 5 }), [TensorIndex.Tensor(tensor(new long[] { 1, 1 })), TensorIndex.Tensor(tensor(new long[] { 0, 0 }))], accumulate: true);

        Assert.Equal([1f, 1, 2, 9, -1, 2, -1, -1, 2], x.data<float>().ToArray());
    }

    [Fact]
    public void Operators_and_reductions_take_numbers_dimensions_and_other_tensors()
    {
        var a = tensor(new[] { 1f, 2, 4 });

        Near([0.5, 1, 2], a / 2);
        Near([2, 1, 0.5], 2 / a);
        Near([0, -1, -3], 1 - a);
        Near([3, 6, 12], (a * 2) + a);
        Near([1, 4, 16], a.pow(2));
        Assert.Equal([false, true, true], (a > 1.5).data<bool>().ToArray());
        Assert.Equal(7, (float)a.sum());
        var m = arange(6).to(float32).view(2, 3);
        Near([3, 12], m.sum(1));
        Near([1.5, 2.5, 3.5], m.mean([0]));
        Near([1, 4], m.mean([1], keepdim: true).squeeze());
        var (values, indexes) = m.max(1);
        Near([2, 5], values);
        Assert.Equal([2L, 2], indexes.data<long>().ToArray());
        Assert.Equal([4L, 3], m.flatten()[..5].topk(2).indexes.data<long>().ToArray());
        Near([3.7416573867], m[..1].matmul(m[..1].t()).add(9).sqrt());
        Near([0, 3, 1, 4, 2, 5], cat([m[0].unsqueeze(1), m[1].unsqueeze(1)], 1).flatten());
        Near([5, 1, 5, 3, 1, 5], where(m.to(int64).remainder(2).eq(0), tensor(5f), tensor(1f) * m.clamp(max: 3)).flatten()[tensor(new long[] { 0, 1, 2, 3, 1, 4 })]);
        Assert.Equal([[2L, 2], [2, 1]], m.split([2, 1], 1).Select(static t => t.shape));
    }

    [Fact]
    public void What_libtorch_refuses_is_an_exception_with_its_message()
    {
        var e = Assert.Throws<ExternalException>(() => zeros(2, 3).mm(zeros(2, 3)));

        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_product_of_wrong_shapes_is_an_exception_too()
    {
        Flavour.SkipOnRealPackage("matmul ends the process");

        Assert.Throws<ExternalException>(() => zeros(2, 3).matmul(zeros(2, 3)));
    }

    [Fact]
    public void Gradients_flow_only_where_they_are_wanted()
    {
        var x = tensor(new[] { 2f, 3 }, requires_grad: true);

        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
        }
        Assert.False((x.detach() * 2).requires_grad);
        var gradient = autograd.grad([x.pow(3).sum()], [x], create_graph: true);
        Near([12, 27], gradient[0]);
        Near([12, 18], autograd.grad([gradient[0].sum()], [x])[0]);
        Assert.Null(x.grad);
        (x * x).sum().backward();
        (x * x).sum().backward();
        Near([8, 12], x.grad!);
    }

    [Fact]
    public void A_generator_has_numbers_of_its_own_and_a_state_to_go_back_to()
    {
        using var one = new Generator(5);
        var before = one.get_state();
        var first = randn(4, generator: one);
        one.set_state(before);
        var again = randn(4, generator: one);
        using var seeded = manual_seed(11);
        var state = random.get_rng_state();
        var common = randperm(50);
        random.set_rng_state(state);

        Assert.True(first.allclose(again, 0, 0));
        Assert.Equal(common.data<long>().ToArray(), randperm(50).data<long>().ToArray());
    }

    [Fact]
    public void A_module_changes_its_type_and_keeps_what_was_loaded()
    {
        using var layer = Sequential(Conv2d(1, 2, 3), BatchNorm2d(2));
        var weight = layer.state_dict()["0.weight"].clone();

        layer.to(float64);

        Assert.All(layer.parameters(), p => Assert.Equal(float64, p.dtype));
        Assert.Equal(int64, layer.get_buffer("1.num_batches_tracked")!.dtype);
        Assert.True(layer.get_parameter("0.weight")!.allclose(weight.to(float64)));
        Assert.Equal(float64, layer.call(zeros(1, 1, 4, 4, float64)).dtype);
        Assert.Throws<InvalidOperationException>(() => layer.load_state_dict(new() { ["0.weight"] = weight }));
    }

    [Fact]
    public void Channels_last_is_a_permutation_of_memory_that_convolutions_keep()
    {
        using var convolution = Conv2d(3, 4, 3, padding: 1);
        var x = randn(2, 3, 8, 8);
        var last = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

        var y = convolution.call(last);

        Assert.Equal([192L, 1, 24, 3], last.stride());
        Assert.Equal([256L, 1, 32, 4], y.stride());
        Assert.True(y.allclose(convolution.call(x), 1e-4, 1e-5));
    }

    [Fact]
    public void Half_precision_trains_full_precision_weights_through_casts()
    {
        var weight = new Parameter(ones(2, 2));

        weight.to(bfloat16).matmul(ones(2, 1, bfloat16)).to(float32).sum().backward();

        Assert.Equal(float32, weight.grad!.dtype);
        Near([1, 1, 1, 1], weight.grad!);
    }
}
