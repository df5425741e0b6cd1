using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static bool is_grad_enabled() => Native.grad_enabled() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => Native.inference_enabled() != 0;

    /// <summary>Whether this thread records gradients, until disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();

        public GradMode(bool enabled) => Native.set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.set_grad_enabled(before ? 1 : 0);
    }

    private sealed class InferenceMode(bool on) : IDisposable
    {
        private nint guard = Native.inference_enter(on ? 1 : 0);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref guard, 0) is not 0 and var held)
            {
                Native.inference_leave(held);
            }
        }
    }
}
