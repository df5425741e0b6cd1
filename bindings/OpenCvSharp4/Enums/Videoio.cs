namespace OpenCvSharp;

/// <summary>What a capture was opened on.</summary>
public enum CaptureType
{
    File = 0, Camera = 1, NotSpecified = 2,
}

/// <summary>Hardware that decodes.</summary>
public enum VideoAccelerationType
{
    None = 0, Any = 1, D3D11 = 2, VAAPI = 3, MFX = 4,
}

/// <summary>Who opens a camera or file.</summary>
public enum VideoCaptureAPIs
{
    ANY = 0, V4L = 200, V4L2 = 200, CMU1394 = 300, DC1394 = 300, FIREWARE = 300, FIREWIRE = 300, IEEE1394 = 300,
    DSHOW = 700, PVAPI = 800, OPENNI = 900, OPENNI_ASUS = 910, ANDROID = 1000, XIAPI = 1100, AVFOUNDATION = 1200,
    GIGANETIX = 1300, MSMF = 1400, WINRT = 1410, INTELPERC = 1500, REALSENSE = 1500, OPENNI2 = 1600,
    OPENNI2_ASUS = 1610, GPHOTO2 = 1700, GSTREAMER = 1800, FFMPEG = 1900, IMAGES = 2000, ARAVIS = 2100,
    OPENCV_MJPEG = 2200, INTEL_MFX = 2300, XINE = 2400, CAP_UEYE = 2500,
}

/// <summary>What a capture can be asked; the general ones.</summary>
public enum VideoCaptureProperties
{
    PosMsec = 0, PosFrames = 1, PosAviRatio = 2, FrameWidth = 3, FrameHeight = 4, Fps = 5, FourCC = 6, FrameCount = 7,
    Format = 8, Mode = 9, Brightness = 10, Contrast = 11, Saturation = 12, Hue = 13, Gain = 14, Exposure = 15,
    ConvertRgb = 16, WhiteBalanceBlueU = 17, Rectification = 18, Monocrome = 19, Sharpness = 20, AutoExposure = 21,
    Gamma = 22, Temperature = 23, Trigger = 24, TriggerDelay = 25, WhiteBalanceRedV = 26, Zoom = 27, Focus = 28,
    Guid = 29, IsoSpeed = 30, BackLight = 32, Pan = 33, Tilt = 34, Roll = 35, Iris = 36, Settings = 37, BufferSize = 38,
    AutoFocus = 39, SARNum = 40, SARDen = 41, Backend = 42, Channel = 43, AutoWB = 44, WBTemperature = 45,
    CodecPixelFormat = 46, BitRate = 47, OrientationMeta = 48, OrientationAuto = 49, HwAcceleration = 50, HwDevice = 51,
}
