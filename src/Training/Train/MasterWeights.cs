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
    private readonly List<(string Name, Parameter Own, Parameter Master)> _pairs = [];

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
                        conv.weight = Replace($"{name}.weight", conv.weight, w => Lay(w));
                        conv.bias = conv.bias is { } bias ? Replace($"{name}.bias", bias, b => Narrow(b)) : null;
                        break;
                    case Linear linear:
                        linear.weight = Replace($"{name}.weight", linear.weight, Narrow);
                        linear.bias = linear.bias is { } b ? Replace($"{name}.bias", b, Narrow) : null;
                        break;
                }
            }
        }

        Tensor Narrow(Tensor t) => bf16 ? t.to(ScalarType.BFloat16) : t.clone();
        Tensor Lay(Tensor t) => channelsLast ? ChannelsLast(Narrow(t)) : Narrow(t);
    }

    /// <summary>The same numbers, channels innermost. The shape stays N, C, H, W.</summary>
    public static Tensor ChannelsLast(Tensor t) => t.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>What the optimizer moves: of everything that learns.</summary>
    public IEnumerable<Parameter> Learning => Named.Where(p => p.Value.requires_grad).Select(p => p.Value);

    /// <summary>The parameters at full precision, by name.</summary>
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
        foreach (var (name, _, master) in _pairs)
        {
            state[name] = master;
        }

        return state;
    }

    /// <summary>Gradients go from the network's weights to the masters.</summary>
    public void TakeGradients()
    {
        using var ungraded = no_grad();
        foreach (var (_, own, master) in _pairs)
        {
            using var gradient = own.grad;
            if (gradient is null)
            {
                continue;
            }

            using var wide = gradient.to(ScalarType.Float32).contiguous();
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
        foreach (var (_, own, master) in _pairs)
        {
            own.copy_(master);
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
    public void Dispose() => _pairs.ForEach(p => p.Master.Dispose());

    private Parameter Replace(string name, Parameter weight, Func<Tensor, Tensor> how)
    {
        var learns = weight.requires_grad;
        var master = new Parameter(weight.detach().clone().contiguous(), learns);
        var own = new Parameter(how(weight.detach()), learns);
        _pairs.Add((name, own, master));
        return own;
    }
}
