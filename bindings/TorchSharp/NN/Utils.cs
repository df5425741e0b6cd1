using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that the norm of all of them together is at most <paramref name="max_norm"/>; returns what it was.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var ungraded = no_grad();
                using var scope = NewDisposeScope();
                var gradients = tensors.Select(static p => p.grad).OfType<Tensor>().ToList();
                if (gradients.Count == 0)
                {
                    return 0;
                }
                var norms = stack(gradients.Select(g => g.norm((float)norm_type)));
                var total = (double.IsPositiveInfinity(norm_type) ? norms.max() : norms.norm((float)norm_type)).ToDouble();
                var scale = max_norm / (total + 1e-6);
                if (scale < 1)
                {
                    gradients.ForEach(g => g.mul_(scale));
                }
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var ungraded = no_grad();
                foreach (var tensor in tensors)
                {
                    using var gradient = tensor.grad;
                    gradient?.clamp_(-clip_value, clip_value);
                }
            }
        }
    }
}
