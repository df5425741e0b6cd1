using RealtimeSsl.Cli;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

public sealed class SettingsTests
{
    [Fact]
    public void A_file_sets_what_it_names_and_leaves_the_rest()
    {
        var settings = new RunSettings();
        var errors = SettingsFile.Apply("x.yaml", "source: clip.mp4\ntracker:\n  coast_seconds: 0.3\nfiles:\n  heatmaps: yes\n", settings);
        Assert.Empty(errors);
        Assert.Equal(("clip.mp4", 0.3, true), (settings.Source, settings.Tracker.CoastSeconds, settings.Files.Heatmaps));
        Assert.Equal(new RunSettings().Tracker.DeathSeconds, settings.Tracker.DeathSeconds);
    }

    [Theory]
    [InlineData("tracker:\n  coast_second: 1\n", "x.yaml:2: tracker.coast_second: unknown key 'coast_second'; did you mean 'coast_seconds'?")]
    [InlineData("tracker:\n  death_seconds: 3\n", "x.yaml:2: tracker.death_seconds: 3 is out of range; expected 0.05 to 0.5")]
    [InlineData("\nrealtime: maybe\n", "x.yaml:2: realtime: 'maybe' is neither true nor false")]
    [InlineData("engine:\n  patience_ms: 1.5\n", "x.yaml:2: engine.patience_ms: '1.5' is not a whole number")]
    [InlineData("device: gpu\n", "x.yaml:1: device: expected auto, cpu, cuda or directml, with ! after it to refuse any other")]
    [InlineData("camera: a/b\n", "x.yaml:1: camera: expected 1 to 64 letters, digits, '-' or '_': it becomes part of MQTT topics")]
    [InlineData("source: [a, b]\n", "x.yaml:1: source: expected one value, not a list")]
    [InlineData("- a\n", "x.yaml:1: expected 'key: value' lines")]
    public void An_error_names_file_line_key_value_and_reason(string yaml, string expected) =>
        Assert.Equal([expected], SettingsFile.Apply("x.yaml", yaml, new RunSettings()));

    [Theory]
    [InlineData("capture:\n  fourcc: MJPG\n")]
    [InlineData("capture:\n  fourcc: \"\"\n")]
    [InlineData("stream:\n  push: \"rtsp://server/live\"\n")]
    [InlineData("stream:\n  push: \"srt://server:9000?mode=listener\"\n")]
    [InlineData("recording:\n  encoder: x264!\n")]
    public void What_is_right_is_taken(string yaml) => Assert.Empty(SettingsFile.Apply("x.yaml", yaml, new RunSettings()));

    [Fact]
    public void Broken_yaml_is_told_with_its_line() =>
        Assert.StartsWith("x.yaml:2: not valid YAML", SettingsFile.Apply("x.yaml", "source: a\nmodel: 'b\n", new RunSettings()).Single(), StringComparison.Ordinal);

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(2, SettingsFile.Apply("x.yaml", "sauce: a\nengine:\n  seconds: -1\n", new RunSettings()).Count);

    [Fact]
    public void What_is_written_reads_back_to_the_same()
    {
        var settings = new RunSettings { Source = "rtsp://a b#c", Camera = "door", Files = new FilesSettings { Heatmaps = true } };
        var again = new RunSettings();
        Assert.Empty(SettingsFile.Apply("x.yaml", SettingsFile.Write(settings), again));
        Assert.Equal(settings, again);
    }

    [Fact]
    public void The_manual_lists_every_setting_with_its_default()
    {
        var path = Path.Combine(Repository.Root, "configs", "default.yaml");
        var fromFile = new RunSettings();
        Assert.Empty(SettingsFile.Apply(path, File.ReadAllText(path), fromFile));
        Assert.Equal(new RunSettings(), fromFile);

        var listed = new HashSet<string>();
        var section = "";
        foreach (var line in File.ReadLines(path).Where(l => l.Length > 0 && l.TrimStart()[0] != '#'))
        {
            var key = line.Split(':')[0];
            section = key[0] == ' ' ? section : key;
            listed.Add(key[0] == ' ' ? $"{section}.{key.Trim()}" : key);
        }

        Assert.Empty(SettingsBinder.Flatten(new RunSettings()).Select(s => s.Key).Except(listed));
    }

    [Theory]
    [InlineData("run source=clip.mp4", "run --source clip.mp4", "")]
    [InlineData("run --source=clip.mp4", "run --source clip.mp4", "")]
    [InlineData("run tracker.coast_seconds=0.3 --engine.seconds 5", "run", "tracker.coast_seconds=0.3 engine.seconds=5")]
    [InlineData("run --source rtsp://h/p?a=b", "run --source rtsp://h/p?a=b", "")]
    [InlineData("run --source /data/a=b.mp4", "run --source /data/a=b.mp4", "")]
    public void Key_equals_value_works_as_an_option_does(string line, string plain, string settings)
    {
        var split = Arguments.Split(line.Split(' '));
        Assert.Equal(plain.Split(' '), split.Plain);
        Assert.Equal(settings, string.Join(' ', split.Settings.Select(s => $"{s.Key}={s.Value}")));
    }

    [Fact]
    public void A_dotted_key_without_a_value_is_told() =>
        Assert.Throws<UsageException>(() => Arguments.Split(["run", "--engine.seconds"]));
}
