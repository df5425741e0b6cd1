using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Info.RequiresGrad;
            set => Native.Check(Native.tensor_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf
        {
            get
            {
                Native.Check(Native.tensor_is_leaf(Handle, out var flags));
                return (flags & 1) != 0;
            }
        }

        /// <summary>A new object at each read: dispose it, or read it within a scope.</summary>
        public Tensor? grad
        {
            get
            {
                Native.Check(Native.tensor_grad(Handle, out var gradient));
                return gradient == 0 ? null : new Tensor(gradient);
            }
            set => Native.Check(Native.tensor_set_grad(Handle, value?.Handle ?? 0));
        }

        public void retain_grad() => Native.Check(Native.tensor_retain_grad(Handle));

        public void backward() => autograd.backward([this], null, false, false, null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        public Tensor detach() => Op.Call("detach", this);
        public Tensor detach_() => Do("detach_", this);
    }

    public static partial class autograd
    {
        public static IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var found = new nint[inputs.Count];
            Native.Check(Native.autograd_grad(
                Handles(outputs), outputs.Count, Handles(inputs), inputs.Count, Handles(grad_outputs), grad_outputs?.Count ?? 0, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found));
            GC.KeepAlive((outputs, inputs, grad_outputs));
            return [.. found.Select(static h => h == 0 ? null! : new Tensor(h))];
        }

        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            Native.Check(Native.autograd_backward(
                Handles(tensors), tensors.Count, Handles(grad_tensors), grad_tensors?.Count ?? 0, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, Handles(inputs), inputs?.Count ?? 0));
            GC.KeepAlive((tensors, grad_tensors, inputs));
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        private static nint[] Handles(IList<Tensor>? tensors) => tensors is null ? [] : [.. tensors.Select(static t => t.Handle)];
    }
}
