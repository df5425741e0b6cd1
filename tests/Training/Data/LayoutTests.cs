using System.Globalization;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Layouts;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>Folders as people have them are recognised, and what is missing is said.</summary>
public sealed class LayoutTests : IDisposable
{
    private readonly DataFixture _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_class_folder_pairs_each_picture_with_the_sounds_of_its_class()
    {
        Classes();
        Assert.Equal("classes", DataSpec.Parse(_data.Root).Kind);
        var list = _data.List();
        Assert.Equal(["cat", "dog"], list.Classes);
        Assert.Equal(6, list.Pairs.Count);
        Assert.All(list.Pairs, p => Assert.All(p.Sounds, s => Assert.Contains($"/{p.Class}/audio/", list.Sounds[s].Path, StringComparison.Ordinal)));
        Assert.Contains("1 folders without both 'audio' and 'images' (e.g. notes)", list.Notes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_split_never_tears_a_group_apart_and_serves_every_class(long seed)
    {
        Classes(groups: true);
        var (training, validation) = ClipSplit.ByGroup(_data.List(), 0.5, seed);
        Assert.Equal(["cat", "dog"], training.Classes);
        Assert.Equal(["cat", "dog"], validation.Classes);
        Assert.Empty(training.Pictures.Select(p => p.Group).Intersect(validation.Pictures.Select(p => p.Group)));
        Assert.Empty(training.Sounds.Select(p => p.Group).Intersect(validation.Sounds.Select(p => p.Group)));
        Assert.All(validation.Pairs.Concat(training.Pairs), p => Assert.NotEmpty(p.Sounds));
        Assert.Equal(training.Pairs.Select(p => p.Id), ClipSplit.ByGroup(_data.List(), 0.5, seed).Training.Pairs.Select(p => p.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void What_a_class_folder_keeps_for_test_is_never_trained_or_validated_on(long seed)
    {
        var manifest = "file,group\n";
        foreach (var name in (string[])["cat", "dog"])
        {
            for (var i = 0; i < 40; i++)
            {
                _data.File($"{name}/images/{i}.png");
                _data.File($"{name}/audio/{i}.wav");
                manifest += $"{name}/images/{i}.png,picture {name} {i / 2}\n{name}/audio/{i}.wav,\"sound, {name} {i / 2}\"\n";
            }
        }

        _data.File("manifest.csv", manifest);
        var test = ClassFolder.Read(_data.Root, FolderSplit.Test);
        HashSet<string> kept = [.. test.Pictures.Values.Concat(test.Sounds.Values).SelectMany(i => i).Select(i => i.Path)];
        var list = _data.List();
        var (training, validation) = ClipSplit.ByGroup(list, 0.2, seed);
        string[] used = [.. new[] { training, validation }.SelectMany(s => s.Pictures.Select(p => p.Path).Concat(s.Sounds.Select(p => p.Path)))];

        Assert.NotEmpty(kept);
        Assert.NotEmpty(validation.Pairs);
        Assert.Empty(used.Intersect(kept));
        Assert.Equal(160, used.Length + kept.Count);
        Assert.Contains(list.Notes, n => n.StartsWith($"{kept.Count} files that are for test", StringComparison.Ordinal));
    }

    [Fact]
    public void Clips_give_frames_at_a_stride_and_what_is_no_clip_is_named()
    {
        _data.File("a.mp4");
        _data.File("below/b.mkv");
        _data.File("damaged.mp4");
        _data.File("mute.webm");
        Assert.Equal("clips", DataSpec.Parse(_data.Root).Kind);
        var list = _data.List();
        Assert.Equal(20, list.Pairs.Count);
        Assert.Equal([0.5, 1.5, 2.5], list.Pictures.Take(3).Select(p => p.At));
        Assert.Equal(list.Pictures.Select(p => p.At), list.Sounds.Select(s => s.At));
        Assert.Equal(2, list.Pictures.Select(p => p.Group).Distinct().Count());
        Assert.Contains(list.Notes, n => n.StartsWith("1 files that cannot be read", StringComparison.Ordinal) && n.Contains("damaged.mp4", StringComparison.Ordinal));
        Assert.Contains("1 files without sound (e.g. mute.webm)", list.Notes);
    }

    [Fact]
    public void VGGSound_is_found_under_all_spellings_and_its_test_part_is_left_alone()
    {
        _data.File("vggsound.csv", """
            aaaaaaaaaaa,30,"dog, barking",train
            bbbbbbbbbbb,5,cat meowing,train
            ccccccccccc,20,car,train
            ddddddddddd,1,car,train
            eeeeeeeeeee,40,gone,train
            fffffffffff,1,held out,test
            """);
        _data.File("video/aaaaaaaaaaa_000030.mp4");
        _data.File("video/bbbbbbbbbbb_5000_15000.mp4");
        _data.File("more/ccccccccccc_20.mp4");
        _data.File("more/ddddddddddd.mp4");
        _data.File("more/fffffffffff_000001.mp4");
        Assert.Equal("list", DataSpec.Parse(_data.Root).Kind);
        var list = _data.List();
        Assert.Equal(["aaaaaaaaaaa_000030@5", "bbbbbbbbbbb_5000_15000@5", "ccccccccccc_20@5", "ddddddddddd@6"], list.Pairs.Select(p => Name(list, p)));
        Assert.Equal(["car", "cat meowing", "dog, barking"], list.Classes);
        Assert.Contains("1 clips of the list without media (e.g. eeeeeeeeeee)", list.Notes);
        Assert.Contains("1 clips that the list keeps for the test (e.g. fffffffffff)", list.Notes);
    }

    [Fact]
    public void Flickr_taken_apart_into_frames_and_sounds_is_found()
    {
        _data.File("flickr_train.txt", "10000130166\n10000130167\n10000130168\n");
        _data.File("audio/10000130166.wav");
        _data.File("audio/10000130167.wav");
        _data.File("frames/10000130166.jpg");
        for (var i = 1; i <= 5; i++)
        {
            _data.File(string.Create(CultureInfo.InvariantCulture, $"frames/10000130167/image_{i:000}.jpg"));
        }

        var list = _data.List("flickr:");
        Assert.Equal(["10000130166.jpg", "image_003.jpg"], list.Pictures.Select(p => Path.GetFileName(p.Path)));
        Assert.Contains("1 clips of the list without media (e.g. 10000130168)", list.Notes);
        Assert.Equal("list", DataSpec.Parse(_data.Root).Kind);
    }

    [Fact]
    public void MUSIC_gives_several_frames_of_each_long_video_with_its_instrument()
    {
        using var data = new DataFixture { Media = new FormulaMedia { Seconds = 60 }, Options = new LayoutOptions { Stride = 10 } };
        data.File("MUSIC_solo_videos.json", """{"videos": {"accordion": ["0Hm8-Kw2fQs"], "violin": ["-1pT9Z_abcd", "not-there-x"]}}""");
        data.File("solo/accordion/0Hm8-Kw2fQs.mp4");
        data.File("solo/violin/-1pT9Z_abcd.webm");
        var list = data.List();
        Assert.Equal(12, list.Pairs.Count);
        Assert.Equal(["accordion", "violin"], list.Classes);
        Assert.Equal([5.0, 15, 25, 35, 45, 55], list.Pictures.Take(6).Select(p => p.At));
        Assert.Contains(list.Notes, n => n.Contains("not-there-x", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_is_named_when_there_are_several()
    {
        _data.File("one.txt", "a\n");
        _data.File("two.txt", "b\n");
        _data.File("a.mp4");
        _data.File("b.mp4");
        var error = Assert.Throws<TrainingDataException>(() => _data.List("list:"));
        Assert.Contains("one.txt, two.txt", error.Message, StringComparison.Ordinal);
        Assert.Equal("b@5", Assert.Single(_data.List($"list:{Path.Combine(_data.Root, "two.txt")}").Pairs).Id);
    }

    [Fact]
    public void What_is_no_data_is_refused_in_one_line()
    {
        Assert.Contains("no such folder", Assert.Throws<TrainingDataException>(() => DataSpec.Parse("/no/such/folder")).Message, StringComparison.Ordinal);
        _data.File("letter.doc");
        Assert.Contains("holds none of the layouts", Assert.Throws<TrainingDataException>(() => DataSpec.Parse(_data.Root)).Message, StringComparison.Ordinal);
        Assert.Contains("no media in it", Assert.Throws<TrainingDataException>(() => _data.List("clips:")).Message, StringComparison.Ordinal);
        _data.File("damaged.mp4");
        Assert.Contains("1 files that cannot be read", Assert.Throws<TrainingDataException>(() => _data.List("clips:")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_gives_the_frames_that_sounded_in_the_picture()
    {
        // The engine began to look at 2 s of its source; the recording begins there.
        _data.File("run/source.mp4");
        _data.File("run/detections.jsonl", string.Join('\n', [
            Message(0, 2.0, null, 0),
            Message(1, 3.0, -20, 0.9),
            Message(2, 3.2, -20, 0.9),
            Message(3, 4.0, -20, 0.2),
            Message(4, 5.0, -20, 0.8, offset: 40),
            "{\"schema\":\"realtimessl/fra"]));
        Assert.Equal("runs", DataSpec.Parse(_data.Root).Kind);
        var list = _data.List();
        Assert.Equal([1.0, 3.0], list.Pictures.Select(p => Math.Round(p.At!.Value, 6)));

        // 3 s that end where the engine's ended.
        Assert.Equal([-0.5, 1.46], list.Sounds.Select(s => Math.Round(s.At!.Value, 6)));
        Assert.Contains("1 frames in silence (e.g. run, frame 0)", list.Notes);
        Assert.Contains("1 frames whose sound does not seem to come from the picture (e.g. run, frame 3)", list.Notes);
        Assert.Contains("1 lines of detections.jsonl that are no frame message (e.g. run)", list.Notes);
    }

    private static string Message(int seq, double time, double? dbfs, double presence, double offset = 0) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"seq":{{seq}},"media_time":{{time}},"captured_at":"2026-01-01T00:00:00.000Z","audio":{"from":0,"to":1,"dbfs":{{(dbfs is { } d ? d.ToString(CultureInfo.InvariantCulture) : "null")}},"offset_ms":{{offset}},"drift_ppm":0},"presence":{{presence}}}""");

    private static string Name(ClipList list, PairItem pair) =>
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(list.Pictures[pair.Picture].Path)}@{list.Pictures[pair.Picture].At}");

    private void Classes(bool groups = false)
    {
        var manifest = "cls,kind,file,group\n";
        foreach (var name in (string[])["cat", "dog"])
        {
            Add("images", "png", "image");
            Add("audio", "wav", "audio");

            void Add(string folder, string kind, string what)
            {
                var files = DataFixture.ForTraining(3, i => $"{name}/{folder}/{i}.{kind}");
                var parts = DataFixture.ForTraining(2, i => $"{what}{i}{name}");
                for (var i = 0; i < files.Length; i++)
                {
                    _data.File($"{name}/{folder}/{files[i]}.{kind}");
                    manifest += $"{name},{what},{name}/{folder}/{files[i]}.{kind},{what}{parts[i / 2]}{name}\n";
                }
            }
        }

        _data.File("notes/readme.txt");
        if (groups)
        {
            _data.File("manifest.csv", manifest);
        }
    }
}
