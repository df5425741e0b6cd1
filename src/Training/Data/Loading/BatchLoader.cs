using System.Collections.Concurrent;
using RealtimeSsl.Training.Augment;

namespace RealtimeSsl.Training.Data.Loading;

/// <summary>
/// Reads, augments and analyses beside the network: a few batches are always on their way, and they come out in order. What is in a batch is a pure
/// function of (seed, epoch, step), whatever the number of threads; a run can begin at any step of any epoch.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly IClipSet _set;
    private readonly ViewPlan _plan;
    private readonly int _size;
    private readonly long _seed;
    private readonly int _threads;
    private readonly Dictionary<string, int> _classes;
    private readonly ConcurrentBag<Batch> _idle = [];
    private readonly ConcurrentBag<(PictureBench Picture, SoundBench Sound)> _benches = [];

    /// <summary>Makes a loader.</summary>
    /// <param name="set">What to read.</param>
    /// <param name="plan">What to show of it.</param>
    /// <param name="size">Pairs in a batch.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="threads">Batches that are made at the same time.</param>
    /// <exception cref="TrainingDataException">Set and plan do not fit together.</exception>
    public BatchLoader(IClipSet set, ViewPlan plan, int size, long seed, int threads = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_set, _plan, _size, _seed, _threads) = (set, plan, size, seed, threads);
        _classes = set.Classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);
        Require(set.Rate == plan.Audio.Rate, $"{set.Name} is kept at {set.Rate} Hz and '{plan.Audio.Id}' hears {plan.Audio.Rate}");
        Require(plan.Warp is null || plan.Image.Width == plan.Image.Height, "warps need a square picture");
        Require(plan.Motion is null || plan.Pictures[0].Of == ViewOf.Own, "motion is that of the pair's own picture");
        Require(plan.SimilarPictures is null || plan.SimilarPictures.Count == set.Pictures, "the neighbours of the pictures are those of another set");
        Require(plan.SimilarSounds is null || plan.SimilarSounds.Count == set.Sounds, "the neighbours of the sounds are those of another set");
        Require(
            (plan.SimilarPictures is not null || plan.Pictures.All(v => v.Of is ViewOf.Own or ViewOf.Sibling))
            && (plan.SimilarSounds is not null || plan.Sounds.All(v => v.Of is ViewOf.Own)),
            $"the views of '{plan.Id}' need neighbours");
    }

    /// <summary>Batches of an epoch.</summary>
    public int Steps => new EpochOrder(_set.Count, _size, _seed, 0, _plan.Training).Steps;

    /// <summary>The batches of an epoch, each to be disposed before long: no more than a few are made ahead.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="fromStep">The first step: where a run that is resumed goes on.</param>
    /// <param name="token">Gives up.</param>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0, CancellationToken token = default)
    {
        var order = new EpochOrder(_set.Count, _size, _seed, epoch, _plan.Training);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var coming = new Queue<Task<Batch>>();
        var next = fromStep;
        try
        {
            while (next < order.Steps || coming.Count > 0)
            {
                for (; next < order.Steps && coming.Count < _threads; next++)
                {
                    var step = next;
                    coming.Enqueue(Task.Run(() => Make(order, epoch, step, stop.Token), stop.Token));
                }

                yield return Wait(coming.Dequeue(), token);
            }
        }
        finally
        {
            stop.Cancel();
            foreach (var task in coming)
            {
                // Left in the middle of the epoch: what was made in vain goes back, once it is finished.
                task.ContinueWith(t => t.GetAwaiter().GetResult().Dispose(), default, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (picture, _) in _benches)
        {
            picture.Dispose();
        }

        _benches.Clear();
    }

    private static Batch Wait(Task<Batch> task, CancellationToken token)
    {
        while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(Patience))
        {
            token.ThrowIfCancellationRequested();
        }

        return task.GetAwaiter().GetResult();
    }

    private static void Require(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new TrainingDataException(complaint);
        }
    }

    private Batch Make(EpochOrder order, int epoch, int step, CancellationToken token)
    {
        var batch = (_idle.TryTake(out var idle) ? idle : new Batch(_plan, _size, _idle.Add)).Lend();
        (batch.Epoch, batch.Step, batch.Fresh) = (epoch, step, order.Fill(step, batch.Indices));

        // Validation looks the same each time.
        var drawn = _plan.Training ? epoch : 0;
        var perBatch = SeededRandom.At(_seed, 1, drawn, step);
        batch.HalfSize = _plan.Warp is not null && perBatch.Chance(0.5);
        var mirrored = perBatch.Chance(0.5);
        var bench = _benches.TryTake(out var free) ? free : (new PictureBench(_plan.Image), new SoundBench(_plan.Audio));
        try
        {
            for (var i = 0; i < _size; i++)
            {
                token.ThrowIfCancellationRequested();
                var random = SeededRandom.At(_seed, 2, drawn, batch.Indices[i]);
                batch.Pairs[i] = _set.Pair(batch.Indices[i], ref random);
                batch.Infos[i] = _set.Describe(batch.Pairs[i]);
                batch.Labels[i] = batch.Infos[i].Class is { } name && _classes.TryGetValue(name, out var label) ? label : -1;
                See(batch, i, drawn, mirrored, bench.Item1);
                Hear(batch, i, drawn, bench.Item2);
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            _benches.Add(bench);
        }
    }

    private void See(Batch batch, int i, int epoch, bool mirrored, PictureBench bench)
    {
        var length = _plan.Image.Length;
        for (var v = 0; v < _plan.Pictures.Count; v++)
        {
            var view = _plan.Pictures[v];
            var random = SeededRandom.At(_seed, 3 + 2 * v, epoch, batch.Indices[i]);
            var own = batch.Pairs[i].Picture;
            _set.ReadPicture(
                view.Of switch
                {
                    ViewOf.Sibling => _set.SiblingOf(own, ref random),
                    ViewOf.Similar => _plan.SimilarPictures!.Draw(own, ref random),
                    ViewOf.Nearest => _plan.SimilarPictures![own][0],
                    _ => own,
                },
                bench.Picture);
            var tensor = batch.Pictures[v].AsSpan(i * length, length);
            var motion = v == 0 ? _plan.Motion : null;
            bench.Rest();
            if (motion is not null)
            {
                bench.Move(into => _set.ReadMotion(own, into));
            }

            foreach (var op in view.Ops)
            {
                op(bench, ref random);
            }

            if (view.Ops.Count == 0)
            {
                bench.AsFrame(tensor);
            }
            else
            {
                bench.Normalise(tensor);
            }

            if (motion is not null)
            {
                var floats = batch.Motions.Length / _size;
                bench.FillMotion(motion, batch.Motions.AsSpan(i * floats, floats));
            }

            if (v == 0 && _plan.Warp is { } warp)
            {
                var theta = batch.Warps.AsSpan(i * 6, 6);
                Warp.Matrix(random.Uniform(-warp.MostDegrees, warp.MostDegrees), mirrored, theta);
                Warp.Apply(bench, theta);
                bench.Normalise(batch.Pictures[^1].AsSpan(i * length, length));
            }
        }
    }

    private void Hear(Batch batch, int i, int epoch, SoundBench bench)
    {
        var length = _plan.Audio.Rows * _plan.Audio.Columns;
        for (var v = 0; v < _plan.Sounds.Count; v++)
        {
            var view = _plan.Sounds[v];
            var random = SeededRandom.At(_seed, 4 + 2 * v, epoch, batch.Indices[i]);
            var own = batch.Pairs[i].Sound;
            var sound = view.Of switch
            {
                ViewOf.Similar => _plan.SimilarSounds!.Draw(own, ref random),
                ViewOf.Nearest => _plan.SimilarSounds![own][0],
                _ => own,
            };
            int? mixed = view.Recipe.MixChance <= 0 ? null
                : _plan.SimilarSounds is { } similar ? similar.Draw(sound, ref random)
                : _set.Sounds > 0 ? random.Below(_set.Sounds) : null;
            bench.Read(_set, sound, mixed, view.Recipe, ref random);
            var tensor = batch.Sounds[v].AsSpan(i * length, length);
            bench.Analyze(tensor);
            view.Recipe.Mask?.Apply(tensor, _plan.Audio.Rows, _plan.Audio.Columns, ref random);
        }
    }
}
