using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        private Parameter? heldWeight, heldBias;

        private protected Convolution(
            string name, long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding, Padding? padding_type, (long, long) dilation,
            bool transposed, (long, long) output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype) : base(name)
        {
            if (transposed && padding_mode != PaddingModes.Zeros)
            {
                throw new ArgumentException("Only PaddingModes.Zeros is supported for ConvTransposeND", nameof(padding_mode));
            }
            (this.in_channels, this.out_channels, this.groups, this.transposed, this.padding_mode, this.padding_type) = (in_channels, out_channels, groups, transposed, padding_mode, padding_type);
            this.kernel_size = Pair(kernel_size);
            this.stride = Pair(stride);
            this.dilation = Pair(dilation);
            this.output_padding = Pair(output_padding);
            this.padding = padding_type is null ? Pair(padding) : null;
            long[] sizes = [transposed ? in_channels : out_channels, (transposed ? out_channels : in_channels) / groups, .. this.kernel_size];
            weight = new Parameter(empty(sizes, dtype, device));
            this.bias = bias ? new Parameter(empty([out_channels], dtype, device)) : null;
            reset_parameters();
        }

        public long in_channels { get; }
        public long out_channels { get; }
        public bool transposed { get; }
        public Padding? padding_type { get; private set; }
        public long[]? padding { get; private set; }
        public PaddingModes padding_mode { get; set; }
        public long groups { get; set; }
        public long[] kernel_size { get; set; }
        public long[] stride { get; set; }
        public long[] dilation { get; set; }
        public long[] output_padding { get; set; }

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

        public void reset_parameters() => nn.init.Layer(weight, bias);

        // The fields are registered under their properties' names.
        protected override void RegisterComponents()
        {
        }

        private static long[] Pair((long, long) p) => [p.Item1, p.Item2];
    }

    public sealed class Conv2d : Convolution
    {
        internal Conv2d(
            long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding, Padding? padding_type, (long, long) dilation,
            long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, (0, 0), groups, bias, padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_mode is PaddingModes.Zeros or PaddingModes.Constant)
            {
                return padding_type is { } type ? F.conv2d_padding(input, weight, bias, stride, type, dilation, groups) : F.conv2d(input, weight, bias, stride, padding, dilation, groups);
            }
            using var padded = F.pad(input, Around(), padding_mode);
            return F.conv2d(padded, weight, bias, stride, [0, 0], dilation, groups);
        }

        /// <summary>The padding as F.pad takes it: last dimension first, before and after.</summary>
        private long[] Around()
        {
            if (padding is { } p)
            {
                return [p[1], p[1], p[0], p[0]];
            }
            if (padding_type == Padding.Valid)
            {
                return [0, 0, 0, 0];
            }
            var (height, width) = (dilation[0] * (kernel_size[0] - 1), dilation[1] * (kernel_size[1] - 1));
            return [width / 2, width - (width / 2), height / 2, height - (height / 2)];
        }
    }

    public sealed class ConvTranspose2d : Convolution
    {
        internal ConvTranspose2d(
            long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding, (long, long) output_padding, (long, long) dilation,
            long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose2d), in_channels, out_channels, kernel_size, stride, padding, null, dilation, true, output_padding, groups, bias, padding_mode, device, dtype)
        {
        }

        public override Tensor forward(Tensor input) => F.conv_transpose2d(input, weight, bias, stride, padding, output_padding, dilation, groups);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), null, (dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), null, dilation ?? (1, 1), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (0, 0), padding, (dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static ConvTranspose2d ConvTranspose2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), (output_padding, output_padding), (dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static partial class functional
            {
                public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                    Op.Call("conv2d", input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

                public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                    Op.Call("conv2d.padding", input, weight, bias, strides ?? [1], padding == Padding.Same ? "same" : "valid", dilation ?? [1], groups);

                public static Tensor conv_transpose2d(
                    Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                    Op.Call("conv_transpose2d.input", input, weight, bias, strides ?? [1], padding ?? [0], output_padding ?? [0], groups, dilation ?? [1]);
            }
        }
    }
}
