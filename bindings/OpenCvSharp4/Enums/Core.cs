namespace OpenCvSharp;

/// <summary>What lies outside a picture.</summary>
public enum BorderTypes
{
    Constant = 0, Replicate = 1, Reflect = 2, Wrap = 3, Default = 4, Reflect101 = 4, Transparent = 5, Isolated = 16,
}

/// <summary>How a vector is measured.</summary>
[Flags]
public enum NormTypes
{
    INF = 1, L1 = 2, L2 = 4, L2SQR = 5, Hamming = 6, Hamming2 = 7, Relative = 8, MinMax = 32,
}

/// <summary>The axis to mirror at.</summary>
public enum FlipMode
{
    XY = -1, X = 0, Y = 1,
}

/// <summary>Why OpenCV refused.</summary>
public enum ErrorCode
{
    StsOk = 0, StsBackTrace = -1, StsError = -2, StsInternal = -3, StsNoMem = -4, StsBadArg = -5, StsBadFunc = -6,
    StsNoConv = -7, StsAutoTrace = -8, HeaderIsNull = -9, BadImageSize = -10, BadOffset = -11, BadDataPtr = -12,
    BadStep = -13, BadModelOrChSeq = -14, BadNumChannels = -15, BadNumChannel1U = -16, BadDepth = -17,
    BadAlphaChannel = -18, BadOrder = -19, BadOrigin = -20, BadAlign = -21, BadCallBack = -22, BadTileSize = -23,
    BadCOI = -24, BadROISize = -25, MaskIsTiled = -26, StsNullPtr = -27, StsVecLengthErr = -28,
    StsFilterStructContentErr = -29, StsKernelStructContentErr = -30, StsFilterOffsetErr = -31, StsBadSize = -201,
    StsDivByZero = -202, StsInplaceNotSupported = -203, StsObjectNotFound = -204, StsUnmatchedFormats = -205,
    StsBadFlag = -206, StsBadPoint = -207, StsBadMask = -208, StsUnmatchedSizes = -209, StsUnsupportedFormat = -210,
    StsOutOfRange = -211, StsParseError = -212, StsNotImplemented = -213, StsBadMemBlock = -214, StsAssert = -215,
    GpuNotSupported = -216, GpuApiCallError = -217, OpenGlNotSupported = -218, OpenGlApiCallError = -219,
    OpenCLApiCallError = -220, OpenCLDoubleNotSupported = -221, OpenCLInitError = -222, OpenCLNoAMDBlasFft = -223,
}
