using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Data.Loading;

namespace RealtimeSsl.Tests.Training.Data;

/// <summary>What a network is fed depends on the seed and on where in the run it is, and on nothing else.</summary>
public sealed class LoaderTests : IDisposable
{
    private static readonly ImageFrontEnd Image = ImageFrontEnds.SslAlign with { Width = 32, Height = 32 };
    private static readonly AudioFrontEnd Audio = AudioFrontEnds.EzVsl with { Columns = 20 };
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly DataFixture _data = new();
    private readonly CachedClips _set;

    public LoaderTests()
    {
        _data.File("a.mp4");
        _data.File("b.mp4");
        _set = _data.Load(_data.List());
    }

    public void Dispose() => _data.Dispose();

    private static Neighbours Ring(int count)
    {
        // Points on a circle: neighbours are those beside it.
        var points = Enumerable.Range(0, count).SelectMany(i => new[] { MathF.Cos(6.28318f * i / count), MathF.Sin(6.28318f * i / count) });
        return Neighbours.Of(points.ToArray(), 2, 2);
    }

    private static ViewPlan[] Plans()
    {
        var ring = Ring(20);
        return
        [
            ViewPlans.Plain(Image, Audio), ViewPlans.Standard(Image, Audio), ViewPlans.Fnac(Image, Audio), ViewPlans.SslAlign(Image, Audio, ring, ring),
            ViewPlans.HardPos(Image, Audio, ring, ring), ViewPlans.SslTie(Image, Audio, mixChance: 0.5, sounds: ring), ViewPlans.Sspl(Image, Audio),
            ViewPlans.Spm(Image, Audio, 'A'), ViewPlans.Spm(Image, Audio, 'B', ring), ViewPlans.Spm(Image, Audio, 'C', ring),
        ];
    }

    public static TheoryData<string> PlanNames => [.. Plans().Select(p => p.Id)];

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void Batches_are_the_same_whatever_the_threads_and_wherever_a_run_goes_on(string plan)
    {
        var views = Plans().Single(p => p.Id == plan);
        var one = Hashes(views, threads: 1, epoch: 3);
        Assert.Equal(one, Hashes(views, threads: 4, epoch: 3));
        Assert.Equal(one[3..], Hashes(views, threads: 3, epoch: 3, from: 3));
        Assert.Equal(views.Training, !one.SequenceEqual(Hashes(views, threads: 2, epoch: 4)));
        Assert.Equal(one.Length, one.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void Every_plan_fills_every_view_with_numbers_that_differ(string plan)
    {
        using var loader = new BatchLoader(_set, Plans().Single(p => p.Id == plan), 4, 5);
        foreach (var batch in loader.Epoch(0, 0, Token))
        {
            using (batch)
            {
                foreach (var view in batch.Pictures.Concat(batch.Sounds))
                {
                    Assert.All(view, v => Assert.True(float.IsFinite(v)));
                    for (var i = 0; i < batch.Size; i++)
                    {
                        Assert.Contains(view.Skip(i * view.Length / 4).Take(view.Length / 4), v => v != 0);
                    }
                }
            }
        }
    }

    [Fact]
    public void An_epoch_shows_each_pair_once_in_an_order_of_its_own()
    {
        using var loader = new BatchLoader(_set, ViewPlans.Standard(Image, Audio), 5, 1);
        var first = loader.Epoch(0, 0, Token).SelectMany(Taken).ToArray();
        Assert.Equal(Enumerable.Range(0, 20), first.Order());
        Assert.NotEqual(Enumerable.Range(0, 20), first);
        Assert.NotEqual(first, loader.Epoch(1, 0, Token).SelectMany(Taken));
    }

    [Fact]
    public void Validation_shows_all_pairs_and_fills_up_the_last_batch()
    {
        using var loader = new BatchLoader(_set, ViewPlans.Plain(Image, Audio), 8, 1);
        var batches = loader.Epoch(0, 0, Token).Select(b => (Taken(b), b.Fresh)).ToArray();
        Assert.Equal([8, 8, 4], batches.Select(b => b.Fresh));
        Assert.Equal(Enumerable.Range(0, 20), batches.SelectMany(b => b.Item1.Take(b.Fresh)));
    }

    [Fact]
    public void Plain_views_are_what_the_engine_would_feed()
    {
        using var loader = new BatchLoader(_set, ViewPlans.Plain(Image, Audio), 20, 1);
        using var batch = loader.Epoch(0, 0, Token).Single();
        Assert.Equal((20 / 255f - 0.485f) / 0.229f, batch.Pictures[0][0], 1e-5f);
        var window = new float[SoundBench.Samples(Audio)];
        _set.ReadSound(batch.Pairs[7].Sound, 0, window);
        Assert.Equal(Audio.Analyze(window).Values, batch.Sounds[0].AsSpan(7 * Audio.Rows * 20, Audio.Rows * 20).ToArray());
    }

    [Fact]
    public void A_loader_that_is_left_in_the_middle_can_be_used_again()
    {
        using var loader = new BatchLoader(_set, ViewPlans.Standard(Image, Audio), 4, 1, threads: 3);
        using (var batch = loader.Epoch(0, 0, Token).First())
        {
            Assert.Equal(0, batch.Step);
        }

        Assert.Equal([0, 1, 2, 3, 4], loader.Epoch(0, 0, Token).Select(b => (b.Step, Taken(b)).Step));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Epoch(0, 0, stop.Token).Count());
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        Assert.Contains("22050", Assert.Throws<TrainingDataException>(() => Make(ViewPlans.Plain(Image, AudioFrontEnds.HearTheFlow))).Message, StringComparison.Ordinal);
        Assert.Contains("another set", Assert.Throws<TrainingDataException>(() => Make(ViewPlans.HardPos(Image, Audio, Ring(9), Ring(20)))).Message, StringComparison.Ordinal);
        Assert.Contains("need neighbours", Assert.Throws<TrainingDataException>(() => Make(ViewPlans.Spm(Image, Audio, 'B'))).Message, StringComparison.Ordinal);
        Assert.Contains("do not fill one batch", Assert.Throws<TrainingDataException>(() => Make(ViewPlans.Standard(Image, Audio)).Epoch(0, 0, Token).Count()).Message, StringComparison.Ordinal);

        BatchLoader Make(ViewPlan plan) => new(_set, plan, 21, 1);
    }

    private static int[] Taken(Batch batch)
    {
        using (batch)
        {
            return [.. batch.Indices];
        }
    }

    private ulong[] Hashes(ViewPlan plan, int threads, int epoch, int from = 0)
    {
        using var loader = new BatchLoader(_set, plan, 4, 99, threads);
        return [.. loader.Epoch(epoch, from, Token).Select(Hash)];
    }

    private static ulong Hash(Batch batch)
    {
        using (batch)
        {
            var hash = (ulong)batch.Step;
            foreach (var value in batch.Pictures.Concat(batch.Sounds).Append(batch.Warps).SelectMany(v => v))
            {
                hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211UL;
            }

            return hash ^ (batch.HalfSize ? 1UL : 0);
        }
    }
}
