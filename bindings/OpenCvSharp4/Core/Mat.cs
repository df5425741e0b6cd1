using System.Runtime.CompilerServices;
using System.Runtime.InteropServices.Marshalling;
using OpenCvSharp.Interop;

namespace OpenCvSharp;

/// <summary>A matrix of rows x columns elements of one to many channels. Copies of the header (views, reshapes) share its memory.</summary>
[NativeMarshalling(typeof(HandleMarshaller<Mat>))]
public partial class Mat : CvObject
{
    private InputArray? input;
    private OutputArray? output;
    private InputOutputArray? inputOutput;

    public Mat() => Native.mat_new(out handle);

    public Mat(int rows, int cols, MatType type) : this() => Native.mat_create(this, rows, cols, type);

    public Mat(Size size, MatType type) : this(size.Height, size.Width, type)
    {
    }

    public Mat(int rows, int cols, MatType type, Scalar s) : this(rows, cols, type) => SetTo(s);

    public Mat(Size size, MatType type, Scalar s) : this(size.Height, size.Width, type, s)
    {
    }

    /// <summary>The region <paramref name="roi"/> of <paramref name="m"/>, in the same memory.</summary>
    public Mat(Mat m, Rect roi) : this() => Native.mat_view(this, m, roi);

    ~Mat() => Dispose(false);

    /// <summary>A header over the caller's memory, which must outlive it; a step of 0 means rows without gaps.</summary>
    public static Mat FromPixelData(int rows, int cols, MatType type, IntPtr data, long step = 0)
    {
        var mat = new Mat();
        Native.mat_wrap(mat, rows, cols, type, data, step);
        return mat;
    }

    public void Release() => Dispose();

    protected override void DisposeUnmanaged()
    {
        // Zero where the constructor threw.
        if (handle != 0) Native.mat_delete(handle);
        handle = 0;
        base.DisposeUnmanaged();
    }

    internal InputArray AsInput => input is { IsDisposed: false } ? input : input = new InputArray(this);
    internal OutputArray AsOutput => output is { IsDisposed: false } ? output : output = new OutputArray(this);
    internal InputOutputArray AsInputOutput => inputOutput is { IsDisposed: false } ? inputOutput : inputOutput = new InputOutputArray(this);

    private unsafe MatInfo Info
    {
        get
        {
            ThrowIfDisposed();
            MatInfo info;
            Native.mat_info(handle, &info);
            GC.KeepAlive(this);
            return info;
        }
    }

    public int Rows => Info.Rows;
    public int Cols => Info.Cols;
    public int Width => Info.Cols;
    public int Height => Info.Rows;
    public int Dims => Info.Dims;
    public IntPtr Data => Info.Data;
    public unsafe byte* DataPointer => (byte*)Info.Data;

    public Size Size() => Info is var i ? new Size(i.Cols, i.Rows) : default;
    public MatType Type() => Info.Type;
    public int Depth() => Type().Depth;
    public int Channels() => Type().Channels;
    public int ElemSize() => (int)Info.ElemSize;
    public long Step() => Info.Step;
    public long Total() => Info.Total;
    public bool IsContinuous() => Info.Continuous != 0;

    public bool Empty() => Info is { Total: 0 } or { Data: 0 } or { Dims: 0 };

    public void Create(int rows, int cols, MatType type) => Native.mat_create(this, rows, cols, type);
    public void Create(Size size, MatType type) => Create(size.Height, size.Width, type);

    public Mat Clone()
    {
        var copy = new Mat();
        Native.mat_clone(this, copy);
        return copy;
    }

    public void CopyTo(Mat m, InputArray? mask = null) => Native.mat_copy_to(this, m, mask);
    public void CopyTo(OutputArray m, InputArray? mask = null) => Native.mat_copy_to(this, m, mask);

    public void ConvertTo(OutputArray m, MatType rtype, double alpha = 1, double beta = 0) =>
        Native.mat_convert_to(this, m, rtype, alpha, beta);

    public Mat SetTo(Scalar value, Mat? mask = null)
    {
        Native.mat_set_to(this, new Input(0, InputKind.Colour, value), mask?.AsInput);
        return this;
    }

    public Mat SetTo(InputArray value, Mat? mask = null)
    {
        Native.mat_set_to(this, value, mask?.AsInput);
        return this;
    }

    /// <summary>The same elements under another number of channels and rows; 0 keeps what is.</summary>
    public Mat Reshape(int cn, int rows = 0)
    {
        var view = new Mat();
        Native.mat_reshape(this, view, cn, rows);
        return view;
    }

    public Mat SubMat(Rect roi) => new(this, roi);

    public Mat SubMat(int rowStart, int rowEnd, int colStart, int colEnd) =>
        new(this, new Rect(colStart, rowStart, colEnd - colStart, rowEnd - rowStart));

    public Mat Row(int y) => RowRange(y, y + 1);
    public Mat Col(int x) => ColRange(x, x + 1);
    public Mat RowRange(int startRow, int endRow) => SubMat(startRow, endRow, 0, Cols);
    public Mat ColRange(int startCol, int endCol) => SubMat(0, Rows, startCol, endCol);

    public IntPtr Ptr(int i0) => Info is var i ? i.Data + (nint)(i.Step * i0) : 0;
    public IntPtr Ptr(int i0, int i1) => Info is var i ? i.Data + (nint)(i.Step * i0 + i.ElemSize * i1) : 0;

    // Element access is unchecked, as in the real package.
    public unsafe ref T At<T>(int i0) where T : unmanaged => ref *(T*)Ptr(i0);
    public unsafe ref T At<T>(int i0, int i1) where T : unmanaged => ref *(T*)Ptr(i0, i1);
    public unsafe T Get<T>(int i0) where T : struct => Unsafe.ReadUnaligned<T>((void*)Ptr(i0));
    public unsafe T Get<T>(int i0, int i1) where T : struct => Unsafe.ReadUnaligned<T>((void*)Ptr(i0, i1));
    public unsafe void Set<T>(int i0, T value) where T : struct => Unsafe.WriteUnaligned((void*)Ptr(i0), value);
    public unsafe void Set<T>(int i0, int i1, T value) where T : struct => Unsafe.WriteUnaligned((void*)Ptr(i0, i1), value);

    /// <summary>One row's values, channels interleaved; valid while the matrix lives.</summary>
    public unsafe Span<T> RowSpan<T>(int row) where T : unmanaged
    {
        var info = Info;
        if (info.Dims != 2) throw new InvalidOperationException($"RowSpan needs a matrix of 2 dimensions, not {info.Dims}.");
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, info.Rows);
        return new Span<T>((byte*)info.Data + info.Step * row, (int)(info.Cols * info.ElemSize / sizeof(T)));
    }

    /// <summary>All values where rows lie without gaps; else an empty span.</summary>
    public unsafe Span<T> AsSpan<T>() where T : unmanaged =>
        Info is { Continuous: not 0 } i ? new Span<T>((void*)i.Data, (int)(i.Total * i.ElemSize / sizeof(T))) : [];

    public override string ToString() =>
        IsDisposed ? "Mat [disposed]" : $"Mat [ {Rows}*{Cols}*{Type()}, IsContinuous={IsContinuous()}, Data=0x{Data:x} ]";
}
