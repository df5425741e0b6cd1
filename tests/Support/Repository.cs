namespace RealtimeSsl.Tests.Support;

/// <summary>The checkout that the tests run from, and the test media that may lie beside it.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Media and figures beside the checkout; tests that use them are skipped where they are absent.</summary>
    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RealtimeSsl.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no RealtimeSsl.sln above {AppContext.BaseDirectory}");
    }
}
