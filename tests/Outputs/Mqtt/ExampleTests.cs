using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Examples;
using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>The examples of listeners do what they say.</summary>
[SupportedOSPlatform("linux")]
public sealed class ExampleTests : MqttTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task The_subscriber_in_csharp_tells_of_events()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var output = new StringWriter();
        var text = TextWriter.Synchronized(output);
        var listening = EventSubscriber.RunAsync("127.0.0.1", Broker.Port, "realtimessl", text, stop.Token);
        await ListenedAsync();
        var sink = await StartAsync();
        await SendAsync(sink, 0, source: true);
        await SendAsync(sink, 1);

        await UntilAsync(() => Said().Contains(" end ", StringComparison.Ordinal));
        await stop.CancelAsync();
        await listening;
        var lines = Said().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("realtimessl/cam/events new", lines[0], StringComparison.Ordinal);
        Assert.Contains("bell score 0.80 box 0.35 0.30 0.65 0.70", lines[0], StringComparison.Ordinal);

        string Said()
        {
            lock (text)
            {
                return output.ToString();
            }
        }
    }

    [Fact]
    public async Task The_subscriber_in_python_tells_of_events()
    {
        Assert.SkipUnless(await PythonAsync("import paho.mqtt.client", "") is not null, "needs paho-mqtt (Debian: apt-get install python3-paho-mqtt)");
        var start = new ProcessStartInfo(Python, [Example("python", "subscriber.py"), "127.0.0.1", $"{Broker.Port}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        try
        {
            await ListenedAsync();
            var sink = await StartAsync();
            await SendAsync(sink, 0, source: true);
            await SendAsync(sink, 1);

            Assert.Contains("cam new", await LineAsync(process), StringComparison.Ordinal);
            Assert.Contains("bell score 0.80 box 0.35 0.30 0.65 0.70", await LineAsync(process), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_frame_becomes_a_detection_array_of_ros()
    {
        Assert.SkipUnless(File.Exists(Python), "needs Python");
        using var message = new FrameMessage();
        var localizations = new Localizations(320, 240);
        using var found = localizations.Next(2.5);
        Localizations.AddSource(found, 7, null, 0.8f, 0.5f, 0.5f);
        var frame = Encoding.UTF8.GetString(message.Write(found, "cam").Message.Span);
        var said = await PythonAsync(
            "import json, sys, importlib.util; s = importlib.util.spec_from_file_location('bridge', sys.argv[1]); m = importlib.util.module_from_spec(s); s.loader.exec_module(m); "
            + "print(json.dumps(m.to_detections(json.load(sys.stdin))))",
            frame,
            Example("ros2", "bridge.py"));

        using var json = JsonDocument.Parse(said!);
        var (header, detection) = (json.RootElement.GetProperty("header"), json.RootElement.GetProperty("detections")[0]);
        var captured = DateTime.UnixEpoch.AddSeconds(header.GetProperty("stamp").GetProperty("sec").GetInt64())
            .AddTicks(header.GetProperty("stamp").GetProperty("nanosec").GetInt64() / 100);
        Assert.Equal((found.CapturedAt, "cam"), (captured, header.GetProperty("frame_id").GetString()));
        Assert.Equal("7", detection.GetProperty("id").GetString());
        var box = detection.GetProperty("bbox");
        Assert.Equal(160, box.GetProperty("center").GetProperty("position").GetProperty("x").GetDouble(), 1);
        Assert.Equal((96, 96), (Math.Round(box.GetProperty("size_x").GetDouble()), Math.Round(box.GetProperty("size_y").GetDouble())));
        Assert.Equal("sound", detection.GetProperty("results")[0].GetProperty("hypothesis").GetProperty("class_id").GetString());
    }

    [Fact]
    public void Every_preset_is_valid() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "configs"), "*.yaml"),
        file => Assert.Empty(SettingsFile.Apply(file, File.ReadAllText(file), new RunSettings())));

    private static string Example(string folder, string file) => Path.Combine(Repository.Root, "examples", folder, file);

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) ?? "";

    // What it printed; null if it failed.
    private static async Task<string?> PythonAsync(string program, string input, params string[] arguments)
    {
        if (!File.Exists(Python))
        {
            return null;
        }

        var start = new ProcessStartInfo(Python, ["-c", program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        return process.ExitCode == 0 ? said : null;
    }

    private Task ListenedAsync() => UntilAsync(() => Broker.Log.Contains("realtimessl/+/events (QoS", StringComparison.Ordinal));
}
