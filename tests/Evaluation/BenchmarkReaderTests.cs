using RealtimeSsl.Evaluation;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>Every set of the literature is read as it was published, and what is wrong in it is told by name.</summary>
public sealed class BenchmarkReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void VGG_SS_with_the_published_files_quirks()
    {
        var set = Read("vggss.json", """
            [{"file": "zpWuikVorYg_000032", "class": "elk bugling", "bbox": [[0.4, 0.25, 0.6, 0.75], [0.1, 0.1, 0.2, 0.2]]},
             {"file": "aaaaaaaaaaa_000001", "class": "dog", "bbox": [[0.2, 0.3, -2.88230376e+16, -2.88230376e+16]]},
             {"file": "aaaaaaaaaaa_000002", "class": "dog", "bbox": [[NaN, 0.3, 0.5, 0.6]]},
             {"file": "aaaaaaaaaaa_000002", "class": "dog", "bbox": []}]
            """);
        Assert.Equal(("vgg-ss", 3), (set.Id, set.Samples.Count));
        Assert.Equal(("elk bugling", 2), (set.Samples[0].Class, set.Samples[0].Truth.Boxes.Count));
        Assert.Equal([("box_inverted", "aaaaaaaaaaa_000001"), ("box_not_a_number_left_out", "aaaaaaaaaaa_000002"), ("duplicate_name_left_out", "aaaaaaaaaaa_000002")], Told(set));
        Assert.Equal((44, 67, 0, 0), TruthMap.Pixels(set.Samples[1].Truth.Boxes[0], BoxUnit.Fraction));
    }

    [Fact]
    public void Flickr_takes_the_consensus_of_its_annotators()
    {
        Write("Annotations/10000130166.xml", "<a><x><bbox><n>1</n><a>0</a><b>0</b><c>128</c><d>256</d></bbox></x><x><bbox><n>2</n><a>0</a><b>0</b><c>64</c><d>256</d></bbox></x></a>");
        Write("Annotations/2.xml", "<a><bbox>");
        var set = BenchmarkReader.Read(_folder.Path);
        var map = new float[224 * 224];
        TruthMap.Fill(set.Samples[0].Truth.Boxes, set.Samples[0].Truth.Unit, set.Samples[0].Truth.Consensus, map);
        Assert.Equal([1f, 0.5f, 0f], new[] { map[0], map[100], map[200] });
        Assert.Equal([("annotation_unreadable", "2.xml:1")], Told(set));
    }

    [Fact]
    public void Flickr_corners_are_taken_by_name_and_a_file_may_be_named_after_its_picture()
    {
        Write("Test/Annotations/7.jpg.xml", "<a><x><bbox><ymax>128</ymax><xmin>64</xmin><xmax>256</xmax><ymin>0</ymin></bbox></x></a>");
        var sample = Assert.Single(BenchmarkReader.Read(_folder.Path).Samples);
        Assert.Equal(("7", BoxUnit.Pixel256, true), (sample.Name, sample.Truth.Unit, sample.Truth.Consensus));
        Assert.Equal([new TruthBox(64, 0, 256, 128)], sample.Truth.Boxes);
    }

    [Fact]
    public void VGG_SS_as_SSL_TIE_has_it_is_four_parts_right_under_the_root()
    {
        Write("anno/gEvCUcZ6w88_000030.xml", "<a><bbox><b>0.25</b><b>0</b><b>1</b><b>0.5</b></bbox><bbox><b>0</b><b>0</b><b>0.5</b><b>0.5</b></bbox></a>");
        var set = BenchmarkReader.Read(_folder.Path);
        Assert.Equal(("vgg-ss", BoxUnit.Fraction, false), (set.Id, set.Samples[0].Truth.Unit, set.Samples[0].Truth.Consensus));
        Assert.Equal([new TruthBox(0.25, 0, 1, 0.5), new TruthBox(0, 0, 0.5, 0.5)], set.Samples[0].Truth.Boxes);
    }

    [Fact]
    public void Extended_sets_add_pairs_that_do_not_sound()
    {
        Write("vggss.json", """[{"file": "9PmzQI8ZYpg_000147", "class": "a", "bbox": [[0, 0, 1, 1]]}]""");
        Write("vggss_test_plus_silent.csv", "video,audio,label\n9PmzQI8ZYpg_000147,gTUu9V5zAME_000078,non-sounding\nbad\n");
        var set = BenchmarkReader.Read(_folder.Path);
        Assert.Equal(("extended-vgg-ss", 2), (set.Id, set.Samples.Count));
        Assert.Equal((false, "gTUu9V5zAME_000078", 0), (set.Samples[1].Sounds, set.Samples[1].Sound, set.Samples[1].Truth.Boxes.Count));
        Assert.Equal([("line_unreadable", "vggss_test_plus_silent.csv:3")], Told(set));
    }

    [Theory]
    [InlineData("synthetic3240_bbox.json", "is3", 10)]
    [InlineData("vpo_ms_bbox.json", "vpo-ms", 10)]
    [InlineData("s4_box.json", "s4", 5)]
    [InlineData("ms3_box.json", "ms3", 5)]
    public void Lists_of_pairs_are_known_by_their_names(string file, string id, double seconds)
    {
        var set = Read(file, """
            [{"image": "/home/author/x/accordion_baby_10467_accordion.jpg", "audio": "/y/accordion_baby_10467_accordion.wav", "gt_box": [98.0, 117, 191, 188]},
             {"image": "/home/author/x/accordion_baby_10467_baby.jpg", "audio": "/y/accordion_baby_10467_baby.wav", "gt_box": [0, 0, 0, 0]}]
            """);
        Assert.Equal((id, seconds, 2), (set.Id, set.ClipSeconds, set.Samples.Count));
        Assert.Equal("accordion_baby_10467_accordion.jpg", set.Samples[0].Picture);
        Assert.Equal([("box_empty", "accordion_baby_10467_baby.jpg")], Told(set));
        Assert.Equal(id is "is3" or "vpo-ms", set.Samples[0].Scene == set.Samples[1].Scene);
    }

    [Fact]
    public void A_list_of_masks_finds_them_by_as_much_of_their_path_as_there_is()
    {
        Write("masks/dog/a.png", "");
        Write("masks/cat/a.png", "");
        var set = Read("is3_seg.json", """[{"image": "a_b_1_a.jpg", "audio": "a_b_1_a.wav", "gt_box": "/home/author/masks/dog/a.png", "offset": 1}]""");
        Assert.Equal(_folder["masks/dog/a.png"], set.Samples[0].Truth.Mask);
    }

    [Fact]
    public void MUSIC_boxes_are_corner_and_size()
    {
        var set = Read("duettest.json", """{"duet/abc/0012.jpg": {"bbox": [{"box": [10, 20, 30, 40], "normbox": [0.1, 0.2, 0.3, 0.4], "category_id": 7}], "wdith": 100, "height": 100}}""");
        var sample = Assert.Single(set.Samples);
        Assert.Equal(("music-duet", 0.2, "abc", "7"), (set.Id, set.PartOfMaximum, sample.Sound, sample.Class));
        Assert.Equal((0.4, 0.6), (sample.Truth.Boxes[0].X1, sample.Truth.Boxes[0].Y1), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9);
    }

    [Fact]
    public void A_folder_of_ones_own_as_a_table()
    {
        var set = Read("boxes.csv", "picture,sound,x0,y0,x1,y1,class\na.jpg,a.wav,0,0,0.5,0.5,dog\na.jpg,a.wav,0.5,0.5,1,1,dog\nb.jpg,b.wav,x,0,1,1,cat\n");
        Assert.Equal(("folder", 2, 2), (set.Id, set.Samples.Count, set.Samples[0].Truth.Boxes.Count));
        Assert.Equal([("box_not_a_number_left_out", "b.jpg+b.wav")], Told(set));
    }

    [Fact]
    public void A_folder_of_ones_own_as_json()
    {
        var set = Read("mine.json", """[{"picture": "v.mp4", "at": 2.5, "boxes": [[10, 10, 100, 100]], "unit": "pixel224", "scene": "s"}]""");
        var sample = Assert.Single(set.Samples);
        Assert.Equal(("v.mp4", 2.5, BoxUnit.Pixel224, "s"), (sample.Sound, sample.At, sample.Truth.Unit, sample.Scene));
    }

    [Theory]
    [InlineData("[{\"file\": ", "no JSON")]
    [InlineData("[{\"file\": \"a\", \"bbox\": 3}]", "not of the form of the others")]
    [InlineData("{\"a\": 1}", "no annotations found")]
    [InlineData("[]", "no annotations found")]
    public void What_is_no_annotation_is_refused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<EvaluationException>(() => Read("vggss.json", json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Several_annotations_have_to_be_told_apart()
    {
        Write("vpo_ss_bbox.json", """[{"image": "a.jpg", "audio": "a.wav", "gt_box": [0, 0, 1, 1]}]""");
        Write("vpo_ms_bbox.json", """[{"image": "a.jpg", "audio": "a.wav", "gt_box": [0, 0, 1, 1]}]""");
        Assert.Contains("--annotations", Assert.Throws<EvaluationException>(() => BenchmarkReader.Read(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal("vpo-ss", BenchmarkReader.Read(_folder.Path, _folder["vpo_ss_bbox.json"]).Id);
    }

    [Theory]
    [InlineData("zpWuikVorYg_000032", "deep/zpWuikVorYg_32000_42000.mp4")]
    [InlineData("zpWuikVorYg_000032", "zpWuikVorYg_000032.mp4")]
    [InlineData("zpWuikVorYg_000032", "zpWuikVorYg_32.jpg")]
    [InlineData("a_b_1_a.jpg", "pictures/a_b_1.jpg")]
    [InlineData("x/rq5RDUm2Hnk_1.mp4_2.png", "frames/rq5RDUm2Hnk_1.mp4_2.png")]
    public void Media_are_found_however_they_were_laid_out(string name, string file)
    {
        Write(file, "");
        Assert.Equal(_folder[file], new MediaIndex(_folder.Path, new Problems()).Picture(name));
    }

    [Fact]
    public void The_annotations_folders_tell_frames_of_one_name_apart()
    {
        Write("solo/abc/0012.jpg", "");
        Write("solo/def/0012.jpg", "");
        var problems = new Problems();
        Assert.Equal(_folder["solo/def/0012.jpg"], new MediaIndex(_folder.Path, problems).Picture("def/0012.jpg"));
        Assert.Empty(problems.Names);
        Assert.NotNull(new MediaIndex(_folder.Path, problems).Picture("0012.jpg"));
        Assert.Equal(1, problems["media_name_more_than_once_took_the_first"]);
    }

    [Fact]
    public void Missing_media_are_named_and_the_rest_goes_on()
    {
        Write("aaaaaaaaaaa_000001.mp4", "");
        Write("aaaaaaaaaaa_000002.jpg", "");
        var set = Read("vggss.json", """
            [{"file": "aaaaaaaaaaa_000001", "bbox": []}, {"file": "aaaaaaaaaaa_000002", "bbox": []}, {"file": "aaaaaaaaaaa_000003", "bbox": []}]
            """);
        Assert.Single(Located.Find(set, _folder.Path, moving: false));
        Assert.Equal([("picture_missing", "aaaaaaaaaaa_000003"), ("sound_missing", "aaaaaaaaaaa_000002")], Told(set));
        File.Delete(_folder["aaaaaaaaaaa_000001.mp4"]);
        Assert.Contains("none of the 3 samples", Assert.Throws<EvaluationException>(() => Located.Find(set, _folder.Path, moving: true)).Message, StringComparison.Ordinal);
    }

    private static (string, string)[] Told(Benchmark set) => [.. set.Problems.Names.SelectMany(p => p.Value.Select(n => (p.Key, n)))];

    private Benchmark Read(string file, string text)
    {
        Write(file, text);
        return BenchmarkReader.Read(_folder.Path);
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        File.WriteAllText(_folder[file], text);
    }
}
