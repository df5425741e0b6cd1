using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NAudio.Wave.Alsa;

/// <summary>
/// The functions of libasound.so.2 that capture needs. The constants are those of its headers, which are part of the ABI.
/// </summary>
internal static unsafe partial class LibAsound
{
    internal const int StreamCapture = 1;
    internal const int NonBlocking = 1;
    internal const int AccessInterleaved = 3;

    internal const int FormatU8 = 1;
    internal const int FormatS16 = 2;
    internal const int FormatS32 = 10;
    internal const int FormatFloat = 14;
    internal const int FormatS24 = 32;

    internal const int Again = -11;
    internal const int Invalid = -22;

    private const string Library = "libasound.so.2";

    /// <summary>
    /// ALSA writes to stderr whatever it cannot open, one line for each fallback: the return codes say it, and they become exceptions.
    /// </summary>
    static LibAsound() =>
        _ = SetErrorHandler((nint)(delegate* unmanaged[Cdecl]<byte*, int, byte*, int, byte*, void>)&Silence);

    internal static string ErrorText(int error) => Marshal.PtrToStringUTF8(StrError(error)) ?? $"error {error}";

    /// <summary>One field of a device hint; null when it is absent.</summary>
    internal static string? Hint(nint hint, string field)
    {
        var text = DeviceNameGetHint(hint, field);
        try
        {
            return Marshal.PtrToStringUTF8(text);
        }
        finally
        {
            NativeMemory.Free((void*)text);
        }
    }

    [LibraryImport(Library, EntryPoint = "snd_device_name_hint", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DeviceNameHint(int card, string kind, out nint hints);

    [LibraryImport(Library, EntryPoint = "snd_device_name_free_hint")]
    internal static partial int DeviceNameFreeHint(nint hints);

    [LibraryImport(Library, EntryPoint = "snd_pcm_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(out Pcm pcm, string name, int stream, int mode);

    [LibraryImport(Library, EntryPoint = "snd_pcm_close")]
    internal static partial int Close(nint pcm);

    [LibraryImport(Library, EntryPoint = "snd_pcm_prepare")]
    internal static partial int Prepare(Pcm pcm);

    [LibraryImport(Library, EntryPoint = "snd_pcm_start")]
    internal static partial int Start(Pcm pcm);

    [LibraryImport(Library, EntryPoint = "snd_pcm_drop")]
    internal static partial int Drop(Pcm pcm);

    [LibraryImport(Library, EntryPoint = "snd_pcm_poll_descriptors_count")]
    internal static partial int PollDescriptorsCount(Pcm pcm);

    /// <summary>Fills in struct pollfd, eight bytes that only ALSA and <see cref="Poll"/> look into.</summary>
    [LibraryImport(Library, EntryPoint = "snd_pcm_poll_descriptors")]
    internal static partial int PollDescriptors(Pcm pcm, ulong* descriptors, uint count);

    [LibraryImport(Library, EntryPoint = "snd_pcm_poll_descriptors_revents")]
    internal static partial int PollEvents(Pcm pcm, ulong* descriptors, uint count, out ushort events);

    [LibraryImport("libc", EntryPoint = "poll")]
    internal static partial int Poll(ulong* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "snd_pcm_avail_update")]
    internal static partial nint Available(Pcm pcm);

    [LibraryImport(Library, EntryPoint = "snd_pcm_readi")]
    internal static partial nint Read(Pcm pcm, Span<byte> buffer, nuint frames);

    [LibraryImport(Library, EntryPoint = "snd_pcm_recover")]
    internal static partial int Recover(Pcm pcm, int error, int silent);

    [LibraryImport(Library, EntryPoint = "snd_pcm_delay")]
    internal static partial int Delay(Pcm pcm, out nint frames);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_malloc")]
    internal static partial int HwParamsMalloc(out nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_free")]
    internal static partial void HwParamsFree(nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_any")]
    internal static partial int HwParamsAny(Pcm pcm, nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_access")]
    internal static partial int HwParamsSetAccess(Pcm pcm, nint parameters, int access);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_format")]
    internal static partial int HwParamsSetFormat(Pcm pcm, nint parameters, int format);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_channels")]
    internal static partial int HwParamsSetChannels(Pcm pcm, nint parameters, uint channels);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_rate_near")]
    internal static partial int HwParamsSetRateNear(Pcm pcm, nint parameters, ref uint rate, nint direction);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_periods_near")]
    internal static partial int HwParamsSetPeriodsNear(Pcm pcm, nint parameters, ref uint periods, nint direction);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params_set_buffer_size_near")]
    internal static partial int HwParamsSetBufferSizeNear(Pcm pcm, nint parameters, ref nuint frames);

    [LibraryImport(Library, EntryPoint = "snd_pcm_hw_params")]
    internal static partial int HwParams(Pcm pcm, nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_sw_params_malloc")]
    internal static partial int SwParamsMalloc(out nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_sw_params_free")]
    internal static partial void SwParamsFree(nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_sw_params_current")]
    internal static partial int SwParamsCurrent(Pcm pcm, nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_pcm_sw_params_set_avail_min")]
    internal static partial int SwParamsSetAvailMin(Pcm pcm, nint parameters, nuint frames);

    [LibraryImport(Library, EntryPoint = "snd_pcm_sw_params")]
    internal static partial int SwParams(Pcm pcm, nint parameters);

    [LibraryImport(Library, EntryPoint = "snd_device_name_get_hint", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DeviceNameGetHint(nint hint, string field);

    [LibraryImport(Library, EntryPoint = "snd_strerror")]
    private static partial nint StrError(int error);

    [LibraryImport(Library, EntryPoint = "snd_lib_error_set_handler")]
    private static partial int SetErrorHandler(nint handler);

    /// <summary>The native type is variadic; on every ABI of .NET on Linux the fixed arguments arrive the same way.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Silence(byte* file, int line, byte* function, int error, byte* format)
    {
    }

    /// <summary>An open PCM. It closes when the last user lets go of it, so never under a call that is in flight.</summary>
    internal sealed class Pcm() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => LibAsound.Close(handle) == 0;
    }
}
