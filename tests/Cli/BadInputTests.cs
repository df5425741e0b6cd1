using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>What is wrong with the input is said in one line that names it, with exit code 2, and nothing is left half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task No_such_file() => await RefusedAsync(["no-such.mp4", "no such file"], "--source", "no-such.mp4");

    [Fact(Timeout = Limit)]
    public async Task A_text_file_that_is_called_mp4()
    {
        await File.WriteAllTextAsync(_folder["letter.mp4"], "Dear reader,\n", TestContext.Current.CancellationToken);
        await RefusedAsync(["letter.mp4"], "--source", _folder["letter.mp4"]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_without_pictures()
    {
        Media.Run("ffmpeg", "-f", "lavfi", "-i", "sine=440:d=1", _folder["song.wav"]);
        await RefusedAsync(["song.wav", "no picture"], "--source", _folder["song.wav"]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_camera_that_is_not_there() => await RefusedAsync(["camera", "7"], "--source", "7");

    [Fact(Timeout = Limit)]
    public async Task A_microphone_that_is_not_there() =>
        await RefusedAsync(["no-such-microphone"], "--source", "synthetic", "--microphone", "no-such-microphone");

    [Fact(Timeout = Limit)]
    public async Task A_stream_that_nobody_sends() =>
        await RefusedAsync(["127.0.0.1:1/door"], "--source", "rtsp://user:secret@127.0.0.1:1/door", "--capture.connect_seconds", "3");

    [Fact(Timeout = Limit)]
    public async Task A_scene_that_does_not_exist() => await RefusedAsync(["synthetic scene 'opera'", "demo"], "--source", "synthetic:opera");

    [Fact(Timeout = Limit)]
    public async Task A_model_that_does_not_exist() => await RefusedAsync(["model 'nobody'", "synchrony"], "--source", "synthetic", "--model", "nobody");

    [Fact(Timeout = Limit)]
    public async Task A_package_whose_file_was_changed()
    {
        using var package = new TinyPackage();
        package.Write();
        var network = Directory.EnumerateFiles(package.Folder, "*.onnx").First();
        await File.AppendAllTextAsync(network, "x", TestContext.Current.CancellationToken);
        await RefusedAsync([Path.GetFileName(network), "SHA-256"], "--source", "synthetic", "--model", package.Folder);
    }

    [Fact(Timeout = Limit)]
    public async Task An_unknown_option() => await RefusedAsync(["--sauce"], "--source", "synthetic", "--sauce", "hot");

    [Fact(Timeout = Limit)]
    public async Task An_unknown_key() => await RefusedAsync(["tracker.cost_seconds", "coast_seconds"], "--source", "synthetic", "tracker.cost_seconds=1");

    [Fact(Timeout = Limit)]
    public async Task A_configuration_with_errors()
    {
        await File.WriteAllTextAsync(_folder["my.yaml"], "source: synthetic\ntracker:\n  death_seconds: 9\n", TestContext.Current.CancellationToken);
        await RefusedAsync(["my.yaml:3: tracker.death_seconds: 9 is out of range"], "--config", _folder["my.yaml"]);
        var check = await CommandLine.RunAsync("config", "check", _folder["my.yaml"]);
        Assert.Equal(2, check.Code);
        Assert.Contains("my.yaml:3", Assert.Single(check.Complaints), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task An_output_folder_that_cannot_be_written()
    {
        await File.WriteAllTextAsync(_folder["file"], "", TestContext.Current.CancellationToken);
        var run = await CommandLine.RunAsync("run", "--source", "synthetic", "--no-web", "--out", _folder["file/below"]);
        Assert.Equal(2, run.Code);
        Assert.Contains(_folder["file/below"], Assert.Single(run.Complaints), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_folder_that_holds_another_run()
    {
        Directory.CreateDirectory(_folder["old"]);
        await File.WriteAllTextAsync(_folder["old/detections.jsonl"], "{}", TestContext.Current.CancellationToken);
        var run = await CommandLine.RunAsync("run", "--source", "synthetic", "--no-web", "--out", _folder["old"]);
        Assert.Equal(2, run.Code);
        Assert.Contains("not empty", Assert.Single(run.Complaints), StringComparison.Ordinal);
        Assert.Equal("{}", await File.ReadAllTextAsync(_folder["old/detections.jsonl"], TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Limit)]
    public async Task No_source_at_all() => await RefusedAsync(["run needs a source", "--source 0"]);

    private async Task RefusedAsync(string[] told, params string[] arguments)
    {
        var run = await CommandLine.RunAsync(["run", "--no-web", "--out", _folder["run"], .. arguments]);
        Assert.True(run.Code == 2, $"exit code {run.Code}\n{run.Output}\n{run.Errors}");
        var said = string.Join('\n', run.Complaints);
        Assert.All(told, part => Assert.Contains(part, said, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Output + run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run"]), "a run folder was left");
    }
}
