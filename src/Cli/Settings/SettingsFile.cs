using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealtimeSsl.Cli.Settings;

/// <summary>Reads a configuration file into settings, and writes settings as the configuration that took effect.</summary>
internal static class SettingsFile
{
    /// <summary>Reads a YAML file over the settings given.</summary>
    /// <exception cref="UsageException">All that is wrong with it, one line each: file, line, key, value, reason.</exception>
    public static void Read(string path, object settings)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}");
        }

        var errors = Apply(path, text, settings);
        if (errors.Count > 0)
        {
            throw new UsageException(string.Join('\n', errors));
        }
    }

    /// <summary>Applies YAML text; returns the errors, all of them, in the order of their lines.</summary>
    public static IReadOnlyList<string> Apply(string path, string text, object settings)
    {
        var errors = new List<string>();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 0 && stream.Documents[0].RootNode is var root)
            {
                if (root is YamlMappingNode map)
                {
                    Walk(path, map, "", settings, errors);
                }
                else if (root is not YamlScalarNode { Value: null or "" })
                {
                    errors.Add($"{path}:{root.Start.Line}: expected 'key: value' lines");
                }
            }
        }
        catch (YamlException e)
        {
            errors.Add($"{path}:{e.Start.Line}: not valid YAML: {e.InnerException?.Message ?? e.Message}");
        }

        return errors;
    }

    /// <summary>The settings as YAML, one section after the other.</summary>
    public static string Write(object settings)
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var (key, value) in SettingsBinder.Flatten(settings))
        {
            var dot = key.LastIndexOf('.');
            var own = dot < 0 ? "" : key[..dot];
            if (own != section)
            {
                section = own;
                text.Append('\n').Append(section).Append(":\n");
            }

            text.Append(dot < 0 ? "" : "  ").Append(key.AsSpan(dot + 1)).Append(": ").Append(SettingsBinder.Format(value)).Append('\n');
        }

        return text.ToString();
    }

    private static void Walk(string path, YamlMappingNode map, string prefix, object settings, List<string> errors)
    {
        foreach (var (keyNode, valueNode) in map.Children)
        {
            var key = prefix + ((keyNode as YamlScalarNode)?.Value ?? "?");
            var line = keyNode.Start.Line.ToString(CultureInfo.InvariantCulture);
            switch (valueNode)
            {
                case YamlMappingNode inner:
                    Walk(path, inner, key + ".", settings, errors);
                    break;
                case YamlScalarNode { Value: var value }:
                    try
                    {
                        SettingsBinder.Set(settings, key, value ?? "");
                    }
                    catch (FormatException e)
                    {
                        errors.Add($"{path}:{line}: {key}: {e.Message}");
                    }

                    break;
                default:
                    errors.Add($"{path}:{line}: {key}: expected one value, not a list");
                    break;
            }
        }
    }
}
