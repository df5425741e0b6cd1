using System.Globalization;
using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>What a run is asked for.</summary>
/// <param name="Settings">As they take effect.</param>
/// <param name="Out">The run folder; null makes one under <c>runs/</c>.</param>
/// <param name="Name">Name of the run; null takes the source's.</param>
/// <param name="Verbose">Whether debug lines are shown.</param>
/// <param name="Config">The configuration file, which is watched; null if there is none.</param>
/// <param name="Again">Makes the settings anew, with what the file holds then.</param>
internal sealed record SessionRequest(RunSettings Settings, string? Out, string? Name, bool Verbose, string? Config, Func<RunSettings> Again)
{
    /// <summary>Whether to open the live page in a browser.</summary>
    public bool OpenBrowser { get; init; }
}

/// <summary>
/// Puts the house together: localizer, sources, run folder, sinks, engine; in that order, so that whatever is wrong with the input
/// is said before anything is written.
/// </summary>
internal static class Session
{
    /// <summary>Runs to the end.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(SessionRequest request, CancellationToken stop)
    {
        var settings = request.Settings;
        var clock = new MonotonicClock();
        var counters = new Counters();
        var health = new Health(clock);
        var log = new ConsoleLog(clock, request.Verbose ? LogLevel.Debug : LogLevel.Info);

        var reload = new Reload(settings, request.Config, request.Again, counters, log);
        var detection = new Switch("detection", settings.Engine.Detection);
        var recording = new Switch("recording", settings.Recording.On && (settings.Files.Annotated || settings.Files.Source));
        await using var models = new ModelSwitch(settings.Model, reload.Load, reload.Available, counters, log);
        await using var sources = await Sources.OpenAsync(settings, new SourceContext(clock, counters, log), stop).ConfigureAwait(false);
        var truth = sources.Video is SyntheticSource scene ? new SceneTruthSink(scene) : null;
        Engine? engine = null;
        var web = settings.Web.Enabled
            ? new WebSink(settings.Web, clock, counters, log, settings.Overlay)
            {
                Started = address => Greet(address, request, log),
                Models = models,
                Devices = new DeviceSwitch(reload, models),
                Health = health,
                Detector = () => engine,
                Recording = recording,
            }
            : null;
        IReadOnlyList<ISink> sinks = [.. Sinks(request, models, detection, recording, truth, web, clock, counters, health, log)];

        var folder = request.Out is { } wanted
            ? RunFolder.Create(wanted)
            : RunFolder.CreateIn("runs", request.Name ?? sources.Name, clock.ToUtc(clock.Now));
        await File.WriteAllTextAsync(Path.Combine(folder, "config.yaml"), SettingsFile.Write(settings), stop).ConfigureAwait(false);
        var parts = new EngineParts(settings.Camera, sources.Video, sources.Audio, models, sinks, folder) { Detection = detection };
        Announce(log, parts, sources);
        engine = new Engine(parts, settings.Engine, settings.Detector, settings.Tracker, clock, counters, log);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watch = reload.RunAsync(models, engine, sinks.OfType<RecordingSink>().FirstOrDefault(), ended.Token);
        try
        {
            var summary = await engine.RunAsync(stop).ConfigureAwait(false);
            Report.Print(Console.Out, summary, folder, truth?.Verdict, settings.Recording);
            return 0;
        }
        catch (Exception e) when (e.Data.Contains(Engine.WhileRunning))
        {
            Console.Error.WriteLine($"What was recorded before is in {folder}");
            throw;
        }
        catch (Exception e) when (e.Data.Contains(Engine.BeforeStart))
        {
            RunFolder.Discard(folder);
            throw;
        }
        finally
        {
            // In this order: who waits for a model is answered first.
            await ended.CancelAsync().ConfigureAwait(false);
            await models.DisposeAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }
    }

    private static IEnumerable<ISink> Sinks(
        SessionRequest request, ModelSwitch models, Switch detection, Switch recording, SceneTruthSink? truth, WebSink? web, IClock clock, Counters counters, Health health,
        ConsoleLog log)
    {
        var settings = request.Settings;

        // Where somebody can ask for a recording later, there is something to record with.
        var remote = web is not null || settings.Mqtt.Url.Length > 0;
        if (settings.Files.Annotated || (remote && !settings.Files.Source))
        {
            yield return new RecordingSink(RecordingLayer.Annotated, settings.Overlay, settings.Recording, clock, counters, log, health) { Recording = recording };
        }

        if (settings.Files.Source)
        {
            yield return new RecordingSink(RecordingLayer.Source, settings.Overlay, settings.Recording, clock, counters, log, health) { Recording = recording };
        }

        if (settings.Files.Detections)
        {
            yield return new DetectionsSink();
        }

        if (settings.Files.Events)
        {
            yield return new EventsSink();
        }

        if (settings.Files.Heatmaps)
        {
            yield return new HeatmapSink();
        }

        if (truth is not null)
        {
            yield return truth;
        }

        if (settings.Mqtt.Url.Length > 0)
        {
            yield return new MqttSink(settings.Mqtt, clock, counters, log) { Models = models, Detection = detection, Switches = [recording], Health = health };
        }

        if (web is not null)
        {
            foreach (var companion in web.Companions)
            {
                yield return companion;
            }

            yield return web;
        }

        var context = new SourceContext(clock, counters, log);
        if (settings.Stream.Push.Length > 0)
        {
            yield return new PushSink(settings.Stream, settings.Overlay, settings.Recording.Ffmpeg, context, health);
        }

        if (settings.Stream.Camera.Length > 0)
        {
            yield return new VirtualCameraSink(settings.Stream, settings.Overlay, settings.Recording.Ffmpeg, context, health);
        }

        if (settings.Stream.Window)
        {
            yield return new WindowSink(settings.Overlay, context);
        }

        yield return new ProgressSink(log, clock, settings.Engine.Seconds);
        yield return new SummarySink();
    }

    private static void Greet(Uri page, SessionRequest request, ConsoleLog log)
    {
        if (request.OpenBrowser)
        {
            Browser.Open(page, log);
        }
    }

    private static void Announce(ConsoleLog log, EngineParts parts, Sources sources)
    {
        var video = parts.Video.Info;
        var rate = video.Fps is { } fps ? string.Create(CultureInfo.InvariantCulture, $", {fps:0.##} fps") : "";
        log.Info($"pictures: {video.Name}, {video.Width}x{video.Height}{rate}");
        log.Info(parts.Audio?.Info is { } audio ? $"sound: {audio.Name}, {audio.Rate} Hz, {audio.Channels} channel{(audio.Channels == 1 ? "" : "s")}" : $"sound: none ({sources.WhyNoAudio})");
        var device = parts.Localizer.Info.Device;
        log.Info($"model: {parts.Localizer.Info.Name} on {device.Effective}{(device.Why is null ? "" : $" ({device.Requested} was asked for: {device.Why})")}");
        log.Info($"run folder: {parts.Folder}");
    }
}
