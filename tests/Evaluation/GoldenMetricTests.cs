using System.Text.Json;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Evaluation;

/// <summary>The peers' own evaluators gave these numbers (Golden/metrics.json): a map of theirs scores the same here, in every variant.</summary>
public sealed class GoldenMetricTests
{
    private const int Pixels = Conventions.Side * Conventions.Side;
    private static readonly JsonElement Expected = Golden.Load("metrics");

    public static TheoryData<string> Sets => [.. Expected.GetProperty("sets").EnumerateArray().Select(s => s.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Each_map_scores_as_in_the_peers_code(string id)
    {
        var set = Set(id);
        var scorer = new ConsensusIoU(Conventions.SslAlign);
        var prediction = new PredictionMap(Upsampling(set));
        var (map, truth) = (new float[Pixels], new float[Pixels]);
        foreach (var (heat, boxes, sample) in Samples(set))
        {
            prediction.Fill(heat.Values, heat.Side, heat.Side, map);
            boxes(truth);
            var score = scorer.Score(map, truth);

            Near(sample, "pred_min", map.Min(), 3e-7);
            Near(sample, "pred_max", map.Max(), 3e-7);
            Near(sample, "gt_sum", score.TruthSum, 0);
            Near(sample, "gt_nonzero", score.TruthArea, 0);
            Near(sample, "thr", score.Fixed.Threshold, 3e-7);
            Near(sample, "npos", score.Fixed.Positive, 8);
            Near(sample, "inter", score.Fixed.Intersection, 8);
            Near(sample, "union", score.Fixed.Union, 8);
            Near(sample, "ciou", score.Fixed.IoU, 4e-4);
            Near(sample, "thr_adap", score.Adaptive.Threshold, 3e-7);
            Near(sample, "npos_adap", score.Adaptive.Positive, 8);
            Near(sample, "ciou_adap", score.Adaptive.IoU, 4e-4);
            if (sample.TryGetProperty("pred_probe", out var probes))
            {
                Assert.All(probes.EnumerateArray(), p => Assert.Equal(p[2].GetDouble(), map[p[0].GetInt32() * Conventions.Side + p[1].GetInt32()], 1e-6));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Each_set_has_exactly_the_peers_totals(string id)
    {
        var set = Set(id);
        var scores = Score(set, Conventions.SslAlign);
        var names = set.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("name").GetString()!).ToArray();
        Assert.Equal(set.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("group").GetString()), names.Select(Conventions.GroupOf));

        var expected = set.GetProperty("summary");
        foreach (var (suffix, ious) in new[] { ("", scores.Select(s => s.Fixed.IoU).ToArray()), ("_adap", [.. scores.Select(s => s.Adaptive.IoU)]) })
        {
            var interaction = Interaction.Of(names.Select(Conventions.GroupOf).Zip(ious));
            Near(expected, "cIoU" + suffix, SuccessCurve.Share(ious, 0.5), 1e-15);
            Near(expected, "AUC" + suffix, SuccessCurve.Of(ious).Auc, 1e-15);
            Near(expected, "IIoU" + suffix, interaction.IIoU, 1e-15);
            Near(expected, "IAUC" + suffix, interaction.IAuc, 1e-15);
        }

        Near(expected, "mean_ciou", scores.Average(s => s.Fixed.IoU), 2e-5);
    }

    [Fact]
    public void The_variants_at_least_and_LVS()
    {
        var variants = Expected.GetProperty("variants_on_vggss14_cv2");
        var atLeast = Score(Set("vggss14_cv2"), Conventions.SslAlign with { Comparison = Comparison.AtLeast });
        var lvs = Score(Set("vggss14_cv2"), Conventions.Lvs);
        foreach (var (i, row) in variants.GetProperty("rows").EnumerateArray().Index())
        {
            Near(row, "ciou_ge", atLeast[i].Fixed.IoU, 4e-4);
            Near(row, "npos_ge", atLeast[i].Fixed.Positive, 8);
            Near(row, "ciou_lvs_original", lvs[i].Fixed.IoU, 4e-4);
            Near(row, "npos_lvs_original", lvs[i].Fixed.Positive, 8);
        }

        var ious = atLeast.Select(s => s.Fixed.IoU).ToArray();
        Near(variants, "ez_AP50", SuccessCurve.Share(ious, 0.5), 1e-15);
        Near(variants, "ez_mean_cIoU", ious.Average(), 2e-5);
        Near(variants, "ez_AUC", SuccessCurve.Of(ious).Auc, 1e-15);
    }

    [Fact]
    public void Object_guided_maps_score_as_in_the_peers_code()
    {
        var ogl = Expected.GetProperty("ogl_on_vggss14_cv2");
        var prediction = new PredictionMap(HeatmapUpsampling.CvLinear);
        var scorer = new ConsensusIoU(Conventions.SslAlign);
        var (heard, seen, fused, truth) = (new float[Pixels], new float[Pixels], new float[Pixels], new float[Pixels]);
        var rows = ogl.GetProperty("rows").EnumerateArray().ToArray();
        Assert.NotEmpty(rows);
        foreach (var ((heat, boxes, _), row) in Samples(Set("vggss14_cv2")).Zip(rows))
        {
            prediction.Fill(heat.Values, heat.Side, heat.Side, heard);
            var objects = Map(row.GetProperty("obj_heat"));
            prediction.Fill(objects.Values, objects.Side, objects.Side, seen);
            PredictionMap.Fuse(heard, seen, (float)ogl.GetProperty("alpha").GetDouble(), fused);
            boxes(truth);
            var score = scorer.Score(fused, truth);

            Near(row, "thr", score.Fixed.Threshold, 3e-7);
            Near(row, "ciou", score.Fixed.IoU, 4e-4);
            Near(row, "inter", score.Fixed.Intersection, 8);
            Near(row, "union", score.Fixed.Union, 8);
            Near(row, "thr_adap", score.Adaptive.Threshold, 3e-7);
            Near(row, "ciou_adap", score.Adaptive.IoU, 4e-4);
        }
    }

    private static SampleScore[] Score(JsonElement set, Conventions conventions)
    {
        var scorer = new ConsensusIoU(conventions);
        var prediction = new PredictionMap(Upsampling(set));
        var (map, truth) = (new float[Pixels], new float[Pixels]);
        return [.. Samples(set).Select(s =>
        {
            prediction.Fill(s.Heat.Values, s.Heat.Side, s.Heat.Side, map);
            s.Fill(truth);
            return scorer.Score(map, truth);
        })];
    }

    private static JsonElement Set(string id) => Expected.GetProperty("sets").EnumerateArray().Single(s => s.GetProperty("id").GetString() == id);

    private static HeatmapUpsampling Upsampling(JsonElement set) =>
        set.GetProperty("how").GetString() == "lvs_cv2" ? HeatmapUpsampling.CvLinear : HeatmapUpsampling.BilinearAligned;

    private static IEnumerable<((float[] Values, int Side) Heat, Action<float[]> Fill, JsonElement Sample)> Samples(JsonElement set)
    {
        var inputs = set.TryGetProperty("heat_from", out var from) ? Set(from.GetString()!) : set;
        foreach (var (sample, input) in set.GetProperty("samples").EnumerateArray().Zip(inputs.GetProperty("samples").EnumerateArray()))
        {
            var (boxes, unit, consensus) = set.GetProperty("gt_format").GetString() switch
            {
                "vggss" => (input.GetProperty("boxes"), BoxUnit.Fraction, false),
                "flickr" => (input.GetProperty("boxes_256"), BoxUnit.Pixel256, true),
                _ => (JsonSerializer.SerializeToElement(new[] { input.GetProperty("box") }), BoxUnit.Pixel224, false),
            };
            var parsed = boxes.EnumerateArray().Select(b => b.Doubles()).Select(b => new TruthBox(b[0], b[1], b[2], b[3])).ToArray();
            yield return (Map(input.GetProperty("heat")), map => TruthMap.Fill(parsed, unit, consensus, map), sample);
        }
    }

    private static (float[] Values, int Side) Map(JsonElement rows)
    {
        // A map comes as rows, or as one list of a square's values.
        var values = rows[0].ValueKind == JsonValueKind.Array
            ? rows.EnumerateArray().SelectMany(r => r.Doubles()).Select(v => (float)v).ToArray()
            : [.. rows.Doubles().Select(v => (float)v)];
        return (values, (int)Math.Sqrt(values.Length));
    }

    /// <summary>Null in the file is not a number.</summary>
    internal static void Near(JsonElement expected, string key, double actual, double tolerance)
    {
        var value = expected.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Null)
        {
            Assert.True(double.IsNaN(actual), $"{key} is {actual}, not a number was expected");
        }
        else
        {
            Assert.True(Math.Abs(actual - value.GetDouble()) <= tolerance, $"{key} is {actual}, {value.GetDouble()} was expected");
        }
    }
}
