using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The verb <c>export</c>: from real media to a package that runs; and what it refuses, with exit code 2, one reason, and nothing left behind.</summary>
public sealed class ExportTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _tiny = new();

    public ExportTests() => _tiny.Write();

    public void Dispose()
    {
        _folder.Dispose();
        _tiny.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_is_exported_with_a_video_and_with_pictures_and_sounds_and_shown()
    {
        Directory.CreateDirectory(_folder["data/dog/images"]);
        Directory.CreateDirectory(_folder["data/dog/audio"]);
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10:d=4", "-f", "lavfi", "-i", "sine=f=440:d=4,volume=0.5", "-c:v", "mpeg4", "-c:a", "aac", _folder["clip.mp4"]);
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "testsrc=s=160x120:r=1:d=4", _folder["data/dog/images/%d.png"]);
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "anoisesrc=d=2:a=0.3:seed=1", _folder["data/dog/audio/bark.wav"]);

        var outcome = await CommandLine.RunAsync(
            "export", _tiny.Folder, "--precision", "int8", "--data", _folder["clip.mp4"], "--data", _folder["data"], "--samples", "15", "--out", _folder["bytes"]);

        Assert.True(outcome.Code == 0, string.Join('\n', outcome.Complaints));
        Assert.Contains("cosine of heatmaps 0.99", outcome.Output, StringComparison.Ordinal);
        var shown = await CommandLine.RunAsync("models", "show", _folder["bytes"]);
        Assert.Contains("\nnumbers  int8, exported from sha256 ", shown.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Plain_ONNX_files_are_written_as_they_are()
    {
        var outcome = await CommandLine.RunAsync("export", _tiny.Folder, "--onnx", _folder["plain"]);

        Assert.Equal(0, outcome.Code);
        Assert.Equal(TinyPackage.Files["image.onnx"], await File.ReadAllBytesAsync(_folder["plain/image.onnx"], TestContext.Current.CancellationToken));
        Assert.Equal(TinyPackage.Files["audio.onnx"], await File.ReadAllBytesAsync(_folder["plain/audio.onnx"], TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Limit)]
    public Task A_precision_that_there_is_not() => RefusedAsync("--precision int4: there are int8 and fp16", "--precision", "int4", "--out", _folder["a"]);

    [Fact(Timeout = Limit)]
    public Task No_precision() => RefusedAsync("--precision is missing", "--out", _folder["a"]);

    [Fact(Timeout = Limit)]
    public Task No_folder_for_the_package() => RefusedAsync("--out is missing", "--precision", "int8");

    [Fact(Timeout = Limit)]
    public Task Data_that_is_not_there() => RefusedAsync("neither a file nor a folder", "--precision", "int8", "--out", _folder["a"], "--data", _folder["nowhere"]);

    [Fact(Timeout = Limit)]
    public Task A_folder_without_media() => RefusedAsync("no media file", "--precision", "int8", "--out", _folder["a"], "--data", _folder.Path);

    [Fact(Timeout = Limit)]
    public Task Too_many_samples() => RefusedAsync("--samples 5000: must be 8 to 1000", "--precision", "int8", "--out", _folder["a"], "--samples", "5000");

    [Fact(Timeout = Limit)]
    public async Task A_package_that_is_not_there()
    {
        var outcome = await CommandLine.RunAsync("export", _folder["none"], "--precision", "int8", "--out", _folder["a"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("a model package is a folder with a model.json", string.Join('\n', outcome.Complaints), StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string reason, params string[] arguments)
    {
        var outcome = await CommandLine.RunAsync(["export", _tiny.Folder, .. arguments]);

        Assert.Equal(2, outcome.Code);
        Assert.Contains(reason, string.Join('\n', outcome.Complaints), StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["a"]));
    }
}
