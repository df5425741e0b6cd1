using System.Globalization;
using System.Text;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The folder of a run: <c>runs/&lt;UTC time&gt;-&lt;name&gt;/</c>, or the one that was asked for. A run never writes into another one's folder.
/// </summary>
public static class RunFolder
{
    /// <summary>Makes a new folder <c>ROOT/&lt;UTC time&gt;-&lt;name&gt;</c>; two runs of one second get a number.</summary>
    /// <param name="root">Where runs are kept, usually <c>runs</c>.</param>
    /// <param name="name">What the run is about; characters that file systems do not like become hyphens.</param>
    /// <param name="utc">Begin of the run.</param>
    /// <returns>Its full path.</returns>
    /// <exception cref="OutputException">It cannot be made or written to.</exception>
    public static string CreateIn(string root, string name, DateTime utc)
    {
        var stem = utc.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + "-" + Slug(name);
        for (var n = 1; ; n++)
        {
            var path = Path.GetFullPath(Path.Combine(root, n == 1 ? stem : $"{stem}-{n}"));
            if (!Path.Exists(path))
            {
                return Make(path);
            }
        }
    }

    /// <summary>Makes the folder that was asked for; an empty one that exists will do.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Its full path.</returns>
    /// <exception cref="OutputException">It holds something already, or it cannot be made or written to.</exception>
    public static string Create(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new OutputException($"{full}: is a file; name a folder for the run");
        }

        if (Directory.Exists(full) && HasEntries(full))
        {
            throw new OutputException($"{full}: is not empty, and a run never overwrites another; name a new folder or remove this one");
        }

        return Make(full);
    }

    /// <summary>Creates a file of the run, unbuffered: what is written is with the operating system at once.</summary>
    /// <exception cref="OutputException">It exists or cannot be created.</exception>
    internal static FileStream CreateFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{path}: cannot be created: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static bool HasEntries(string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(path).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); name another folder", e);
        }
    }

    /// <summary>Takes away the folder of a run that never began, and what its sinks had begun; nothing of it is of use to anybody.</summary>
    /// <param name="path">As <see cref="Create"/> or <see cref="CreateIn"/> gave it: all that is in it is of this run.</param>
    public static void Discard(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Why the run did not begin is what matters now; a folder that stays does no harm.
        }
    }

    private static string Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            // Permissions lie (read-only mounts, quotas, ACLs): only a write tells.
            var probe = Path.Combine(path, ".writable");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{path}: no run can be written here ({e.Message.TrimEnd('.')}); name another folder with --out", e);
        }
    }

    private static string Slug(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsLetterOrDigit(c) || c is '_' or '.')
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-', '.');
        return text.Length == 0 ? "run" : text[..Math.Min(text.Length, 80)];
    }
}
