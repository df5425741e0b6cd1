using OpenCvSharp;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference;

/// <summary>
/// Dense optical flow from the frame before to this one (Farnebaeck, "Two-frame motion estimation based on polynomial expansion", 2003), by OpenCV with the
/// settings that HearTheFlow and FlowGrad use. Their code looks at the next frame, which a live picture does not have yet, and at full size; here both
/// frames are brought to the network's size first. Nothing is allocated per frame. Not for use by two threads at once.
/// </summary>
public sealed class OpticalFlow : IDisposable
{
    /// <summary>Motion is told per this time.</summary>
    public static readonly TimeSpan Nominal = TimeSpan.FromMilliseconds(40);

    /// <summary>What is further apart than this is another scene, not a motion.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    private readonly ImageFrontEnd _view;
    private readonly FlowFrontEnd _frontEnd;
    private readonly Thumbnail _grey = new();
    private readonly Mat _flow;
    private Mat _previous;
    private Mat _current;
    private TimeSpan? _time;
    private (int Width, int Height) _size;
    private (int Left, int Top) _cut;

    /// <summary>Makes the stage.</summary>
    /// <param name="view">The part of a picture that is looked at, and the size it is brought to.</param>
    /// <param name="frontEnd">What the network reads.</param>
    public OpticalFlow(ImageFrontEnd view, FlowFrontEnd frontEnd)
    {
        (_view, _frontEnd) = (view, frontEnd);
        _previous = new Mat(view.Height, view.Width, MatType.CV_8UC1);
        _current = new Mat(view.Height, view.Width, MatType.CV_8UC1);
        _flow = new Mat(view.Height, view.Width, MatType.CV_32FC2);
    }

    /// <summary>Floats of a tensor.</summary>
    public int Length => _frontEnd.Planes * _view.Width * _view.Height;

    /// <summary>Takes a frame without asking for its motion: the next one's is then seen against it.</summary>
    public void See(VideoFrame frame)
    {
        (_previous, _current) = (_current, _previous);
        Read(frame);
        _time = frame.Time;
    }

    /// <summary>Takes a frame and fills a tensor with the motion that led to it; without a frame shortly before, nothing has moved.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="tensor"><see cref="Length"/> floats: planes, each row-major.</param>
    public void Fill(VideoFrame frame, Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, Length);
        var before = _time;
        var size = _size;
        See(frame);
        var passed = frame.Time - before;
        if (passed is not { } time || time <= TimeSpan.Zero || time > Longest || size != _size)
        {
            _frontEnd.FillStill(tensor);
            return;
        }

        Between(_previous, _current, _flow);
        var rate = (float)(Nominal / time);
        _frontEnd.Fill(_flow.AsSpan<float>(), rate * frame.Width / _grey.Width, rate * frame.Height / _grey.Height, tensor);
    }

    /// <summary>The flow itself, with the settings that HearTheFlow and FlowGrad use.</summary>
    /// <param name="before">A picture of one channel of 8 bits.</param>
    /// <param name="now">The next one, of the same size.</param>
    /// <param name="flow">CV_32FC2: how far each pixel of the first one moved to the right and down.</param>
    public static void Between(Mat before, Mat now, Mat flow) =>
        Cv2.CalcOpticalFlowFarneback(before, now, flow, 0.5, 3, 15, 3, 5, 1.2, OpticalFlowFlags.None);

    /// <summary>Forgets the last frame: the source was cut.</summary>
    public void Reset() => _time = null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _previous.Dispose();
        _current.Dispose();
        _flow.Dispose();
    }

    private void Read(VideoFrame frame)
    {
        if (_size != (frame.Width, frame.Height))
        {
            _size = (frame.Width, frame.Height);
            var (left, top, right, bottom) = _view.View(frame.Width, frame.Height);
            _grey.Resize((int)Math.Round(_view.Width / (right - left)), (int)Math.Round(_view.Height / (bottom - top)));
            _cut = ((int)Math.Round(left * _grey.Width), (int)Math.Round(top * _grey.Height));
        }

        _grey.Read(frame.Pixels, frame.Width, frame.Height);
        var bytes = Bytes(_current);
        for (var y = 0; y < _view.Height; y++)
        {
            var row = _grey.Pixels.AsSpan((_cut.Top + y) * _grey.Width + _cut.Left, _view.Width);
            for (var x = 0; x < row.Length; x++)
            {
                bytes[y * _view.Width + x] = (byte)(row[x] + 0.5f);
            }
        }
    }

    private static unsafe Span<byte> Bytes(Mat mat) => new((void*)mat.Data, mat.Rows * mat.Cols);
}
