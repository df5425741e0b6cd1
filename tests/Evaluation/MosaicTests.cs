using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>Anybody's pictures and sounds become a set on which interaction can be measured.</summary>
public sealed class MosaicTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MosaicTests()
    {
        foreach (var label in new[] { "dog", "cat", "bird_song", "gun", "lion" })
        {
            for (var i = 0; i < 20; i++)
            {
                foreach (var file in new[] { $"classes/{label}/images/{i:000}.jpg", $"classes/{label}/audio/{i:000}.wav" })
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
                    File.WriteAllText(_folder[file], $"{label} {i}");
                }
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_scenes_and_another_one_others()
    {
        var folder = ClassFolder.Read(_folder["classes"], FolderSplit.All);
        Assert.Equal(Plan(1), Plan(1));
        Assert.NotEqual(Plan(1), Plan(2));

        string Plan(int seed) => string.Join('\n', MosaicPlan.Make(folder, 10, 2, 4, seed).Select(s => $"{s.Name} {string.Join(';', s.Objects)}"));
    }

    [Fact]
    public void Things_lie_in_the_scene_and_apart_from_each_other()
    {
        var plan = MosaicPlan.Make(ClassFolder.Read(_folder["classes"], FolderSplit.All), 200, 2, 4, 3);
        Assert.Equal([2, 3, 4], plan.Select(s => s.Objects.Count).Distinct().Order());
        foreach (var scene in plan)
        {
            Assert.Equal(scene.Objects.Count, scene.Objects.Select(o => o.Picture.Class).Distinct().Count());
            Assert.All(scene.Objects, o => Assert.Equal(o.Picture.Class, o.Sound.Class));
            var boxes = scene.Objects.Select(o => o.Place).ToArray();
            Assert.All(boxes, b => Assert.True(b.X >= 0 && b.Y >= 0 && b.Right <= scene.Side && b.Bottom <= scene.Side && b.Width > 60 && b.Height > 60));
            Assert.All(boxes.Index(), b => Assert.DoesNotContain(boxes[(b.Index + 1)..], o => o.IntersectsWith(b.Item)));
        }
    }

    [Fact]
    public void No_group_is_in_training_and_in_test()
    {
        File.WriteAllText(_folder["classes/manifest.csv"], "cls,kind,file,source,group\n" + string.Concat(
            from label in new[] { "dog", "cat" }
            from i in Enumerable.Range(0, 20)
            from kind in new[] { (Name: "image", File: $"{label}/images/{i:000}.jpg"), (Name: "audio", File: $"{label}/audio/{i:000}.wav") }
            select $"{label},{kind.Name},{kind.File},\"a, quoted\",{label}{kind.Name}{i / 2}\n"));
        var (train, test) = (Groups(FolderSplit.Train), Groups(FolderSplit.Test));
        Assert.Empty(train.Intersect(test));
        Assert.Equal(40, train.Count + test.Count);

        HashSet<string> Groups(FolderSplit split)
        {
            var read = ClassFolder.Read(_folder["classes"], split);
            return [.. read.Pictures.Values.Concat(read.Sounds.Values).SelectMany(i => i).Where(i => i.Class is "dog" or "cat").Select(i => i.Group)];
        }
    }

    [Fact]
    public void A_written_set_is_read_back_scene_by_scene()
    {
        var plan = MosaicPlan.Make(ClassFolder.Read(_folder["classes"], FolderSplit.All), 4, 2, 4, 1);
        File.WriteAllText(plan[2].Objects[0].Sound.Path, "broken");
        var (annotations, problems) = new MosaicWriter(new EvaluationMedia()).Write(plan, _folder["set"], (_, _) => { }, TestContext.Current.CancellationToken);

        Assert.Equal("mosaic4_bbox.json", Path.GetFileName(annotations));
        Assert.True(problems["scene_left_out"] >= 1);
        var set = BenchmarkReader.Read(_folder["set"]);
        Assert.Equal("mosaic", set.Id);
        Assert.Equal(set.Samples.Select(s => s.Scene).Distinct().Count(), Directory.GetFiles(_folder["set"], "*.jpg").Length);
        var index = new MediaIndex(_folder["set"], set.Problems);
        Assert.All(set.Samples, s => Assert.True(index.Picture(s.Picture) is not null && index.Sound(s.Sound) is not null));
        Assert.Empty(set.Problems.Names);
    }

    [Fact]
    public void Too_few_classes_are_refused()
    {
        var folder = ClassFolder.Read(_folder["classes"], FolderSplit.All);
        Assert.Throws<InferenceException>(() => MosaicPlan.Make(folder, 1, 2, 5, 1));
        Assert.Contains("no class has", Assert.Throws<InferenceException>(() => ClassFolder.Read(_folder.Path, FolderSplit.All)).Message, StringComparison.Ordinal);
    }
}
