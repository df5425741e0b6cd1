using System.Text.RegularExpressions;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests;

/// <summary>What the repository promises of itself.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Code = ["src", "bindings", "tests"];

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [Fact]
    public void The_sources_are_written_once_for_both_flavours() =>
        Assert.Empty(Sources("src").SelectMany(f => File.ReadLines(f).Where(l => l.TrimStart().StartsWith("#if", StringComparison.Ordinal)).Select(l => $"{f}: {l}")));

    [Fact]
    public void No_file_needs_600_lines() =>
        Assert.DoesNotContain(Code.SelectMany(Sources), f => File.ReadLines(f).Count() > 600);

    [Fact]
    public void Every_link_in_the_documents_leads_somewhere()
    {
        var documents = Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md"))
            .Append(Path.Combine(Repository.Root, "bindings", "README.md"));
        var broken = documents.SelectMany(d => Link().Matches(File.ReadAllText(d))
            .Select(m => m.Groups[1].Value)
            .Where(t => !t.StartsWith("http", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(d)!, t)))
            .Select(t => $"{d}: {t}"));
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "RealtimeSsl.sln")).Replace('\\', '/');
        var projects = Code
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.csproj", SearchOption.AllDirectories))
            .Select(p => Path.GetRelativePath(Repository.Root, p).Replace('\\', '/'));
        Assert.All(projects, p => Assert.Contains(p, solution, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
