using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs;

/// <summary>Where a run writes, and where it refuses to.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly DateTime Utc = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_run_gets_a_folder_named_for_its_time_and_subject()
    {
        var folder = RunFolder.CreateIn(_temporary["runs"], "rtsp://porch:8554/live?a=1", Utc);

        Assert.Equal(_temporary["runs/20260102T030405Z-rtsp-porch-8554-live-a-1"], folder);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void Two_runs_of_one_second_do_not_share_a_folder()
    {
        var first = RunFolder.CreateIn(_temporary.Path, "demo", Utc);
        var second = RunFolder.CreateIn(_temporary.Path, "demo", Utc);

        Assert.NotEqual(first, second);
        Assert.EndsWith("-demo-2", second, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_asked_for_is_the_run_folder_itself() =>
        Assert.Equal(_temporary["a/b"], RunFolder.Create(_temporary["a/b"]));

    [Fact]
    public void An_empty_folder_will_do() => Assert.Equal(_temporary.Path, RunFolder.Create(_temporary.Path));

    [Fact]
    public void A_folder_with_another_run_in_it_is_refused_and_left_alone()
    {
        File.WriteAllText(_temporary["summary.json"], "{}");

        var error = Assert.Throws<OutputException>(() => RunFolder.Create(_temporary.Path));

        Assert.Contains(_temporary.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("never overwrites", error.Message, StringComparison.Ordinal);
        Assert.Equal(["summary.json"], Directory.EnumerateFileSystemEntries(_temporary.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("taken")]
    [InlineData("taken/deeper")]
    public void A_file_in_the_way_is_an_error_of_one_line(string place)
    {
        File.WriteAllText(_temporary["taken"], "");

        var error = Assert.Throws<OutputException>(() => RunFolder.Create(_temporary[place]));

        Assert.Contains(_temporary[place], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_error_of_one_line()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a file system that nobody can write to");

        var error = Assert.Throws<OutputException>(() => RunFolder.Create("/proc/realtimessl-run"));

        Assert.Contains("/proc/realtimessl-run", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
