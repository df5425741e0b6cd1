using System.Runtime.Versioning;

namespace NAudio.Wave.Alsa;

/// <summary>A call into libasound failed.</summary>
[SupportedOSPlatform("linux")]
public class AlsaException : Exception
{
    public AlsaException(int errorCode)
        : base(LibAsound.ErrorText(errorCode)) => ErrorCode = errorCode;

    public AlsaException(int errorCode, string function)
        : base($"{function}: {LibAsound.ErrorText(errorCode)}")
    {
        ErrorCode = errorCode;
        Function = function;
    }

    internal AlsaException(int errorCode, string function, string device, string? hint = null)
        : base($"{function}: {LibAsound.ErrorText(errorCode)} (audio device \"{device}\"{hint})")
    {
        ErrorCode = errorCode;
        Function = function;
    }

    /// <summary>A negative errno.</summary>
    public int ErrorCode { get; }

    /// <summary>The function that failed.</summary>
    public string? Function { get; }
}
