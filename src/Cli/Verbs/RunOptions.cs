using System.CommandLine;
using RealtimeSsl.Cli.Settings;

namespace RealtimeSsl.Cli.Verbs;

/// <summary>The options that <c>run</c> and <c>demo</c> share, and how they become settings: defaults, then the file, then the command line.</summary>
internal sealed class RunOptions
{
    // Option, the key it sets, and the value it stands for if it takes none.
    private readonly List<(Option Option, string Key, string? Value)> _settings = [];
    private readonly IReadOnlyList<(string Key, string Value)> _dotted;

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="dotted">Settings given by dotted key.</param>
    public RunOptions(Command verb, IReadOnlyList<(string Key, string Value)> dotted)
    {
        _dotted = dotted;
        Value(verb, "model", "M", "model", "synchrony (no weights needed), a package under models/, or a path to one");
        Value(verb, "device", "D", "device", "auto, cpu, cuda or directml; with ! after it: fail rather than fall back");
        Value(verb, "seconds", "S", "engine.seconds", "end after this much of the source's time");
        Value(verb, "camera-name", "NAME", "camera", "name of the camera in messages and topics (cam0)");
        Value(verb, "mqtt", "URL", "mqtt.url", "publish to a broker, e.g. mqtt://127.0.0.1:1883; embedded[:PORT] starts one for the run");
        Value(verb, "web-port", "PORT", "web.port", "port of the live page on 127.0.0.1 (8088; 0 takes any free one)");
        Value(verb, "push", "URL", "stream.push", "push the annotated picture to a media server: rtsp://HOST/PATH, srt://HOST:PORT (a password in it is seen by other users of this machine)");
        Flag(verb, "window", "stream.window", "true", "show the annotated picture in a window");
        Flag(verb, "no-web", "web.enabled", "false", "no live page");
        Flag(verb, "no-video", "files.annotated", "false", "do not record annotated.mp4");
        Flag(verb, "save-source", "files.source", "true", "also record the picture as it was captured: source.mp4");
        Value(verb, "record", "MODE", "recording.mode", "run (all, in the run folder), segments or events (under recordings/); docs/8-recordings.md");
        Flag(verb, "save-heatmaps", "files.heatmaps", "true", "keep the raw heatmaps: heatmaps.npy and heatmaps.csv");
        verb.Options.Add(Config);
        verb.Options.Add(Out);
        verb.Options.Add(Name);
        verb.Options.Add(Verbose);
    }

    /// <summary>The configuration file.</summary>
    public Option<string?> Config { get; } = new("--config", "-c") { HelpName = "FILE", Description = "settings; configs/default.yaml explains them all" };

    /// <summary>The run folder itself.</summary>
    public Option<string?> Out { get; } = new("--out", "-o") { HelpName = "DIR", Description = "the run folder (default: runs/<UTC time>-<name>)" };

    /// <summary>Name of the run.</summary>
    public Option<string?> Name { get; } = new("--name") { HelpName = "NAME", Description = "name of the run (default: that of the source)" };

    /// <summary>Also tell what only a developer wants to know.</summary>
    public Option<bool> Verbose { get; } = new("--verbose") { Description = "tell more" };

    /// <summary>Adds an option that sets a value.</summary>
    public void Value(Command verb, string name, string help, string key, string description)
    {
        var option = new Option<string?>("--" + name) { HelpName = help, Description = description };
        _settings.Add((option, key, null));
        verb.Options.Add(option);
    }

    /// <summary>Adds an option without a value.</summary>
    public void Flag(Command verb, string name, string key, string value, string description)
    {
        var option = new Option<bool>("--" + name) { Description = description };
        _settings.Add((option, key, value));
        verb.Options.Add(option);
    }

    /// <summary>The settings that take effect.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="defaults">Where they start from.</param>
    /// <exception cref="UsageException">A value is wrong; the message says where, which and why.</exception>
    public RunSettings Settings(ParseResult parsed, RunSettings defaults)
    {
        if (parsed.GetValue(Config) is { } file)
        {
            SettingsFile.Read(file, defaults);
        }

        foreach (var (option, key, constant) in _settings)
        {
            if (parsed.GetResult(option) is { Implicit: false } given)
            {
                var text = constant is not null ? constant : given.Tokens.Count > 0 ? given.Tokens[^1].Value : "";
                Set(defaults, option.Name, key, text);
            }
        }

        foreach (var (key, value) in _dotted)
        {
            Set(defaults, "--" + key, key, value);
        }

        return defaults;
    }

    private static void Set(RunSettings settings, string given, string key, string value)
    {
        try
        {
            SettingsBinder.Set(settings, key, value);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{given}: {e.Message}");
        }
    }
}
