using System.Text.Json;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Pipeline.Vision;

/// <summary>A frame becomes the very tensor that the published methods feed to their networks.</summary>
public sealed class ImageTensorTests
{
    private static readonly JsonElement Expected = Golden.Load("image");

    private readonly FramePool _pool = new();

    public static TheoryData<int, int, string> Cases
    {
        get
        {
            var data = new TheoryData<int, int, string>();
            foreach (var c in Expected.GetProperty("cases").EnumerateArray())
            {
                var size = c.GetProperty("size_wh");
                data.Add(size[0].GetInt32(), size[1].GetInt32(), c.GetProperty("pipeline").GetString()!);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tensors_are_the_methods_own(int width, int height, string pipeline)
    {
        var expected = Expected.GetProperty("cases").EnumerateArray().Single(c =>
            c.GetProperty("pipeline").GetString() == pipeline && c.GetProperty("size_wh")[0].GetInt32() == width);
        var (id, tolerance) = pipeline[0] switch
        {
            'A' => ("sslalign", 8e-6), // torch finds positions in single precision
            'B' => ("ezvsl", 3e-7), // to the bit before normalisation: a step of 8 bits is 0.017
            'C' => ("lvs", 3e-7),
            _ => throw new InvalidOperationException(pipeline),
        };
        using var frame = Picture(width, height);
        var tensor = new float[3 * 224 * 224];

        new ImageTensor(ImageFrontEnds.ById(id)).Fill(frame, tensor);

        foreach (var probe in expected.GetProperty("probes").EnumerateArray())
        {
            var (channel, y, x) = (probe[0].GetInt32(), probe[1].GetInt32(), probe[2].GetInt32());
            Assert.Equal(probe[3].GetDouble(), tensor[(channel * 224 + y) * 224 + x], tolerance);
        }

        foreach (var (y, row) in expected.GetProperty("corner_r_6x6").EnumerateArray().Index())
        {
            foreach (var (x, value) in row.Doubles().Index())
            {
                Assert.Equal(value, tensor[y * 224 + x], tolerance);
            }
        }

        Assert.Equal(expected.GetProperty("min").GetDouble(), tensor.Min(), tolerance);
        Assert.Equal(expected.GetProperty("max").GetDouble(), tensor.Max(), tolerance);
        foreach (var channel in (int[])[0, 1, 2])
        {
            var plane = tensor.Skip(channel * 224 * 224).Take(224 * 224).Select(v => (double)v).ToArray();
            var mean = plane.Average();
            Assert.Equal(expected.GetProperty("mean")[channel].GetDouble(), mean, 1e-6);
            Assert.Equal(expected.GetProperty("std")[channel].GetDouble(), Math.Sqrt(plane.Average(v => (v - mean) * (v - mean))), 1e-6);
        }
    }

    [Fact]
    public void Planes_come_in_the_order_that_the_front_end_says()
    {
        using var frame = Picture(64, 48);
        var (rgb, bgr) = (new float[3 * 224 * 224], new float[3 * 224 * 224]);
        new ImageTensor(ImageFrontEnds.SslAlign).Fill(frame, rgb);
        new ImageTensor(ImageFrontEnds.SslAlign with { Order = ChannelOrder.Bgr }).Fill(frame, bgr);
        Assert.Equal(rgb[..50176], bgr[100352..]);
        Assert.Equal(rgb[50176..100352], bgr[50176..100352]);
        Assert.Equal(rgb[100352..], bgr[..50176]);
    }

    [Theory]
    [InlineData("sslalign")]
    [InlineData("ezvsl")]
    [InlineData("lvs")]
    public void A_change_of_size_renews_the_tables_and_the_same_frame_gives_the_same_tensor_again(string id)
    {
        var image = new ImageTensor(ImageFrontEnds.ById(id));
        var (first, other, again) = (new float[image.FrontEnd.Length], new float[image.FrontEnd.Length], new float[image.FrontEnd.Length]);
        using var frame = Picture(321, 243);
        using var small = Picture(100, 90);
        image.Fill(frame, first);
        image.Fill(small, other);
        image.Fill(frame, again);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData("sslalign", 640, 360, 0, 0, 1, 1)]
    [InlineData("lvs", 640, 360, 0.2186, 0, 0.7814, 1)] // 398 x 224: columns 87 to 311
    [InlineData("lvs", 150, 200, 0, 37.0 / 298, 1, 261.0 / 298)]
    public void The_view_says_which_part_of_the_picture_the_tensor_shows(
        string id, int width, int height, double left, double top, double right, double bottom)
    {
        var view = ImageFrontEnds.ById(id).View(width, height);
        Assert.Equal(left, view.Left, 1e-3);
        Assert.Equal(top, view.Top, 1e-3);
        Assert.Equal(right, view.Right, 1e-3);
        Assert.Equal(bottom, view.Bottom, 1e-3);
    }

    [Theory]
    [InlineData(ResizeKind.Linear)]
    [InlineData(ResizeKind.PilBicubic)]
    public void Tensors_need_not_be_square(ResizeKind kind)
    {
        var frontEnd = ImageFrontEnds.Lvs with { Id = "wide", Width = 64, Height = 20, Resize = kind, Mean = default, Std = new(1, 1, 1) };
        using var frame = Picture(200, 100);
        frame.Pixels.Fill(51);
        var tensor = new float[frontEnd.Length];
        new ImageTensor(frontEnd).Fill(frame, tensor);
        Assert.All(tensor, v => Assert.Equal(0.2f, v, 1e-6f));
        Assert.Equal((0, 6.0 / 32, 1, 26.0 / 32), frontEnd.View(200, 100));
    }

    [Fact]
    public void An_unknown_front_end_lists_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => ImageFrontEnds.ById("x"));
        Assert.All(ImageFrontEnds.All, f => Assert.Contains(f.Id, error.Message, StringComparison.Ordinal));
        Assert.All(ImageFrontEnds.All, f => Assert.Same(f, ImageFrontEnds.ById(f.Id)));
    }

    [Theory]
    [InlineData("sslalign")]
    [InlineData("ezvsl")]
    [InlineData("lvs")]
    public void Frames_allocate_nothing(string id)
    {
        var image = new ImageTensor(ImageFrontEnds.ById(id) with { Width = 48, Height = 32 });
        var tensor = new float[image.FrontEnd.Length];
        using var frame = Picture(80, 60);
        Assert.Equal(0, Allocations.LeastOfRounds(_ => image.Fill(frame, tensor)));
    }

    // R = 7x + 3y, G = (x^2 + y^2) / 64, B = (x xor y) * 5, all modulo 256.
    private VideoFrame Picture(int width, int height)
    {
        var frame = _pool.Rent(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var pixel = frame.Pixels.Slice(3 * (y * width + x), 3);
                (pixel[0], pixel[1], pixel[2]) = ((byte)((x ^ y) * 5), (byte)((x * x + y * y) / 64), (byte)(7 * x + 3 * y));
            }
        }

        return frame.Stamp(0, TimeSpan.Zero, TimeSpan.Zero);
    }
}
