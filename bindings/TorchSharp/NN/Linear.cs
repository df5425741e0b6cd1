using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        private Parameter? heldWeight, heldBias;

        internal Linear(Parameter weight, Parameter? bias = null) : base(nameof(Linear)) => (this.weight, this.bias) = (weight, bias);

        internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
        {
            weight = new Parameter(empty([outputSize, inputSize], dtype, device));
            bias = hasBias ? new Parameter(empty([outputSize], dtype, device)) : null;
            nn.init.Layer(weight, bias);
        }

        public Parameter weight
        {
            get => heldWeight!;
            set => ConditionallyRegisterParameter(nameof(weight), Held.Replace(ref heldWeight, value));
        }

        public Parameter? bias
        {
            get => heldBias;
            set => ConditionallyRegisterParameter(nameof(bias), Held.Replace(ref heldBias, value));
        }

        public long in_features => weight.size(1);
        public long out_features => weight.size(0);

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);

        // The fields are registered under their properties' names.
        protected override void RegisterComponents()
        {
        }
    }

    /// <summary>A layer's own tensors belong to it and to no scope.</summary>
    internal static class Held
    {
        public static T? Replace<T>(ref T? held, T? value) where T : Tensor
        {
            if (!ReferenceEquals(held, value))
            {
                held?.Dispose();
                held = (T?)value?.DetachFromDisposeScope();
            }
            return held;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) => new(inputSize, outputSize, hasBias, device, dtype);
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Op.Call("linear", input, weights, bias);
            }
        }
    }
}
