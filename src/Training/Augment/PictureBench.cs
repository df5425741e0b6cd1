using OpenCvSharp;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Augment;

/// <summary>
/// A picture being worked on, and the room that takes: an operation reads <see cref="Picture"/>, writes <see cref="Other"/> and turns the two
/// round. Its motion, where there is one, is cut, resized and mirrored with it. One for each thread; no picture is allocated while sizes stay what they are.
/// </summary>
/// <param name="frontEnd">The network's input: size, mean, deviation, order of planes.</param>
public sealed class PictureBench(ImageFrontEnd frontEnd) : IDisposable
{
    private readonly ImageTensor _tensor = new(frontEnd);
    private Mat _motion = new();
    private Mat _otherMotion = new();
    private bool _moves;

    /// <summary>The network's input.</summary>
    public ImageFrontEnd FrontEnd { get; } = frontEnd;

    /// <summary>The picture: 8 bits, R, G, B.</summary>
    public Mat Picture { get; private set; } = new();

    /// <summary>Where the next one is written.</summary>
    public Mat Other { get; private set; } = new();

    /// <summary>The picture is now the one that was just written.</summary>
    public void Turn() => (Picture, Other) = (Other, Picture);

    /// <summary>The picture moves; each operation from now on does to its motion what it does to it.</summary>
    /// <param name="read">Fills the motion (<see cref="Data.IClipSet.ReadMotion"/>); false if it stands still.</param>
    public void Move(Func<Mat, bool> read)
    {
        _moves = read(_motion);
        if (_moves && _motion.Size() != Picture.Size())
        {
            Motion((from, to) => Cv2.Resize(from, to, Picture.Size()));
        }
    }

    /// <summary>What is put on the bench next stands still, or its motion does not matter.</summary>
    public void Rest() => _moves = false;

    /// <summary>Takes a part of the picture.</summary>
    public void Cut(Rect part)
    {
        Copy(Picture, Other);
        Turn();
        Motion(Copy);

        void Copy(Mat from, Mat to)
        {
            using var piece = new Mat(from, part);
            piece.CopyTo(to);
        }
    }

    /// <summary>Brings the picture to a size: reducing averages over what falls together, so that nothing flickers; else cubic.</summary>
    public void Resize(Size size)
    {
        Cv2.Resize(Picture, Other, size, 0, 0, PictureOps.Kind(Picture, size));
        Turn();

        // Pixels of the source, whatever is seen of it: the values stay.
        Motion((from, to) => Cv2.Resize(from, to, size));
    }

    /// <summary>Mirrors the picture; what moved to the right now moves to the left.</summary>
    public void Flip(FlipMode mode)
    {
        Cv2.Flip(Picture, Other, mode);
        Turn();
        Motion((from, to) =>
        {
            Cv2.Flip(from, to, mode);
            var flow = to.AsSpan<float>();
            for (var i = mode == FlipMode.X ? 1 : 0; i < flow.Length; i += mode == FlipMode.XY ? 1 : 2)
            {
                flow[i] = -flow[i];
            }
        });
    }

    /// <summary>Called by operations that do not know what to do to a motion.</summary>
    /// <exception cref="NotSupportedException">There is one.</exception>
    public void RequireStill(string operation)
    {
        if (_moves)
        {
            throw new NotSupportedException($"{operation} of pictures with their motion");
        }
    }

    /// <summary>The motion of the picture as it is now, which has the network's size or is to be seen as a frame, as a network's input.</summary>
    /// <param name="frontEnd">What the network reads.</param>
    /// <param name="tensor">Its planes, each of the picture's front end's size.</param>
    public void FillMotion(FlowFrontEnd frontEnd, Span<float> tensor)
    {
        if (!_moves)
        {
            frontEnd.FillStill(tensor);
            return;
        }

        var (width, height) = (_motion.Width, _motion.Height);
        if (width != FrontEnd.Width || height != FrontEnd.Height)
        {
            var (left, top, right, bottom) = FrontEnd.View(width, height);
            var (x, y) = ((int)Math.Round(left * width), (int)Math.Round(top * height));
            var seen = new Rect(x, y, (int)Math.Round(right * width) - x, (int)Math.Round(bottom * height) - y);
            Motion((from, to) =>
            {
                using var piece = new Mat(from, seen);
                Cv2.Resize(piece, to, new Size(FrontEnd.Width, FrontEnd.Height));
            });
        }

        frontEnd.Fill(_motion.AsSpan<float>(), 1, 1, tensor);
    }

    /// <summary>Normalises the picture, which has the network's size, into a tensor.</summary>
    /// <param name="tensor">FrontEnd.Length floats: planes in FrontEnd.Order, each row-major.</param>
    public void Normalise(Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Picture.Width, FrontEnd.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Picture.Height, FrontEnd.Height);
        var (mean, std) = (FrontEnd.Mean, FrontEnd.Std);
        var pixels = Picture.AsSpan<byte>();
        var plane = FrontEnd.Width * FrontEnd.Height;
        ReadOnlySpan<(float Mean, float Std)> channels = [(mean.Red, std.Red), (mean.Green, std.Green), (mean.Blue, std.Blue)];
        for (var channel = 0; channel < 3; channel++)
        {
            var (scale, offset) = (1 / (255 * channels[channel].Std), -channels[channel].Mean / channels[channel].Std);
            var to = tensor.Slice(plane * (FrontEnd.Order == ChannelOrder.Rgb ? channel : 2 - channel), plane);
            for (int i = 0, at = channel; i < to.Length; i++, at += 3)
            {
                to[i] = pixels[at] * scale + offset;
            }
        }
    }

    /// <summary>Brings a picture of any size into the tensor exactly as the engine does with a frame.</summary>
    /// <param name="tensor">FrontEnd.Length floats.</param>
    public void AsFrame(Span<float> tensor)
    {
        Cv2.CvtColor(Picture, Other, ColorConversionCodes.RGB2BGR);
        _tensor.Fill(Other.AsSpan<byte>(), Other.Width, Other.Height, tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Picture.Dispose();
        Other.Dispose();
        _motion.Dispose();
        _otherMotion.Dispose();
    }

    private void Motion(Action<Mat, Mat> change)
    {
        if (_moves)
        {
            change(_motion, _otherMotion);
            (_motion, _otherMotion) = (_otherMotion, _motion);
        }
    }
}
