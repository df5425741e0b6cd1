using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MQTTnet;

/// <summary>
/// The functions of libmosquitto.so.1 (2.0) that a client needs, and three of libc to wait for it. The constants are those of mosquitto.h.
/// </summary>
internal static unsafe partial class LibMosquitto
{
    internal const int Success = 0;
    internal const int ErrorNotConnected = 4;
    internal const int ErrorConnectionLost = 7;
    internal const int ErrorTls = 8;
    internal const int ErrorErrno = 14;
    internal const int ErrorName = 15;

    internal const int OptionProtocolVersion = 1;
    internal const int OptionSslContext = 2;
    internal const int OptionSslContextWithDefaults = 3;
    internal const int OptionTcpNoDelay = 11;

    internal const int PollIn = 1;
    internal const int PollOut = 4;

    private const string Library = "libmosquitto.so.1";
    private const int EventNonBlockingCloseOnExec = 0x80800;

    static LibMosquitto() => _ = LibInit();

    internal static string ErrorText(int error) => Marshal.PtrToStringUTF8(StrError(error)) ?? $"error {error}";

    /// <summary>Wakes a poll from another thread.</summary>
    internal static SafeFileHandle NewEvent()
    {
        var file = EventFd(0, EventNonBlockingCloseOnExec);
        return file >= 0 ? new SafeFileHandle(file, ownsHandle: true) : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Never fails while the handle is open: an event that is already signalled stays so.</summary>
    internal static void Signal(SafeFileHandle wake)
    {
        ulong one = 1;
        _ = Write(wake, &one, sizeof(ulong));
    }

    internal static void Reset(SafeFileHandle wake)
    {
        ulong count;
        _ = Read(wake, &count, sizeof(ulong));
    }

    [LibraryImport(Library, EntryPoint = "mosquitto_new", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint New(string? id, [MarshalAs(UnmanagedType.U1)] bool cleanSession, nint context);

    [LibraryImport(Library, EntryPoint = "mosquitto_destroy")]
    internal static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_int_option")]
    internal static partial int IntOption(nint client, int option, int value);

    [LibraryImport(Library, EntryPoint = "mosquitto_void_option")]
    internal static partial int VoidOption(nint client, int option, nint value);

    [LibraryImport(Library, EntryPoint = "mosquitto_username_pw_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int UserNameAndPassword(nint client, string user, byte[]? password);

    /// <summary>Takes the properties over.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_will_set_v5", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Will(
        nint client, string topic, int length, byte[] payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    /// <summary>Blocks until TCP is connected.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_connect_bind_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Connect(nint client, string host, int port, int keepAlive, nint bindAddress, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect_v5", SetLastError = true)]
    internal static partial int Disconnect(nint client, int reason, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Publish(
        nint client,
        ref int identifier,
        string topic,
        int length,
        nint payload,
        int qos,
        [MarshalAs(UnmanagedType.U1)] bool retain,
        nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Subscribe(nint client, ref int identifier, string filter, int qos, int options, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_unsubscribe_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Unsubscribe(nint client, ref int identifier, string filter, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_socket")]
    internal static partial int Socket(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_want_write")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool WantWrite(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_read", SetLastError = true)]
    internal static partial int LoopRead(nint client, int packets);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_write", SetLastError = true)]
    internal static partial int LoopWrite(nint client, int packets);

    /// <summary>Sends the pings, and notices that they stay without an answer.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_loop_misc", SetLastError = true)]
    internal static partial int LoopMisc(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_v5_callback_set")]
    internal static partial void OnConnect(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect_v5_callback_set")]
    internal static partial void OnDisconnect(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5_callback_set")]
    internal static partial void OnPublish(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_v5_callback_set")]
    internal static partial void OnSubscribe(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, int, int*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_unsubscribe_v5_callback_set")]
    internal static partial void OnUnsubscribe(nint client, delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_message_v5_callback_set")]
    internal static partial void OnMessage(nint client, delegate* unmanaged[Cdecl]<nint, nint, Message*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_int32")]
    internal static partial int PropertyAdd(ref nint list, int identifier, uint value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_string", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PropertyAdd(ref nint list, int identifier, string value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_string_pair", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PropertyAdd(ref nint list, int identifier, string name, string value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_string")]
    internal static partial nint PropertyReadString(
        nint list, int identifier, out nint value, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_free_all")]
    internal static partial void PropertyFreeAll(ref nint list);

    [LibraryImport("libc", EntryPoint = "poll")]
    internal static partial int Poll(Polled* files, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "mosquitto_lib_init")]
    private static partial int LibInit();

    [LibraryImport(Library, EntryPoint = "mosquitto_strerror")]
    private static partial nint StrError(int error);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeFileHandle file, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle file, void* buffer, nuint length);

#pragma warning disable CS0649 // The native side writes these.

    /// <summary>struct mosquitto_message.</summary>
    internal struct Message
    {
        internal int Identifier;
        internal nint Topic;
        internal nint Payload;
        internal int Length;
        internal int Qos;
        internal byte Retain;
    }

    /// <summary>struct pollfd.</summary>
    internal struct Polled
    {
        internal int File;
        internal short Events;
        internal short Returned;
    }

#pragma warning restore CS0649
}
