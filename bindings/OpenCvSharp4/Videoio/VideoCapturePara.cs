namespace OpenCvSharp;

/// <summary>Which hardware decodes.</summary>
public record VideoCapturePara
{
    public VideoCapturePara() : this(VideoAccelerationType.Any, -1)
    {
    }

    public VideoCapturePara(VideoAccelerationType videoAcceleration, int deviceIndex) =>
        (AccelerationType, HwDeviceIndex) = (videoAcceleration, deviceIndex);

    public VideoAccelerationType AccelerationType { get; }
    public int HwDeviceIndex { get; }

    public int[] GetParameters() =>
        [(int)VideoCaptureProperties.HwAcceleration, (int)AccelerationType, (int)VideoCaptureProperties.HwDevice, HwDeviceIndex];
}
