using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public struct TensorIndex
    {
        internal enum Kind
        {
            None,
            Single,
            Null,
            Ellipsis,
            Tensor,
            Slice,
        }

        internal long? Start, Stop, Step;
        internal Kind What;
        internal Tensor? Of;

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { What = Kind.Slice, Start = start, Stop = stop, Step = step };
        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, (long?)range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static TensorIndex Single(long? index) => new() { What = Kind.Single, Start = index };
        public static TensorIndex Tensor(Tensor tensor) => new() { What = Kind.Tensor, Of = tensor };

        public static readonly TensorIndex Ellipsis = new() { What = Kind.Ellipsis };
        public static readonly TensorIndex None = new() { What = Kind.None };
        public static readonly TensorIndex Null = new() { What = Kind.Null };
        public static readonly TensorIndex Colon = Slice();

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }

    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, i1, i2, i3, i4);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = Basic(indices);
            if (tensors.Count == 0)
            {
                return view;
            }
            using (view)
            {
                return Op.Call("index.Tensor", view, tensors.ToArray());
            }
        }

        public Tensor index(params Tensor[] indices) => Op.Call("index.Tensor", this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => Put(value, indices, false);
        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false) => Put(value, indices, accumulate);
        public Tensor index_put_(Tensor value, params Tensor[] indices) => Do("index_put_", this, indices, value, false);
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) => Do("index_put_", this, indices, value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = full([], value, dtype, device);
            return Put(filled, indices, false);
        }

        private Tensor Put(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            var (view, tensors) = Basic(indices);
            using (view)
            {
                if (tensors.Count > 0)
                {
                    Op.Do("index_put_", view, tensors.ToArray(), value, accumulate);
                }
                else if (accumulate)
                {
                    view.add_(value);
                }
                else
                {
                    view.copy_(value);
                }
            }
            return this;
        }

        /// <summary>Applies all but the tensors among the indices, as a view; the tensors are left at their dimensions of it.</summary>
        private (Tensor View, List<Tensor?> Tensors) Basic(TensorIndex[] indices)
        {
            var view = alias();
            List<Tensor?> tensors = [];
            // What an ellipsis leaves over: a mask takes as many dimensions as it has.
            var taken = indices.Sum(static i => i.What switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor => i.Of!.dtype is ScalarType.Bool or ScalarType.Byte ? i.Of.ndim : 1,
                _ => 0,
            });
            if (taken > ndim)
            {
                view.Dispose();
                throw new ExternalException($"too many indices for a tensor of {ndim} dimensions: {taken}");
            }
            var dim = 0L;
            foreach (var i in indices)
            {
                var before = view;
                switch (i.What)
                {
                    case TensorIndex.Kind.Single:
                        view = before.select(dim, i.Start ?? 0);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = Op.Call("slice.Tensor", before, dim++, i.Start, i.Stop, i.Step ?? 1);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dim += ndim - taken;
                        continue;
                    case TensorIndex.Kind.Tensor:
                        while (tensors.Count < dim)
                        {
                            tensors.Add(null);
                        }
                        tensors.Add(i.Of);
                        dim++;
                        continue;
                    default:
                        view = before.unsqueeze(dim++);
                        break;
                }
                before.Dispose();
            }
            return (view, tensors);
        }
    }
}
