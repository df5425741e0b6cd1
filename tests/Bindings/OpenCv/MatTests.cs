using OpenCvSharp;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>The matrix: memory, views, types, and what happens after Dispose.</summary>
public class MatTests
{
    [Fact]
    public void A_new_matrix_has_the_shape_and_value_it_was_asked_for()
    {
        using var mat = new Mat(3, 5, MatType.CV_8UC3, new Scalar(10, 20, 30));

        Assert.Equal((3, 5, 3, 15L, 3), (mat.Rows, mat.Cols, mat.Channels(), mat.Total(), mat.ElemSize()));
        Assert.Equal((5, 3), (mat.Width, mat.Height));
        Assert.Equal(new Size(5, 3), mat.Size());
        Assert.Equal(MatType.CV_8UC3, mat.Type());
        Assert.Equal("CV_8UC3", mat.Type().ToString());
        Assert.Equal(15, mat.Step());
        Assert.True(mat.IsContinuous());
        Assert.False(mat.Empty());
        Assert.Equal([10, 20, 30], mat.RowSpan<byte>(2)[12..].ToArray());
    }

    [Fact]
    public void An_empty_matrix_says_so()
    {
        using var mat = new Mat();

        Assert.True(mat.Empty());
        Assert.Equal((0, 0, 0L), (mat.Rows, mat.Cols, mat.Total()));
        Assert.Equal(0, mat.Data);
        Assert.True(mat.AsSpan<byte>().IsEmpty);
        using var copy = mat.Clone();
        Assert.True(copy.Empty());
    }

    [Fact]
    public void A_sub_view_shares_memory_and_a_clone_does_not()
    {
        using var whole = new Mat(4, 6, MatType.CV_32FC1, Scalar.All(1));
        using var view = new Mat(whole, new Rect(2, 1, 3, 2));
        using var clone = view.Clone();

        view.SetTo(Scalar.All(7));

        Assert.Equal((2, 3), (view.Rows, view.Cols));
        Assert.Equal(whole.Ptr(1, 2), view.Data);
        Assert.Equal(whole.Step(), view.Step());
        Assert.False(view.IsContinuous());
        Assert.Equal([1, 1, 7, 7, 7, 1], whole.RowSpan<float>(1).ToArray());
        Assert.Equal(7, whole.Get<float>(2, 4));
        Assert.Equal(1, whole.Get<float>(3, 4));
        Assert.Equal([1f, 1, 1, 1, 1, 1], clone.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_view_keeps_the_memory_after_the_whole_is_disposed()
    {
        var whole = new Mat(4, 4, MatType.CV_8UC1, Scalar.All(9));
        using var row = whole.Row(3);
        using var column = whole.Col(1);
        whole.Dispose();

        Assert.Equal([9, 9, 9, 9], row.RowSpan<byte>(0).ToArray());
        Assert.Equal((4, 1), (column.Rows, column.Cols));
    }

    [Fact]
    public unsafe void A_header_over_our_own_memory_reads_and_writes_it()
    {
        float[] values = [1, 2, 3, 99, 4, 5, 6, 99];
        fixed (float* p = values)
        {
            using var mat = Mat.FromPixelData(2, 3, MatType.CV_32FC1, (IntPtr)p, 4 * sizeof(float));

            Assert.Equal(21, Cv2.Sum(mat).Val0);
            mat.At<float>(1, 0) = 40;
            mat.Set(0, 2, 30f);
        }

        Assert.Equal([1, 2, 30, 99, 40, 5, 6, 99], values);
    }

    [Fact]
    public void Conversion_scales_and_a_mask_limits_copies()
    {
        using var bytes = new Mat(2, 2, MatType.CV_8UC1, Scalar.All(255));
        using var floats = new Mat();
        using var mask = new Mat(2, 2, MatType.CV_8UC1, Scalar.All(0));
        using var target = new Mat(2, 2, MatType.CV_8UC1, Scalar.All(3));
        mask.Set(0, 1, (byte)1);

        bytes.ConvertTo(floats, MatType.CV_32F, 1 / 255.0, 1);
        bytes.CopyTo(target, mask);

        Assert.Equal([2f, 2, 2, 2], floats.AsSpan<float>().ToArray());
        Assert.Equal([3, 255, 3, 3], target.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Reshape_changes_the_header_only()
    {
        using var mat = new Mat(2, 3, MatType.CV_32FC2, Scalar.All(4));
        using var flat = mat.Reshape(1, 1);

        Assert.Equal((1, 12, 1), (flat.Rows, flat.Cols, flat.Channels()));
        Assert.Equal(mat.Data, flat.Data);
    }

    [Fact]
    public void Create_keeps_memory_that_already_fits()
    {
        using var mat = new Mat(8, 8, MatType.CV_8UC3);
        var data = mat.Data;

        mat.Create(8, 8, MatType.CV_8UC3);
        Assert.Equal(data, mat.Data);
        mat.Create(new Size(4, 2), MatType.CV_16SC1);
        Assert.Equal((2, 4, MatType.CV_16SC1), (mat.Rows, mat.Cols, mat.Type()));
    }

    [Fact]
    public void A_disposed_matrix_is_refused()
    {
        var mat = new Mat(2, 2, MatType.CV_8UC1);
        using var other = new Mat();
        mat.Dispose();
        mat.Dispose();

        Assert.True(mat.IsDisposed);
        Assert.Equal(0, mat.CvPtr);
        Assert.Throws<ObjectDisposedException>(() => mat.Empty());
        Assert.Throws<ObjectDisposedException>(() => mat.CopyTo(other));
        Assert.Throws<ObjectDisposedException>(() => other.CopyTo(mat));
    }

    [Fact]
    public void A_disposed_or_missing_matrix_is_refused_as_argument_too()
    {
        Flavour.SkipOnRealPackage("it hands the null pointer on");
        using var good = new Mat(2, 2, MatType.CV_8UC1);
        var mat = new Mat(2, 2, MatType.CV_8UC1);
        mat.Dispose();

        Assert.Throws<ObjectDisposedException>(() => mat.Rows);
        Assert.Throws<ObjectDisposedException>(() => Cv2.Flip(mat, good, FlipMode.X));
        Assert.Throws<ObjectDisposedException>(() => Cv2.Flip(good, mat, FlipMode.X));
        Assert.Throws<ArgumentNullException>(() => Cv2.Flip(good, (Mat)null!, FlipMode.X));
        Assert.Throws<ArgumentNullException>(() => Cv2.Flip((InputArray)null!, good, FlipMode.X));
        Assert.Throws<OpenCVException>(() => Cv2.Resize((Mat)null!, good, new Size(1, 1)));
    }

    [Fact]
    public void OpenCvs_error_becomes_an_exception_with_its_text()
    {
        using var empty = new Mat();
        using var to = new Mat();

        var error = Assert.Throws<OpenCVException>(() => Cv2.Resize(empty, to, new Size(4, 4)));

        Assert.Contains("!ssize.empty()", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.StsAssert, error.Status);
        Assert.Equal("resize", error.FuncName);
        Assert.EndsWith("resize.cpp", error.FileName, StringComparison.Ordinal);
        Assert.True(error.Line > 0);
        Assert.Throws<OpenCVException>(() => new Mat(empty, new Rect(0, 0, 1, 1)));
    }

    [Fact]
    public void Types_carry_depth_and_channels()
    {
        Assert.Equal(21, MatType.CV_32FC3.Value);
        Assert.Equal((MatType.CV_32F, 3), (MatType.CV_32FC3.Depth, MatType.CV_32FC3.Channels));
        Assert.Equal("CV_64FC(7)", MatType.CV_64FC(7).ToString());
        Assert.True(MatType.CV_8UC1 == MatType.CV_8U);
        Assert.True(MatType.CV_16SC1.IsInteger);
        Assert.Throws<OpenCvSharpException>(() => MatType.CV_8UC(0));
    }

    [Fact]
    public void Passing_a_matrix_allocates_nothing()
    {
        Flavour.SkipOnRealPackage("it makes a native proxy for each argument");
        using var from = new Mat(32, 32, MatType.CV_8UC3, Scalar.Green);
        using var to = new Mat();
        void Work()
        {
            Cv2.Resize(from, to, new Size(16, 16));
            Cv2.AddWeighted(to, 0.5, to, 0.5, 0, to);
            Cv2.Rectangle(to, new Rect(1, 1, 4, 4), Scalar.Red);
            to.SetTo(Scalar.Black);
            _ = to.RowSpan<byte>(3)[2] + to.Rows + to.Channels();
        }

        Assert.Equal(0, Allocations.LeastOfRounds(_ => Work()));
    }
}
