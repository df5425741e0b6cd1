using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// The weights that the optimizer moves, 32 bits each, beside those that the network computes with. In bfloat16 a step of 1e-4 would be lost: eight
/// bits of mantissa (Micikevicius et al., "Mixed precision training", ICLR 2018). Normalisations keep 32 bits in the network, too. Without bfloat16
/// and another memory layout both are the same tensors and nothing is copied.
/// </summary>
public sealed class MasterWeights : IDisposable
{
    private readonly nn.Module _network;
    private readonly List<Pair> _pairs = [];

    /// <summary>Makes the network compute in another precision or layout, if either is wanted.</summary>
    /// <param name="network">The network.</param>
    /// <param name="bf16">Convolutions and linear layers in bfloat16.</param>
    /// <param name="channelsLast">Convolutions with channels innermost.</param>
    public MasterWeights(nn.Module network, bool bf16, bool channelsLast)
    {
        _network = network;
        if (bf16 || channelsLast)
        {
            using var ungraded = no_grad();
            foreach (var (name, module) in network.named_modules())
            {
                switch (module)
                {
                    case Conv2d conv:
                        conv.weight = Replace($"{name}.weight", conv.weight, channelsLast);
                        conv.bias = conv.bias is { } bias ? Replace($"{name}.bias", bias) : null;
                        break;
                    case Linear linear:
                        linear.weight = Replace($"{name}.weight", linear.weight);
                        linear.bias = linear.bias is { } b ? Replace($"{name}.bias", b) : null;
                        break;
                }
            }
        }

        // Both lie alike in memory: values and gradients go to and fro at each step, and turning them round would cost a tenth of it.
        Parameter Replace(string of, Parameter weight, bool turned = false)
        {
            using var scope = NewDisposeScope();
            var (learns, value) = (weight.requires_grad, weight.detach());
            var master = new Parameter((turned ? value.permute(0, 2, 3, 1) : value).contiguous().clone(), learns);
            var shaped = turned ? master.detach().permute(0, 3, 1, 2) : master;
            var own = new Parameter(bf16 ? shaped.detach().to(ScalarType.BFloat16) : shaped.detach().clone(), learns);
            foreach (var kept in turned ? [own, master, shaped] : (Tensor[])[own, master])
            {
                kept.MoveToOuterDisposeScope();
            }

            _pairs.Add(new Pair(of, own, master, shaped));
            return own;
        }
    }

    /// <summary>The same numbers, channels innermost. The shape stays N, C, H, W.</summary>
    public static Tensor ChannelsLast(Tensor t) => t.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>What the optimizer moves: of everything that learns.</summary>
    public IEnumerable<Parameter> Learning => Named.Where(p => p.Value.requires_grad).Select(p => p.Value);

    /// <summary>The parameters at full precision, by name, as they lie in memory.</summary>
    public IEnumerable<(string Name, Parameter Value)> Named
    {
        get
        {
            var masters = _pairs.ToDictionary(p => p.Name, p => p.Master);
            return [.. _network.named_parameters().Select(p => (p.name, masters.GetValueOrDefault(p.name, p.parameter)))];
        }
    }

    /// <summary>The network's whole state at full precision: parameters and statistics.</summary>
    public Dictionary<string, Tensor> State()
    {
        var state = _network.state_dict();
        foreach (var pair in _pairs)
        {
            state[pair.Name] = pair.Shaped;
        }

        return state;
    }

    /// <summary>Gradients go from the network's weights to the masters.</summary>
    public void TakeGradients()
    {
        using var ungraded = no_grad();
        foreach (var (_, own, master, shaped) in _pairs)
        {
            using var gradient = own.grad;
            if (gradient is null)
            {
                continue;
            }

            using var turned = ReferenceEquals(master, shaped) ? gradient.alias() : gradient.permute(0, 2, 3, 1);
            using var wide = turned.to(ScalarType.Float32).contiguous();
            if (master.grad is { } before)
            {
                before.add_(wide);
                before.Dispose();
            }
            else
            {
                master.grad = wide;
            }

            own.grad = null;
        }
    }

    /// <summary>The masters' values go to the network's weights.</summary>
    public void GiveBack()
    {
        using var ungraded = no_grad();
        foreach (var pair in _pairs)
        {
            pair.Own.copy_(pair.Shaped);
        }
    }

    /// <summary>No gradient is left.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter) in Named)
        {
            parameter.grad = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var pair in _pairs)
        {
            pair.Shaped.Dispose();
            pair.Master.Dispose();
        }
    }

    /// <summary>A weight of the network, and what the optimizer moves in its place.</summary>
    /// <param name="Name">Of the parameter.</param>
    /// <param name="Own">The network's.</param>
    /// <param name="Master">At full precision, without gaps in memory; a convolution's with channels innermost is [O, H, W, I].</param>
    /// <param name="Shaped">The same numbers in the network's shape.</param>
    private sealed record Pair(string Name, Parameter Own, Parameter Master, Tensor Shaped);
}
