using System.CommandLine;
using RealtimeSsl.Capture;
using RealtimeSsl.Inference.Onnx;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>devices</c>: the cameras, microphones and accelerators that there are.</summary>
internal static class DevicesVerb
{
    public static Command Make()
    {
        var verb = new Command("devices", "Lists the cameras, microphones and accelerators of this machine, as --source, --microphone and --device take them.");
        verb.SetAction(_ =>
        {
            Print("Cameras (--source)", DeviceList.Cameras(), "none found; files, URLs and 'synthetic' work without one");
            Print("Microphones (--microphone)", DeviceList.Microphones(), "none found");
            var choice = ExecutionProvider.Choose("auto", new QuietLog());
            Console.WriteLine("Networks (--device)");
            Console.WriteLine($"  {choice.Effective}{(choice.Why is null ? "" : $"  ({choice.Why})")}");
            return 0;
        });
        return verb;
    }

    private static void Print(string title, IReadOnlyList<Device> devices, string none)
    {
        Console.WriteLine(title);
        foreach (var device in devices)
        {
            Console.WriteLine($"  {device.Name,-24} {device.Description}");
        }

        if (devices.Count == 0)
        {
            Console.WriteLine($"  {none}");
        }
    }
}
