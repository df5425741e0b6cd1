using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;
using static RealtimeSsl.Tests.Evaluation.GoldenMetricTests;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>Extended sets, segmentation and retrieval, against the peers' own code (Golden/{extended,avs,retrieval}.json).</summary>
public sealed class GoldenSetTests
{
    private const int Pixels = Conventions.Side * Conventions.Side;

    [Fact]
    public void Extended_sets_score_as_in_SLAVCs_code()
    {
        var golden = Golden.Load("extended");
        var tau = (float)golden.GetProperty("tau").GetDouble();
        var (prediction, scorer, ranks) = (new PredictionMap(Conventions.Slavc.Upsampling), new ConsensusIoU(Conventions.Slavc), new RankSelector(Pixels));
        var (map, truth) = (new float[Pixels], new float[Pixels]);
        List<ExtendedSample> samples = [];
        foreach (var sample in golden.GetProperty("samples").EnumerateArray())
        {
            var heat = sample.GetProperty("heat").EnumerateArray().SelectMany(r => r.Doubles()).Select(v => (float)v).ToArray();
            var boxes = sample.GetProperty("boxes").EnumerateArray().Select(b => b.Doubles()).Select(b => new TruthBox(b[0], b[1], b[2], b[3])).ToArray();
            prediction.Upsample(heat, 7, 7, map);
            ExtendedScores.Rescale(map, tau);
            var confidence = ExtendedScores.Confidence(map, ranks);
            PredictionMap.Stretch(map);
            TruthMap.Fill(boxes, BoxUnit.Pixel224, consensus: false, truth);
            var score = scorer.Score(map, truth);

            Near(sample, "conf", confidence, 3e-7);
            Near(sample, "npos", score.Fixed.Positive, 8);
            Near(sample, "ciou", score.Fixed.IoU, 4e-4);
            samples.Add(new ExtendedSample(confidence, score.Fixed.IoU, boxes.Length > 0));
        }

        Near(golden, "ap", ExtendedScores.AveragePrecision(samples), 1e-12);
        Near(golden, "max_f1", ExtendedScores.MaxF1(samples), 1e-12);
        Near(golden, "loc_acc_precision_at_50", ExtendedScores.LocAcc(samples), 1e-12);
        Near(golden, "f1_at_conf_0_5", ExtendedScores.At(samples, 0.5).F1, 1e-12);
        var thresholds = ExtendedScores.F1Thresholds(samples);
        foreach (var (i, expected) in golden.GetProperty("f1_thresholds").Doubles().Index())
        {
            Assert.Equal(expected, thresholds[i], 3e-7);
            Assert.Equal(golden.GetProperty("f1_curve")[i].GetDouble(), ExtendedScores.At(samples, thresholds[i]).F1, 1e-12);
        }

        var stats = golden.GetProperty("stats");
        var visible = samples.Where(s => s.Sounds).ToArray();
        Near(stats, "AP-visible@50", ExtendedScores.AveragePrecision(visible), 1e-12);
        Near(stats, "AUC-visible@50", SuccessCurve.Of([.. visible.Select(s => s.IoU)]).Auc, 1e-12);
        Near(stats, "Precision-visible@50", SuccessCurve.Share([.. visible.Select(s => s.IoU)], 0.5), 1e-12);
    }

    [Fact]
    public void Masks_score_as_in_AVSBenchs_and_ACL_SSLs_code()
    {
        var golden = Golden.Load("avs");
        var logits = golden.GetProperty("pred").EnumerateArray().Select(m => Flat(m).Select(v => (float)v).ToArray()).ToArray();
        var maps = logits.Select(m => m.Select(v => 1 / (1 + MathF.Exp(-v))).ToArray()).ToArray();
        var truths = golden.GetProperty("gt").EnumerateArray()
            .Select(m => m.EnumerateArray().SelectMany(r => r.GetString()!.Select(c => c == '0' ? 0f : 1f)).ToArray()).ToArray();

        var avs = new Segmentation();
        var (median, fixedAt) = (new Segmentation(), new Segmentation());
        foreach (var (map, truth) in maps.Zip(truths))
        {
            avs.Add(map, truth);
            fixedAt.Add(map, truth);
            var ranks = new RankSelector(map.Length);
            ranks.Load(map);
            median.Add(map, truth, ranks.At(map, map.Length / 2));
        }

        Check(avs, golden, "per_image_iou", "F_max");
        Check(fixedAt, golden.GetProperty("acl_thr05"), "per_image", "F");
        Check(median, golden.GetProperty("acl_median"), "per_image", "F");

        static void Check(Segmentation actual, JsonElement expected, string ious, string f)
        {
            Assert.Equal(expected.GetProperty(ious).Doubles(), actual.IoUs, (a, b) => Math.Abs(a - b) < 1e-6);
            Near(expected, "mIoU", actual.MeanIoU, 1e-6);
            Near(expected, f, actual.F, 1e-6);
        }
    }

    [Fact]
    public void AVSBenchs_batches_change_the_result_only_where_asked_for()
    {
        float[][] maps = [[1, 1, 0, 0], [0.9f, 0, 0, 0], [0, 0, 0, 0.6f]];
        float[][] truths = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]];
        var (whole, pairs) = (new Segmentation(), new Segmentation(batch: 2));
        foreach (var (map, truth) in maps.Zip(truths))
        {
            whole.Add(map, truth);
            pairs.Add(map, truth);
        }

        Assert.Equal((0.5 + 1 + 1) / 3, whole.MeanIoU, 1e-6);
        Assert.Equal((0.75 + 1) / 2, pairs.MeanIoU, 1e-6);
        Assert.True(pairs.F > whole.F);
    }

    [Fact]
    public void Retrieval_hits_as_in_the_authors_code()
    {
        var golden = Golden.Load("retrieval");
        var labels = golden.GetProperty("labels").EnumerateArray().Select(l => l.ToString()).ToArray();
        var (image, audio) = (Vectors("image"), Vectors("audio"));
        Check("A2I", Retrieval.Of(audio, image, labels));
        Check("I2A", Retrieval.Of(image, audio, labels));

        float[][] Vectors(string key) => [.. golden.GetProperty(key).EnumerateArray().Select(v => v.Doubles().Select(x => (float)x).ToArray())];

        void Check(string key, Retrieval actual)
        {
            Near(golden.GetProperty(key), "R1", actual.R1, 1e-15);
            Near(golden.GetProperty(key), "R5", actual.R5, 1e-15);
            Near(golden.GetProperty(key), "R10", actual.R10, 1e-15);
        }
    }

    private static IEnumerable<double> Flat(JsonElement map) =>
        map[0].ValueKind == JsonValueKind.Array ? map.EnumerateArray().SelectMany(r => r.Doubles()) : map.Doubles();
}
