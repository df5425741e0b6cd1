using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The verb <c>import</c>: what it refuses ends with exit code 2 and one reason, and leaves nothing behind.</summary>
public sealed class ImportTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_checkpoint_that_would_run_code()
    {
        var evil = new TorchDict { { "model", new RawPickle([.. "cposix\nsystem\nX\x02\0\0\0id\x85R"u8]) } };
        await File.WriteAllBytesAsync(_folder["evil.pth"], TorchWriter.Zip(evil), TestContext.Current.CancellationToken);
        await RefusedAsync("'posix.system'", "import", _folder["evil.pth"], "--method", "ez-vsl", "--out", _folder["evil"]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_method_that_is_unknown() =>
        await RefusedAsync("method 'lvt' is unknown; there are sslalign", "import", "a.pth", "--method", "lvt", "--out", _folder["a"]);

    [Fact(Timeout = Limit)]
    public async Task A_file_that_is_not_there() =>
        await RefusedAsync("no-such.pth: not there", "import", "no-such.pth", "--method", "fnac", "--out", _folder["a"]);

    [Fact(Timeout = Limit)]
    public async Task Momentum_for_a_method_without_it() =>
        await RefusedAsync("only slavc has momentum networks", "import", "a.pth", "--method", "fnac", "--momentum", "--out", _folder["a"]);

    [Fact(Timeout = Limit)]
    public async Task No_folder_for_the_package() => await RefusedAsync("--out", "import", "a.pth", "--method", "fnac");

    private async Task RefusedAsync(string reason, params string[] arguments)
    {
        var before = Directory.EnumerateFileSystemEntries(_folder.Path).Count();
        var outcome = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, outcome.Code);
        Assert.Contains(reason, string.Join('\n', outcome.Complaints), StringComparison.Ordinal);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_folder.Path).Count());
    }
}
