using System.CommandLine;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Cli.Settings;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>run</c>: the engine on a source.</summary>
internal static class RunVerb
{
    private const string Text = """
        Localizes the sound of a source: camera and microphone, file, folder, stream.

        Examples:
          ./realtimessl run --source 0                             the first camera and the default microphone
          ./realtimessl run --source clip.mp4                      a file, as fast as it goes
          ./realtimessl run --source clip.mp4 --realtime           the same at its own pace
          ./realtimessl run --source 'clips/*.mp4' --out runs/all  several files, one after the other
          ./realtimessl run --source rtsp://camera/stream --mqtt mqtt://127.0.0.1:1883
          ./realtimessl run --source 0 --mqtt embedded             messages for other programs, with a broker of its own
          ./realtimessl run --source 0 --microphone 'pulse' --seconds 60
          ./realtimessl run --source 0 --config my.yaml            model and limits may be edited while it runs
          ./realtimessl run --source 0 --record events             records what sounds, with the time before and after
          ./realtimessl run --source runs/20261120T110000Z-door    a recorded run again
          ./realtimessl run source=0 tracker.coast_seconds=0.3     any setting by its key
        """;

    public static Command Make(IReadOnlyList<(string Key, string Value)> dotted)
    {
        var verb = new Command("run", Text);
        var options = new RunOptions(verb, dotted);
        options.Value(verb, "source", "S", "source", "a camera (0, a name), file, folder, glob, URL (rtsp, http, udp, srt), synthetic[:SCENE], gst:PIPELINE");
        options.Value(verb, "microphone", "M", "microphone", "none, default, a device's name, or source (the source's own sound; the default)");
        options.Flag(verb, "realtime", "realtime", "true", "pace a file as if it were live");
        verb.SetAction((parsed, stop) =>
        {
            RunSettings Read() => options.Settings(parsed, new RunSettings());
            var settings = Read();
            if (settings.Source.Length == 0)
            {
                throw new UsageException("run needs a source: --source 0 for a camera, a file, a folder, a URL, or synthetic; ./realtimessl devices lists cameras");
            }

            var request = new SessionRequest(
                settings, parsed.GetValue(options.Out), parsed.GetValue(options.Name), parsed.GetValue(options.Verbose), parsed.GetValue(options.Config), Read);
            return Session.RunAsync(request, stop);
        });
        return verb;
    }
}
