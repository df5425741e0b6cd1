using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Tests.Bindings.Torch;

/// <summary>Who gives a tensor back, and when.</summary>
[Collection("libtorch")]
public sealed class ScopeTests
{
    [Fact]
    public void A_scope_gives_back_all_but_what_leaves_it()
    {
        using var outer = NewDisposeScope();
        Tensor stays, moves, leaves;
        using (var inner = NewDisposeScope())
        {
            stays = zeros(1);
            moves = ones(1).MoveToOuterDisposeScope();
            leaves = (stays + 1).DetachFromDisposeScope();
            Assert.Equal(1, inner.DisposablesCount);
        }

        Assert.True(stays.IsInvalid);
        Assert.False(moves.IsInvalid);
        Assert.True(outer.Contains(moves));
        outer.Dispose();
        Assert.True(moves.IsInvalid);
        Assert.False(leaves.IsInvalid);
        leaves.Dispose();
        Assert.Throws<InvalidOperationException>(() => leaves.shape);
    }

    [Fact]
    public void A_parameter_takes_its_tensors_place()
    {
        using var scope = NewDisposeScope();
        var data = zeros(2);
        var parameter = new Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.True(scope.Contains(parameter));
        Assert.True(parameter.requires_grad);
    }

    [Fact]
    public void A_layer_made_within_a_scope_outlives_it()
    {
        Linear layer;
        using (NewDisposeScope())
        {
            layer = nn.Linear(2, 3);
        }

        Assert.Equal([3, 2], layer.weight.shape);
        layer.Dispose();
        Assert.True(layer.weight.IsInvalid);
    }

    [Fact]
    public void The_counts_of_a_thread_say_what_is_alive()
    {
        var statistics = DisposeScopeManager.Statistics;
        var before = statistics.ThreadTotalLiveCount;
        var one = zeros(1);
        using (NewDisposeScope())
        {
            _ = one + 1;
            Assert.Equal(before + 2, statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
        one.Dispose();
        one.Dispose();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void What_nobody_disposes_the_finalizer_does()
    {
        var before = Tensor.TotalCount;
        Forget();

        Assert.True(SpinWait.SpinUntil(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Tensor.TotalCount <= before;
        }, TimeSpan.FromSeconds(20)));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var k = 0; k < 10; k++)
            {
                _ = zeros(1);
            }
        }
    }

    [Fact]
    public void The_number_of_threads_is_what_was_asked_for()
    {
        var before = get_num_threads();
        set_num_threads(2);

        Assert.Equal(2, get_num_threads());
        set_num_threads(before);
    }
}
