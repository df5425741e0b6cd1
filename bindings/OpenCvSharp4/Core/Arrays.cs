using System.Runtime.InteropServices.Marshalling;
using OpenCvSharp.Interop;

namespace OpenCvSharp;

/// <summary>What a function reads: a matrix, a colour or a number. A matrix keeps its one proxy, so that passing it allocates nothing.</summary>
[NativeMarshalling(typeof(InputMarshaller))]
public class InputArray : CvObject
{
    private readonly Scalar value;

    private InputArray(InputKind kind, Mat? mat, Scalar value) => (Kind, Mat, this.value) = (kind, mat, value);

    /// <summary>Null stands for "no array", as where a mask is optional.</summary>
    internal InputArray(Mat? mat) : this(mat is null ? InputKind.None : InputKind.Matrix, mat, default)
    {
    }

    internal InputKind Kind { get; }

    internal Mat? Mat { get; }

    internal Input ToNative()
    {
        ThrowIfDisposed();
        Mat?.ThrowIfDisposed();
        return new Input(Mat?.CvPtr ?? 0, Kind, value);
    }

    public static InputArray Create(Mat mat) => mat is null ? new InputArray(null) : mat.AsInput;
    public static InputArray Create(Scalar val) => new(InputKind.Colour, null, val);
    public static InputArray Create(double val) => new(InputKind.Number, null, new Scalar(val));

    public static implicit operator InputArray(Mat mat) => Create(mat);
    public static implicit operator InputArray(Scalar val) => Create(val);
    public static implicit operator InputArray(double val) => Create(val);
}

/// <summary>The matrix that a function writes; it is (re)allocated where shape or type differ.</summary>
[NativeMarshalling(typeof(OutputMarshaller))]
public class OutputArray : CvObject
{
    private readonly Mat mat;

    internal OutputArray(Mat mat)
    {
        ArgumentNullException.ThrowIfNull(mat);
        this.mat = mat;
    }

    internal nint ToNative()
    {
        ThrowIfDisposed();
        mat.ThrowIfDisposed();
        return mat.CvPtr;
    }

    public static OutputArray Create(Mat mat) => mat is null ? throw new ArgumentNullException(nameof(mat)) : mat.AsOutput;

    public static implicit operator OutputArray(Mat mat) => Create(mat);
}

/// <summary>The matrix that a function reads and writes, as when drawing.</summary>
public class InputOutputArray : OutputArray
{
    internal InputOutputArray(Mat mat) : base(mat)
    {
    }

    public static new InputOutputArray Create(Mat mat) => mat is null ? throw new ArgumentNullException(nameof(mat)) : mat.AsInputOutput;

    public static implicit operator InputOutputArray(Mat mat) => Create(mat);
}
