using System.Runtime.InteropServices;
using System.Text;
using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>A list of MQTT 5 properties in the library's memory. The numbers are those of the standard, section 2.2.2.2.</summary>
internal sealed unsafe class Properties : IDisposable
{
    internal const int SessionExpiryInterval = 17;
    internal const int AssignedClientIdentifier = 18;
    internal const int WillDelayInterval = 24;
    internal const int ReasonString = 31;
    private const int UserProperty = 38;

    private nint head;

    /// <summary>Zero when there is none.</summary>
    internal nint Head => head;

    public void Dispose() => LibMosquitto.PropertyFreeAll(ref head);

    /// <summary>One property of a list that the library lends to a callback.</summary>
    internal static string? Text(nint list, int identifier)
    {
        if (list == 0 || LibMosquitto.PropertyReadString(list, identifier, out var value, skipFirst: false) == 0)
        {
            return null;
        }

        var text = Marshal.PtrToStringUTF8(value);
        NativeMemory.Free((void*)value);
        return text;
    }

    internal void Add(int identifier, uint value)
    {
        if (value > 0)
        {
            Check(LibMosquitto.PropertyAdd(ref head, identifier, value));
        }
    }

    internal void Add(int identifier, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Check(LibMosquitto.PropertyAdd(ref head, identifier, value));
        }
    }

    internal void Add(IEnumerable<MqttUserProperty>? properties)
    {
        foreach (var property in properties ?? [])
        {
            Check(LibMosquitto.PropertyAdd(ref head, UserProperty, property.Name, Encoding.UTF8.GetString(property.ValueBuffer.Span)));
        }
    }

    /// <summary>Gives the list away.</summary>
    internal nint Take()
    {
        var taken = head;
        head = 0;
        return taken;
    }

    private static void Check(int error)
    {
        if (error != LibMosquitto.Success)
        {
            throw new ArgumentException($"MQTT property: {LibMosquitto.ErrorText(error)}");
        }
    }
}
