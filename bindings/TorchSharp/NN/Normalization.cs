using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        private Parameter? heldWeight, heldBias;
        private Tensor? heldMean, heldVariance, heldCount;

        private protected NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name) : base(name)
        {
            (this.num_features, this.eps, this.momentum, this.affine, this.track_running_stats) = (num_features, eps, momentum, affine, track_running_stats);
            if (affine)
            {
                weight = new Parameter(ones([num_features], dtype, device));
                bias = new Parameter(zeros([num_features], dtype, device));
            }
            if (track_running_stats)
            {
                running_mean = zeros([num_features], dtype, device);
                running_var = ones([num_features], dtype, device);
                num_batches_tracked = tensor(0L, dtype, device);
            }
        }

        public long num_features { get; private set; }
        public double eps { get; set; }
        public double? momentum { get; set; }
        public bool affine { get; private set; }
        public bool track_running_stats { get; private set; }

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

        public Tensor? running_mean
        {
            get => heldMean;
            set => ConditionallyRegisterBuffer(nameof(running_mean), Held.Replace(ref heldMean, value));
        }

        public Tensor? running_var
        {
            get => heldVariance;
            set => ConditionallyRegisterBuffer(nameof(running_var), Held.Replace(ref heldVariance, value));
        }

        public Tensor? num_batches_tracked
        {
            get => heldCount;
            set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), Held.Replace(ref heldCount, value));
        }

        public void reset_running_stats()
        {
            running_mean?.zero_();
            running_var?.fill_(1);
            num_batches_tracked?.zero_();
        }

        public void reset_parameters()
        {
            reset_running_stats();
            if (affine)
            {
                nn.init.ones_(weight);
                nn.init.zeros_(bias!);
            }
        }

        protected abstract void ValidateInputDimensions(Tensor input);

        // The fields are registered under their properties' names.
        protected override void RegisterComponents()
        {
        }
    }

    public abstract class BatchNorm : NormBase
    {
        private protected BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);
            var factor = momentum ?? 0;
            if (training && track_running_stats && num_batches_tracked is { } count)
            {
                count.add_(1);
                factor = momentum ?? 1 / count.ToDouble();
            }
            var tracked = !training || track_running_stats;
            return nn.functional.batch_norm(
                input, tracked ? running_mean : null, tracked ? running_var : null, weight, bias, training || (running_mean is null && running_var is null), factor, eps);
        }

    }

    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3))
            {
                throw new ArgumentException($"expected 2D or 3D input, but got {input.ndim}D input.");
            }
        }
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4)
            {
                throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
            }
        }
    }

    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        private Parameter? heldWeight, heldBias;

        internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype) : base(nameof(LayerNorm))
        {
            (this.normalized_shape, this.eps, this.elementwise_affine) = (normalized_shape, eps, elementwise_affine);
            if (elementwise_affine)
            {
                weight = new Parameter(ones(normalized_shape, dtype, device));
                this.bias = bias ? new Parameter(zeros(normalized_shape, dtype, device)) : null;
            }
        }

        public long[] normalized_shape { get; set; }
        public double eps { get; set; }
        public bool elementwise_affine { get; set; }

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

        public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, heldWeight, heldBias, eps);

        // The fields are registered under their properties' names.
        protected override void RegisterComponents()
        {
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm1d BatchNorm1d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static BatchNorm2d BatchNorm2d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(
                    Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                    Op.Call("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);

                public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Op.Call("layer_norm", input, normalized_shape, weight, bias, eps);

                public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Op.Call("group_norm", input, num_groups, weight, bias, eps);

                /// <summary>input / max(‖input‖_p, eps) along <paramref name="dim"/>.</summary>
                public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
                {
                    using var norm = Op.Call("norm.ScalarOpt_dim", input, p, (long[])[dim], true);
                    using var bounded = norm.clamp_min(eps);
                    using var wide = bounded.expand_as(input);
                    return input.div(wide);
                }
            }
        }
    }
}
