using System.Text;

namespace RealtimeSsl.Pipeline;

/// <summary>Reads lists of comma- or tab-separated values as people have them: quoted or not, with or without a header.</summary>
public static class TextTable
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All rows of a file, its header among them; without blank lines, and lines that begin with <c>#</c>.</summary>
    /// <exception cref="SourceException">It is no text, or cannot be read.</exception>
    public static List<string[]> Read(string path)
    {
        try
        {
            return [.. File.ReadLines(path, Strict).Where(l => !string.IsNullOrWhiteSpace(l) && !l.StartsWith('#')).Select(Row)];
        }
        catch (DecoderFallbackException e)
        {
            throw new SourceException($"{path}: is no text (UTF-8) list", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{path}: cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>The cells of a line, trimmed; parted by tabs if there is one, else by commas. Quoted cells may hold either.</summary>
    public static string[] Row(string line)
    {
        List<string> fields = [];
        var field = new StringBuilder();
        var quoted = false;
        var separator = line.Contains('\t') ? '\t' : ',';
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append(line[i++]);
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
            else if (line[i] == separator && !quoted)
            {
                Take();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        Take();
        return [.. fields];

        void Take()
        {
            fields.Add(field.ToString().Trim());
            field.Clear();
        }
    }
}
