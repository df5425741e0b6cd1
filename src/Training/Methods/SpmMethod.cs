using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Augment;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Methods;

/// <summary>
/// SPM, sound promotion (Li, Zhao and Zhang, "Self-supervised sound promotion method of sound localization from video", Electronics 2023, Algorithm 1):
/// the sounds' embeddings are clustered, the sound's trunk learns to tell the clusters apart, is frozen, and then the picture's is trained alone. Its
/// localisation is its baseline's (DSOL): correspondence of the best cell of sigmoid((cosine - e) / t), equation 4; e and t are not in the paper and
/// taken from LVS.
/// </summary>
public sealed class SpmMethod : AvNetMethod
{
    private const int MostRounds = 100;
    private const double LearningRate = 1e-4;
    private readonly (Tensor Gain, Tensor Shift) _mask;

    /// <summary>Makes it, the sound's trunk frozen.</summary>
    public SpmMethod(MethodOptions options) : base(options)
    {
        using var scope = NewDisposeScope();
        _mask = (tensor(1 / LvsLoss.Softness, ScalarType.Float32).DetachFromDisposeScope(),
            tensor(-LvsLoss.Positive / LvsLoss.Softness, ScalarType.Float32).DetachFromDisposeScope());
        Freeze(true);
    }

    /// <inheritdoc/>
    public override string Id => "spm";

    /// <inheritdoc/>
    public override bool Prepares => true;

    /// <inheritdoc/>
    public override bool TakesNeighbours => Options.SpmViews != SpmViews.A;

    /// <summary>Its augmentation A, B or C; A where no neighbours of the sounds are known.</summary>
    public override ViewPlan Views(ImageFrontEnd image, AudioFrontEnd audio, Neighbours? pictures, Neighbours? sounds) =>
        ViewPlans.Spm(image, audio, sounds is null ? 'A' : Options.SpmViews.ToString()[0], sounds);

    /// <summary>Steps 1 and 2 of Algorithm 1: clusters the sounds, teaches the sound's trunk the clusters.</summary>
    public override void Prepare(Func<IEnumerable<Tensor>> sounds, ILog log, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        var labels = Cluster(Embeddings(sounds, stop), log, stop);
        using var classifier = nn.Linear(8 * Options.Width, Options.Clusters, device: Trunks.Sound.parameters().First().device);
        Freeze(false);
        using var optimizer = optim.Adam([.. Trunks.Sound.parameters(), .. classifier.parameters()], LearningRate);
        Network.train();
        for (var epoch = 0; epoch < Options.ClusterEpochs; epoch++)
        {
            var (first, loss, right) = (0L, 0.0, 0L);
            foreach (var batch in sounds())
            {
                stop.ThrowIfCancellationRequested();
                using var step = NewDisposeScope();
                var wanted = labels.narrow(0, first, batch.shape[0]).to(batch.device);
                var scores = classifier.call(Similarity.Full(Trunks.SoundVector(batch)));
                var cost = nn.functional.cross_entropy(scores, wanted);
                optimizer.zero_grad();
                cost.backward();
                optimizer.step();
                first += batch.shape[0];
                loss += cost.item<float>() * batch.shape[0];
                right += scores.argmax(1).eq(wanted).sum().item<long>();
            }

            log.Info(FormattableString.Invariant($"spm: sounds, epoch {epoch + 1} of {Options.ClusterEpochs}: loss {loss / first:0.000}, cluster told {(double)right / first:0%}"));
        }

        Freeze(true);
    }

    /// <inheritdoc/>
    public override StepLoss Loss(StepInput input)
    {
        // Frozen with its statistics.
        Trunks.Sound.eval();
        var (v, a) = Features(input.Pictures[0], input.Sounds[0]);
        return StepLoss.Of(("correspondence", CorrespondenceLoss.Of(v, a, _mask.Gain.to(v.device), _mask.Shift.to(v.device))));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _mask.Gain.Dispose();
        _mask.Shift.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>k-means on the sphere: each to the centroid of the largest product (equation 6), until nothing changes. Returns the clusters [n].</summary>
    internal Tensor Cluster(Tensor embeddings, ILog log, CancellationToken stop)
    {
        var count = embeddings.shape[0];
        if (count < Options.Clusters)
        {
            throw new TrainingDataException($"spm: {count} sounds are too few for {Options.Clusters} clusters: take fewer clusters, or more data");
        }

        using var scope = NewDisposeScope();
        var centroids = embeddings.index_select(0, randperm(count).narrow(0, 0, Options.Clusters));
        var labels = full(count, -1L, ScalarType.Int64);
        for (var round = 0; round < MostRounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            var nearest = embeddings.matmul(centroids.t()).argmax(1);
            if (nearest.eq(labels).all().item<bool>())
            {
                break;
            }

            labels = nearest;
            var members = nn.functional.one_hot(labels, Options.Clusters).to_type(embeddings.dtype);
            var sums = members.t().matmul(embeddings);

            // An empty cluster stays where it is.
            centroids = where(members.sum([0L]).gt(0).unsqueeze(1), Similarity.Unit(sums), centroids);
        }

        var sizes = labels.bincount(null, Options.Clusters);
        log.Info($"spm: {count} sounds in {Options.Clusters} clusters of {sizes.min().item<long>()} to {sizes.max().item<long>()}");
        return labels.MoveToOuterDisposeScope();
    }

    private Tensor Embeddings(Func<IEnumerable<Tensor>> sounds, CancellationToken stop)
    {
        var all = new List<Tensor>();
        foreach (var batch in sounds())
        {
            stop.ThrowIfCancellationRequested();
            all.Add(Evaluated(() => Heard(batch).cpu()));
        }

        return cat(all);
    }

    private void Freeze(bool frozen)
    {
        foreach (var parameter in Trunks.Sound.parameters())
        {
            parameter.requires_grad = !frozen;
        }
    }
}
