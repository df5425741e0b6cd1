using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

[assembly: DisableRuntimeMarshalling]

namespace OpenCvSharp.Interop;

// How our objects cross into C: checked on the way in, kept alive until the call is back.

internal enum InputKind
{
    None,
    Matrix,
    Colour,
    Number,
}

/// <summary>struct Input of shim.hpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Input(nint Mat, InputKind Kind, Scalar Value);

/// <summary>struct MatInfo of core.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MatInfo
{
    public nint Data;
    public long Step, Total, ElemSize;
    public int Rows, Cols, Dims, Type, Continuous;
}

[CustomMarshaller(typeof(CustomMarshallerAttribute.GenericPlaceholder), MarshalMode.ManagedToUnmanagedIn, typeof(HandleMarshaller<>.In))]
internal static class HandleMarshaller<T> where T : CvObject
{
    public ref struct In
    {
        private T held;

        public void FromManaged(T managed)
        {
            ArgumentNullException.ThrowIfNull(managed, typeof(T).Name);
            managed.ThrowIfDisposed();
            held = managed;
        }

        public readonly nint ToUnmanaged() => held.CvPtr;
        public readonly void OnInvoked() => GC.KeepAlive(held);
        public readonly void Free()
        {
        }
    }
}

[CustomMarshaller(typeof(OutputArray), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class OutputMarshaller
{
    public ref struct In
    {
        private OutputArray held;

        public void FromManaged(OutputArray managed)
        {
            ArgumentNullException.ThrowIfNull(managed, nameof(OutputArray));
            held = managed;
        }

        public readonly nint ToUnmanaged() => held.ToNative();
        public readonly void OnInvoked() => GC.KeepAlive(held);
        public readonly void Free()
        {
        }
    }
}

[CustomMarshaller(typeof(InputArray), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class InputMarshaller
{
    public ref struct In
    {
        private InputArray held;

        public void FromManaged(InputArray managed)
        {
            ArgumentNullException.ThrowIfNull(managed, nameof(InputArray));
            held = managed;
        }

        public readonly Input ToUnmanaged() => held.ToNative();
        public readonly void OnInvoked() => GC.KeepAlive(held);
        public readonly void Free()
        {
        }
    }
}

/// <summary>For masks and elements, where null means none.</summary>
[CustomMarshaller(typeof(InputArray), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class OptionalInput
{
    public ref struct In
    {
        private InputArray? held;

        public void FromManaged(InputArray? managed) => held = managed;
        public readonly Input ToUnmanaged() => held?.ToNative() ?? default;
        public readonly void OnInvoked() => GC.KeepAlive(held);
        public readonly void Free()
        {
        }
    }
}

/// <summary>What every function of the shim returns: null, or an error that becomes an <see cref="OpenCVException"/>.</summary>
[NativeMarshalling(typeof(StatusMarshaller))]
internal readonly struct Status;

[CustomMarshaller(typeof(Status), MarshalMode.ManagedToUnmanagedOut, typeof(StatusMarshaller))]
internal static unsafe class StatusMarshaller
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Error
    {
        public int Code, Line;
        public nint Function, Message, File;
    }

    public static Status ConvertToManaged(nint error) => error == 0 ? default : throw Exception((Error*)error);

    private static OpenCVException Exception(Error* e) =>
        new((ErrorCode)e->Code, Text(e->Function), Text(e->Message), Text(e->File), e->Line);

    private static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
