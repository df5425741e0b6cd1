using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of libtorch: one reference to it, given back by <see cref="Dispose()"/>, by the scope it was made in, or at last by the finalizer.</summary>
    public partial class Tensor : IDisposable
    {
        private static long total, peak;

        private nint handle;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            var now = Interlocked.Increment(ref total);
            // A peak that two threads reach at once may be missed by one.
            if (now > peak)
            {
                peak = now;
            }
            OwningDisposeScope = register ? DisposeScopeManager.ThreadSingleton.Register(this) : null;
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }

        public static long TotalCount => Interlocked.Read(ref total);
        public static long PeakCount => Interlocked.Read(ref peak);

        public nint Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");
        public bool IsInvalid => handle == 0;
        public string? name { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref handle, 0) is not 0 and var held)
            {
                DisposeScopeManager.ThreadSingleton.Disposing(this);
                OwningDisposeScope?.MarkAsDisposed(this);
                Interlocked.Decrement(ref total);
                Native.tensor_release(held);
            }
        }

        /// <summary>Takes the reference out of this object, which is empty afterwards; the count moves with it.</summary>
        internal nint MoveHandle()
        {
            var held = Handle;
            Interlocked.Decrement(ref total);
            handle = 0;
            GC.SuppressFinalize(this);
            return held;
        }

        /// <summary>Changes type and device of this very object, and of its gradient.</summary>
        internal void Become(ScalarType? type, Device? device)
        {
            if ((type ?? dtype) == dtype && (device?.type ?? device_type) == device_type)
            {
                return;
            }
            using var before = grad;
            var graded = requires_grad;
            using var moved = to(type ?? dtype, device ?? this.device);
            Native.tensor_release(Interlocked.Exchange(ref handle, Native.tensor_share(moved.Handle)));
            if (graded)
            {
                requires_grad = true;
            }
            if (before is not null)
            {
                using var gradient = before.to(dtype, this.device);
                grad = gradient;
            }
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null && other is not null)
            {
                other.Attach(this);
            }
            else
            {
                OwningDisposeScope?.MoveToOther(other, this);
            }
            return this;
        }

        internal Info Info
        {
            get
            {
                Native.tensor_info(Handle, out var info);
                return info;
            }
        }

        public long ndim => Info.Dims;
        public long Dimensions => Info.Dims;
        public long dim() => Info.Dims;
        public long numel() => Info.Numel;
        public long NumberOfElements => Info.Numel;
        public long ElementSize => Info.ElementSize;
        public long element_size() => Info.ElementSize;
        public ScalarType dtype => (ScalarType)Info.DType;
        public DeviceType device_type => (DeviceType)Info.Device;
        public int device_index => Info.Index;
        public bool is_contiguous() => Info.Contiguous;
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_floating_point() => torch.is_floating_point(dtype);

        public Device device
        {
            get
            {
                var info = Info;
                return new Device((DeviceType)info.Device, info.Index);
            }
        }

        public long[] shape => size();

        public long[] size()
        {
            var shape = Info.Shape.ToArray();
            GC.KeepAlive(this);
            return shape;
        }

        public long size(int dim)
        {
            var shape = size();
            return dim < -shape.Length || dim >= shape.Length
                ? throw new ArgumentOutOfRangeException(nameof(dim), dim, $"a tensor of {shape.Length} dimensions has no dimension {dim}")
                : shape[dim < 0 ? dim + shape.Length : dim];
        }

        public long[] stride()
        {
            var strides = Info.Stride.ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        /// <summary>A view of the memory, which must be this machine's and in order; valid while the tensor is.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var info = Memory();
                return new Span<byte>(info.Data, checked((int)(info.Numel * info.ElementSize)));
            }
            set
            {
                var own = bytes;
                if (value.Length != own.Length)
                {
                    throw new ArgumentException($"the tensor has {own.Length} bytes, not {value.Length}", nameof(value));
                }
                value.CopyTo(own);
            }
        }

        /// <summary>Checks that the elements lie one after the other in memory that we can read.</summary>
        private Info Memory()
        {
            var info = Info;
            return info.Device != (int)DeviceType.CPU ? throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.")
                : !info.Contiguous ? throw new InvalidOperationException("Bytes() called on non-contiguous tensor.")
                : info;
        }

        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            var info = Memory();
            using var memory = new UnmanagedMemoryStream(info.Data, info.Numel * info.ElementSize);
            memory.CopyTo(stream, Math.Max(bufferSize, 1 << 16));
            GC.KeepAlive(this);
        }

        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            var info = Memory();
            for (long at = 0, length = info.Numel * info.ElementSize; at < length;)
            {
                var part = new Span<byte>(info.Data + at, (int)Math.Min(length - at, 1 << 30));
                stream.ReadExactly(part);
                at += part.Length;
            }
            GC.KeepAlive(this);
        }

        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            Utils.ElementTypes.Check<T>(dtype);
            return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public unsafe T item<T>() where T : unmanaged
        {
            var info = Info;
            if (info.Numel != 1)
            {
                throw new ArgumentException("Number of elements in the tensor must be 1");
            }
            Utils.ElementTypes.Check<T>((ScalarType)info.DType);
            if (info.Device != (int)DeviceType.CPU)
            {
                using var copy = cpu();
                return copy.item<T>();
            }
            var value = *(T*)info.Data;
            GC.KeepAlive(this);
            return value;
        }

        public Scalar ToScalar()
        {
            using var scope = NewDisposeScope();
            return dtype.IsFloatingPoint() ? Scalar.Of(dtype, to_type(ScalarType.Float64).item<double>()) : Scalar.Of(dtype, to_type(ScalarType.Int64).item<long>());
        }

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator sbyte(Tensor value) => value.ToSByte();
        public static explicit operator byte(Tensor value) => value.ToByte();
        public static explicit operator short(Tensor value) => value.ToInt16();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        /// <summary>Another object on the same tensor: both are to be disposed.</summary>
        public Tensor alias() => new(Native.tensor_share(Handle));

        public override bool Equals(object? obj) => ReferenceEquals(this, obj) || (obj is Tensor other && shape.SequenceEqual(other.shape) && Op.Flag("equal", this, other));
        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
        public override string ToString() => IsInvalid ? "[disposed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
    }
}
