using System.CommandLine;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Cli.Settings;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>demo</c>: the whole engine on a built-in scene; needs no hardware, no network, no broker.</summary>
internal static class DemoVerb
{
    private const string Text = """
        Runs the whole engine on a built-in scene: a drum, a face, a bird and a ball sound in turn, beside things that only move.
        Opens the live page in a browser and records; ends with Ctrl-C or after --seconds.

        Examples:
          ./realtimessl demo
          ./realtimessl demo --seconds 20 --no-browser
          ./realtimessl demo --scene duet      one of demo, drum, face, bird, ball, duet, silence, offscreen
        """;

    public static Command Make(IReadOnlyList<(string Key, string Value)> dotted)
    {
        var verb = new Command("demo", Text);
        var options = new RunOptions(verb, dotted);
        var scene = new Option<string>("--scene") { HelpName = "SCENE", Description = "the scene", DefaultValueFactory = _ => "demo" };
        var noBrowser = new Option<bool>("--no-browser") { Description = "do not open a browser" };
        verb.Options.Add(scene);
        verb.Options.Add(noBrowser);
        verb.SetAction((parsed, stop) =>
        {
            RunSettings Read() => options.Settings(parsed, new RunSettings()) with { Source = $"synthetic:{parsed.GetValue(scene)}", Microphone = "source" };
            var name = parsed.GetValue(options.Name) ?? "demo";
            var request = new SessionRequest(Read(), parsed.GetValue(options.Out), name, parsed.GetValue(options.Verbose), parsed.GetValue(options.Config), Read)
            {
                OpenBrowser = !parsed.GetValue(noBrowser),
            };
            return Session.RunAsync(request, stop);
        });
        return verb;
    }
}
