using System.Text.Json;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.TwoStream;

/// <summary>The mix of a heard map and an object map against what SSLalign's evaluation makes of them (Golden/ogl.json), and by hand.</summary>
public sealed class ObjectFusionTests
{
    private const int Side = 224;

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, Golden.Load("ogl").GetProperty("samples").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Enlarged_maps_are_mixed_as_the_published_evaluation_does(int number)
    {
        var golden = Golden.Load("ogl");
        var sample = golden.GetProperty("samples")[number];
        var mix = Enlarge(sample.GetProperty("heard"));
        var objects = Enlarge(sample.GetProperty("objects"));

        new ObjectFusion(new ObjectGuidance(golden.GetProperty("alpha").GetSingle(), MinMax: true)).Mix(mix, objects);

        Assert.Equal((Number("pred_min"), Number("pred_max")), (mix.Min(), mix.Max()));
        var truth = Truth(sample.GetProperty("boxes_px"));
        var sorted = mix.Order().ToArray();
        Agree("thr", "npos", "ciou", sorted[Side * Side / 2]);
        Agree("thr_adap", "npos_adap", "ciou_adap", sorted[Side * Side - truth.Count(t => t)]);

        // Pixels above the threshold; as many sorted values are equal to it as the enlarged maps have ties.
        void Agree(string limit, string count, string ciou, float threshold)
        {
            Assert.Equal(Number(limit), threshold, 1e-6);
            var positive = mix.Select(p => p > threshold).ToArray();
            Assert.InRange(positive.Count(p => p) - Number(count), -8, 8);
            var both = positive.Zip(truth).Count(p => p.First && p.Second);
            var wrong = positive.Zip(truth).Count(p => p.First && !p.Second);
            Assert.Equal(Number(ciou), both / (double)(truth.Count(t => t) + wrong), 4e-4);
        }

        double Number(string key) => sample.GetProperty(key).GetDouble();
    }

    [Fact]
    public void On_fixed_scales_a_cosine_is_read_from_minus_one_and_an_object_up_to_two_and_a_half()
    {
        var fusion = new ObjectFusion(new ObjectGuidance(0.9f, MinMax: false), temperature: 0.03f);
        float[] heard = [-1 / 0.03f, 0, 1 / 0.03f], objects = [2.5f, 1.25f, 0];

        fusion.Mix(heard, objects);

        Assert.Equal([0.1f, 0.5f, 0.9f], heard, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(0.9 * 0.7 + 0.1 * 0.6, fusion.Threshold(0.4f / 0.03f, 1.5f), 1e-6);
    }

    [Fact]
    public void An_even_map_adds_nothing()
    {
        var fusion = new ObjectFusion(new ObjectGuidance(0.4f, MinMax: true));
        float[] heard = [3, 3, 3], objects = [1, 2, 3];

        fusion.Mix(heard, objects);
        Assert.Equal([0, 0.5f, 1], heard);

        float[] silent = [3, 3], plain = [7, 7];
        fusion.Mix(silent, plain);
        Assert.Equal([0, 0], silent);
    }

    private static float[] Enlarge(JsonElement map)
    {
        var rows = map.EnumerateArray().Select(r => r.Doubles()).ToArray();
        var enlarged = new float[Side * Side];
        new SeparableResize(rows.Length, rows.Length, Side, Side, ResizeKind.Linear).Apply([.. rows.SelectMany(r => r).Select(v => (float)v)], enlarged);
        return enlarged;
    }

    private static bool[] Truth(JsonElement boxes)
    {
        var truth = new bool[Side * Side];
        foreach (var box in boxes.EnumerateArray().Select(b => b.Doubles()))
        {
            for (var y = (int)box[1]; y < box[3]; y++)
            {
                truth.AsSpan(y * Side + (int)box[0], (int)(box[2] - box[0])).Fill(true);
            }
        }

        return truth;
    }
}
