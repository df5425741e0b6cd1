namespace RealtimeSsl.Evaluation.Running;

/// <summary>The files <c>NAME.CLASS.npy</c> below a folder, by NAME. Both may have dots: every dot of a file's name may be the one between them.</summary>
internal sealed class ClassFiles
{
    private readonly ILookup<string, (string Class, string File)> _byName;

    /// <summary>Lists a folder and what is below.</summary>
    public ClassFiles(string folder) => _byName = Directory.EnumerateFiles(folder, "*.npy", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .SelectMany(file => Split(Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/'), file))
        .ToLookup(f => f.Name, f => (f.Class, f.File), StringComparer.Ordinal);

    /// <summary>Those of a sample, class by class; a file under one of its own names is no class.</summary>
    /// <param name="names">Under which it may be there; the first that has any counts.</param>
    public IEnumerable<(string Class, string File)> Of(string[] names) =>
        names.Select(n => _byName[n].Where(f => !names.Contains($"{n}.{f.Class}", StringComparer.Ordinal)).ToArray()).FirstOrDefault(f => f.Length > 0) ?? [];

    private static IEnumerable<(string Name, string Class, string File)> Split(string path, string file)
    {
        for (var dot = path.IndexOf('.', path.LastIndexOf('/') + 1); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            yield return (path[..dot], path[(dot + 1)..], file);
        }
    }
}
