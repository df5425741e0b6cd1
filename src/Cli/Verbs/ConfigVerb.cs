using System.CommandLine;
using RealtimeSsl.Cli.Settings;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>config</c>: checks a configuration file, or shows what takes effect.</summary>
internal static class ConfigVerb
{
    public static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "the configuration file" };
        var check = new Command("check", "Checks a configuration file; errors name line, key, value and reason. Exit code 2 if there are any.") { file };
        check.SetAction(parsed =>
        {
            SettingsFile.Read(parsed.GetValue(file)!, new RunSettings());
            Console.WriteLine($"{parsed.GetValue(file)}: in order");
            return 0;
        });

        var optional = new Argument<string?>("FILE") { Description = "a configuration file to apply first", Arity = ArgumentArity.ZeroOrOne };
        var show = new Command("show", "Prints all settings with their values.") { optional };
        show.SetAction(parsed =>
        {
            var settings = new RunSettings();
            if (parsed.GetValue(optional) is { } path)
            {
                SettingsFile.Read(path, settings);
            }

            Console.Write(SettingsFile.Write(settings));
            return 0;
        });
        return new Command("config", "Checks and shows configurations; configs/default.yaml is the manual.") { check, show };
    }
}
