using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
    {
        private readonly long[]? heldSize;
        private readonly double[]? heldScale;

        internal Upsample(long[]? size, double[]? scale_factor, UpsampleMode mode, bool? align_corners, bool? recompute_scale_factor) : base(nameof(Upsample)) =>
            (heldSize, heldScale, this.mode, this.align_corners, this.recompute_scale_factor) = (size, scale_factor, mode, align_corners, recompute_scale_factor);

        public bool? recompute_scale_factor { get; private set; }
        public UpsampleMode mode { get; private set; }
        public bool? align_corners { get; private set; }
        public ReadOnlySpan<long> size => heldSize;
        public ReadOnlySpan<double> scale_factor => heldScale;

        public override Tensor forward(Tensor input) => nn.functional.interpolate(input, heldSize, heldScale, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Upsample Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null) =>
                new(size, scale_factor, mode, align_corners, recompute_scale_factor);

            public static partial class functional
            {
                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
                {
                    PaddingModes.Reflect => Op.Call("pad", input, pad, "reflect"),
                    PaddingModes.Replicate => Op.Call("pad", input, pad, "replicate"),
                    PaddingModes.Circular => Op.Call("pad", input, pad, "circular"),
                    _ => Op.Call("pad", input, pad, "constant", value),
                };

                public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2], mode, value);

                public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

                public static Tensor grid_sample(
                    Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                    // libtorch's own numbers: bilinear 0, nearest 1; zeros 0, border 1, reflection 2.
                    Op.Call(
                        "grid_sampler", input, grid, mode == GridSampleMode.Nearest ? 1 : 0,
                        padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 }, align_corners ?? false);

                public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) => Op.Call("affine_grid_generator", theta, size ?? [], align_corners);

                public static Tensor interpolate(
                    Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null,
                    bool recompute_scale_factor = false, bool antialias = false)
                {
                    var spatial = (int)x.ndim - 2;
                    if ((size is null) == (scale_factor is null))
                    {
                        throw new ArgumentException("one of size and scale_factor is needed, and not both");
                    }
                    if (scale_factor is { } factors && (recompute_scale_factor || mode == InterpolationMode.Area))
                    {
                        var shape = x.shape;
                        size = [.. Enumerable.Range(0, spatial).Select(d => (long)Math.Floor(shape[d + 2] * factors[factors.Length == 1 ? 0 : d]))];
                        scale_factor = null;
                    }
                    if (size is { Length: 1 } && spatial > 1)
                    {
                        size = [.. Enumerable.Repeat(size[0], spatial)];
                    }
                    if (scale_factor is { Length: 1 } && spatial > 1)
                    {
                        scale_factor = [.. Enumerable.Repeat(scale_factor[0], spatial)];
                    }
                    var aligned = align_corners ?? false;
                    return (mode, spatial) switch
                    {
                        (InterpolationMode.Nearest, 1 or 2 or 3) => Op.Call($"upsample_nearest{spatial}d.vec", x, size, scale_factor),
                        (InterpolationMode.NearestExact, 1 or 2 or 3) => Op.Call($"_upsample_nearest_exact{spatial}d.vec", x, size, scale_factor),
                        (InterpolationMode.Area, 1 or 2 or 3) => Op.Call($"adaptive_avg_pool{spatial}d", x, size),
                        (InterpolationMode.Linear, 1) => Op.Call("upsample_linear1d.vec", x, size, aligned, scale_factor),
                        (InterpolationMode.Bilinear, 2) => Op.Call(antialias ? "_upsample_bilinear2d_aa.vec" : "upsample_bilinear2d.vec", x, size, aligned, scale_factor),
                        (InterpolationMode.Bicubic, 2) => Op.Call(antialias ? "_upsample_bicubic2d_aa.vec" : "upsample_bicubic2d.vec", x, size, aligned, scale_factor),
                        (InterpolationMode.Trilinear, 3) => Op.Call("upsample_trilinear3d.vec", x, size, aligned, scale_factor),
                        _ => throw new ArgumentException($"{mode} does not go with {x.ndim} dimensions"),
                    };
                }
            }
        }
    }
}
