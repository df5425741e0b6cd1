using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MQTTnet;
using OpenCvSharp;
using RealtimeSsl.Capture;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Inference.Onnx;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>doctor</c>: tries what the engine stands on, says what works, what is missing and how to get it. Exit code 0 if all that is needed works.</summary>
internal static class DoctorVerb
{
    private static readonly string[] Encoders = ["libx264", "aac"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How a check ended.</summary>
    private enum State
    {
        Ok,
        Note,
        Missing,
    }

    private sealed record Finding(State State, string Text);

    public static Command Make()
    {
        var verb = new Command("doctor", "Tries what the engine stands on; says what works, what is missing and how to get it. Exit code 0: all that is needed works.");
        verb.SetAction(async (_, stop) =>
        {
            var missing = 0;
            foreach (var (name, check) in Checks())
            {
                Finding finding;
                try
                {
                    finding = await check(stop).WaitAsync(Patience, stop).ConfigureAwait(false);
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    finding = new Finding(State.Missing, (e.InnerException ?? e).Message.Split('\n')[0]);
                }

                missing += finding.State == State.Missing ? 1 : 0;
                var mark = finding.State switch { State.Ok => "ok  ", State.Note => "note", _ => "MISSING" };
                Console.WriteLine($"{mark,-8}{name,-14}{finding.Text}");
            }

            Console.WriteLine(missing == 0 ? "All that is needed works: ./realtimessl demo" : $"{missing} of what is needed does not work");
            return missing == 0 ? 0 : 1;
        });
        return verb;
    }

    private static IEnumerable<(string Name, Func<CancellationToken, Task<Finding>> Check)> Checks()
    {
        yield return ("ffmpeg", FfmpegAsync);
        yield return ("ffprobe", async stop => Ok(FirstLine(await RunAsync("ffprobe", "-version", stop).ConfigureAwait(false))));
        yield return ("OpenCV", _ => Task.Run(() => Ok($"{Cv2.GetVersionString()}: cameras, drawing")));
        yield return ("ONNX Runtime", _ => Task.Run(OnnxRuntime));
        yield return ("MQTT", _ => Task.Run(Mqtt));
        yield return ("cameras", _ => Task.Run(() => Count(DeviceList.Cameras().Count, "camera", "no camera: files, streams and the demo work without one")));
        yield return ("microphones", _ => Task.Run(() => Count(DeviceList.Microphones().Count, "microphone", "no microphone: files, streams and the demo bring their own sound")));
        yield return ("live page", _ => Task.FromResult(Port(new RunSettings().Web.Port)));
        yield return ("run folder", _ => Task.FromResult(Folder("runs")));
    }

    private static async Task<Finding> FfmpegAsync(CancellationToken stop)
    {
        var version = FirstLine(await RunAsync("ffmpeg", "-version", stop).ConfigureAwait(false));
        var encoders = await RunAsync("ffmpeg", "-hide_banner -encoders", stop).ConfigureAwait(false);
        var lacking = Encoders.Where(e => !encoders.Contains($" {e} ", StringComparison.Ordinal)).ToList();
        return lacking.Count == 0 ? Ok(version) : Missing($"{version} has no encoder {string.Join(" and ", lacking)}: install a full build of ffmpeg");
    }

    private static Finding OnnxRuntime()
    {
        var device = ExecutionProvider.Choose("auto", new QuietLog());
        return Ok($"networks run on {device.Effective}{(device.Why is null ? "" : $" ({device.Why})")}");
    }

    private static Finding Mqtt()
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        return Ok("client ready; name a broker with --mqtt mqtt://host:1883");
    }

    private static Finding Port(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return Ok($"http://127.0.0.1:{port} is free");
        }
        catch (SocketException)
        {
            return new Finding(State.Note, $"port {port} is taken (another run?): the next free one will do, or choose with --web-port");
        }
    }

    private static Finding Folder(string path)
    {
        var at = Path.GetFullPath(path);
        var existing = at;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        var probe = Path.Combine(existing, $".realtimessl-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Missing($"{at} cannot be written to: choose another with --out");
        }

        var free = new DriveInfo(existing).AvailableFreeSpace / 1e9;
        return free < 1
            ? new Finding(State.Note, $"{at}: {free:0.0} GB free, which is little for recordings")
            : Ok($"{at}: {free:0} GB free");
    }

    private static Finding Count(int count, string what, string none) =>
        count == 0 ? new Finding(State.Note, none) : Ok($"{count} {what}{(count == 1 ? "" : "s")}: ./realtimessl devices lists them");

    private static Finding Ok(string text) => new(State.Ok, text);

    private static Finding Missing(string text) => new(State.Missing, text);

    private static string FirstLine(string text)
    {
        var line = text.Split('\n')[0];
        var copyright = line.IndexOf(" Copyright", StringComparison.Ordinal);
        return copyright < 0 ? line : line[..copyright];
    }

    private static async Task<string> RunAsync(string program, string arguments, CancellationToken stop)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return await process.StandardOutput.ReadToEndAsync(stop).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new FileNotFoundException($"{program} is not on the PATH: {(OperatingSystem.IsWindows() ? "winget install Gyan.FFmpeg" : "apt-get install ffmpeg")}");
        }
    }
}
