namespace RealtimeSsl.Outputs;

/// <summary>One file of the live page.</summary>
/// <param name="Path">Its path on the server.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PageFile(string Path, string Type, byte[] Content)
{
    private const string Prefix = "page/";

    /// <summary>All files of the page, embedded in this assembly: one program, nothing to install, nothing to find.</summary>
    public static IReadOnlyList<PageFile> All { get; } =
    [
        .. from name in typeof(PageFile).Assembly.GetManifestResourceNames()
           where name.StartsWith(Prefix, StringComparison.Ordinal)
           select new PageFile(PathOf(name[Prefix.Length..]), TypeOf(name), Read(name)),
    ];

    /// <summary>The description of the interface: <c>docs/openapi.json</c>.</summary>
    public static byte[] OpenApi { get; } = Read("openapi.json");

    private static string PathOf(string file) => file == "index.html" ? "/" : "/" + file;

    private static string TypeOf(string file) => System.IO.Path.GetExtension(file) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"{file}: no content type for {other}"),
    };

    private static byte[] Read(string name)
    {
        using var stream = typeof(PageFile).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
