namespace OpenCvSharp;

/// <summary>How values between pixels arise.</summary>
[Flags]
public enum InterpolationFlags
{
    Nearest = 0, Linear = 1, Cubic = 2, Area = 3, Lanczos4 = 4, LinearExact = 5, Max = 7, WarpFillOutliers = 8,
    WarpInverseMap = 16,
}

/// <summary>Colours for the values 0 to 255.</summary>
public enum ColormapTypes
{
    Autumn = 0, Bone = 1, Jet = 2, Winter = 3, Rainbow = 4, Ocean = 5, Summer = 6, Spring = 7, Cool = 8, Hsv = 9,
    Pink = 10, Hot = 11, Parula = 12, Magma = 13, Inferno = 14, Plasma = 15, Viridis = 16, Cividis = 17, Twilight = 18,
    TwilightShifted = 19, Turbo = 20, DeepGreen = 21,
}

/// <summary>What becomes of values above and below.</summary>
[Flags]
public enum ThresholdTypes
{
    Binary = 0, BinaryInv = 1, Trunc = 2, Tozero = 3, TozeroInv = 4, Mask = 7, Otsu = 8, Triangle = 16,
}

/// <summary>Shapes of an element for Dilate and Erode.</summary>
public enum MorphShapes
{
    Rect = 0, Cross = 1, Ellipse = 2,
}

/// <summary>Which pixels are neighbours.</summary>
public enum PixelConnectivity
{
    Connectivity4 = 4, Connectivity8 = 8,
}

/// <summary>The columns of a component's statistics.</summary>
public enum ConnectedComponentsTypes
{
    Left = 0, Top = 1, Width = 2, Height = 3, Area = 4,
}

/// <summary>The stroke fonts; Italic is added to one of them.</summary>
[Flags]
public enum HersheyFonts
{
    HersheySimplex = 0, HersheyPlain = 1, HersheyDuplex = 2, HersheyComplex = 3, HersheyTriplex = 4,
    HersheyComplexSmall = 5, HersheyScriptSimplex = 6, HersheyScriptComplex = 7, Italic = 16,
}

/// <summary>How a line is drawn.</summary>
public enum LineTypes
{
    Link4 = 4, Link8 = 8, AntiAlias = 16,
}

/// <summary>From one colour space to another; the common ones.</summary>
public enum ColorConversionCodes
{
    BGR2BGRA = 0, RGB2RGBA = 0, BGRA2BGR = 1, RGBA2RGB = 1, BGR2RGBA = 2, RGB2BGRA = 2, BGRA2RGB = 3, RGBA2BGR = 3,
    BGR2RGB = 4, RGB2BGR = 4, BGRA2RGBA = 5, RGBA2BGRA = 5, BGR2GRAY = 6, RGB2GRAY = 7, GRAY2BGR = 8, GRAY2RGB = 8,
    GRAY2BGRA = 9, GRAY2RGBA = 9, BGRA2GRAY = 10, RGBA2GRAY = 11, BGR2YCrCb = 36, RGB2YCrCb = 37, YCrCb2BGR = 38,
    YCrCb2RGB = 39, BGR2HSV = 40, RGB2HSV = 41, BGR2Lab = 44, RGB2Lab = 45, HSV2BGR = 54, HSV2RGB = 55, Lab2BGR = 56,
    Lab2RGB = 57, BGR2YUV = 82, RGB2YUV = 83, YUV2BGR = 84, YUV2RGB = 85, YUV2RGB_NV12 = 90, YUV2BGR_NV12 = 91,
    YUV2RGB_NV21 = 92, YUV2BGR_NV21 = 93, YUV2RGB_I420 = 100, YUV2BGR_I420 = 101, YUV2RGB_UYVY = 107,
    YUV2BGR_UYVY = 108, YUV2RGB_YUY2 = 115, YUV2BGR_YUY2 = 116, RGB2YUV_I420 = 127, BGR2YUV_I420 = 128,
}

/// <summary>Options of the optical flow functions.</summary>
[Flags]
public enum OpticalFlowFlags
{
    None = 0, PyrAReady = 1, PyrBReady = 2, UseInitialFlow = 4, LkGetMinEigenvals = 8, FarnebackGaussian = 256,
}
