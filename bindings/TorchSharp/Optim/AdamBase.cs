using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> share. They differ in what the weight decay does: it is added to the gradient, or it shrinks the weights.</summary>
public abstract class AdamBase : OptimizerHelper, IBetas
{
    private protected abstract AdamOptions Defaults { get; }

    public (double, double) Betas
    {
        get => (Defaults.beta1!.Value, Defaults.beta2!.Value);
        set => (Defaults.beta1, Defaults.beta2) = value;
    }

    private protected static T Valid<T>(T o) where T : AdamOptions =>
        o.LearningRate < 0 || o.eps < 0 || o.beta1 is < 0 or >= 1 || o.beta2 is < 0 or >= 1 || o.weight_decay < 0
            ? throw new ArgumentException(
                $"Invalid learning rate {o.LearningRate}, ε {o.eps}, beta1 {o.beta1}, beta2 {o.beta2} or weight_decay {o.weight_decay}: none may be negative, and no beta 1 or more")
            : o;

    private protected T Complete<T>(T options) where T : AdamOptions
    {
        options.LearningRate ??= Defaults.LearningRate;
        options.beta1 ??= Defaults.beta1;
        options.beta2 ??= Defaults.beta2;
        options.eps ??= Defaults.eps;
        options.weight_decay ??= Defaults.weight_decay;
        options.amsgrad ??= Defaults.amsgrad;
        options.maximize ??= Defaults.maximize;
        return options;
    }

    private protected Tensor? Step(Func<Tensor>? closure, bool decoupled) => Step<AdamOptions, AdamState>(closure, (parameter, gradient, o, state) =>
    {
        var (beta1, beta2, decay, rate) = (o.beta1!.Value, o.beta2!.Value, o.weight_decay!.Value, o.LearningRate!.Value);
        if (o.maximize == true)
        {
            gradient = -gradient;
        }
        state.step++;
        if (decoupled)
        {
            parameter.mul_(1 - (rate * decay));
        }
        else if (decay != 0)
        {
            gradient = gradient.add(parameter, decay);
        }
        state.exp_avg!.mul_(beta1).add_(gradient, 1 - beta1);
        state.exp_avg_sq!.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
        var second = state.exp_avg_sq;
        if (state.max_exp_avg_sq is { } most)
        {
            second = state.max_exp_avg_sq = maximum(most, second).DetachFromDisposeScope();
            most.Dispose();
        }
        var spread = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, state.step))).add_(o.eps!.Value);
        parameter.addcdiv_(state.exp_avg, spread, -rate / (1 - Math.Pow(beta1, state.step)));
    });
}

public abstract class AdamOptions : OptimizerOptions
{
    public double? beta1, beta2, weight_decay, eps;
    public bool? amsgrad, maximize;

    public override void SaveStateDict(BinaryWriter writer)
    {
        base.SaveStateDict(writer);
        writer.Write(beta1!.Value);
        writer.Write(beta2!.Value);
        writer.Write(eps!.Value);
        writer.Write(weight_decay!.Value);
        writer.Write(amsgrad!.Value);
        writer.Write(maximize!.Value);
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        base.LoadStateDict(reader);
        (beta1, beta2, eps, weight_decay, amsgrad, maximize) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean(), reader.ReadBoolean());
    }

    public override void LoadStateDict(OptimizerOptions source)
    {
        base.LoadStateDict(source);
        var s = (AdamOptions)source;
        (beta1, beta2, eps, weight_decay, amsgrad, maximize) = (s.beta1, s.beta2, s.eps, s.weight_decay, s.amsgrad, s.maximize);
    }
}

public abstract class AdamState : OptimizerState, IDisposable
{
    public long step;
    public Tensor? exp_avg, exp_avg_sq, max_exp_avg_sq;

    private protected AdamState(Parameter parameter) : base(parameter)
    {
    }

    public override void Initialize(OptimizerOptions options)
    {
        Dispose();
        step = 0;
        exp_avg = Zeros();
        exp_avg_sq = Zeros();
        max_exp_avg_sq = ((AdamOptions)options).amsgrad == true ? Zeros() : null;
    }

    public override void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(step);
        exp_avg!.Save(writer);
        exp_avg_sq!.Save(writer);
        SaveConditionalStateTensor(writer, max_exp_avg_sq);
    }

    public override void LoadStateDict(BinaryReader reader)
    {
        step = reader.ReadInt64();
        exp_avg!.Load(reader);
        exp_avg_sq!.Load(reader);
        LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
    }

    public override void LoadStateDict(OptimizerState source)
    {
        var s = (AdamState)source;
        step = s.step;
        Copy(ref exp_avg, s.exp_avg);
        Copy(ref exp_avg_sq, s.exp_avg_sq);
        Copy(ref max_exp_avg_sq, s.max_exp_avg_sq);
    }

    public void Dispose()
    {
        exp_avg?.Dispose();
        exp_avg_sq?.Dispose();
        max_exp_avg_sq?.Dispose();
    }
}
