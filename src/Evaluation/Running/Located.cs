using RealtimeSsl.Evaluation.Benchmarks;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>A sample whose media were found.</summary>
/// <param name="Index">In its set.</param>
/// <param name="Sample">As annotated.</param>
/// <param name="Picture">File of the picture, or the video.</param>
/// <param name="Sound">File of the sound, or the video.</param>
public sealed record Located(int Index, BenchmarkSample Sample, string Picture, string Sound)
{
    /// <summary>Second of the sound that belongs to the annotated moment; null: its middle.</summary>
    public double? SoundAt => Picture == Sound ? Sample.At : null;

    /// <summary>Finds the media of a set; what is missing is told by name, and the rest is evaluated.</summary>
    /// <param name="benchmark">The set.</param>
    /// <param name="root">Folder of the media.</param>
    /// <param name="moving">Whether the method needs videos.</param>
    /// <exception cref="EvaluationException">There are none at all.</exception>
    public static IReadOnlyList<Located> Find(Benchmark benchmark, string root, bool moving)
    {
        var (index, problems) = (new MediaIndex(root, benchmark.Problems), benchmark.Problems);
        var found = new List<Located>();
        foreach (var (i, sample) in benchmark.Samples.Index())
        {
            var (picture, sound) = (moving ? index.Video(sample.Picture) : index.Picture(sample.Picture), index.Sound(sample.Sound));
            if (picture is null || sound is null)
            {
                problems.Add(picture is not null ? "sound_missing" : moving && index.Picture(sample.Picture) is not null ? "video_missing_only_a_picture" : "picture_missing", sample.Name);
                continue;
            }

            found.Add(new Located(i, sample, picture, sound));
        }

        return found.Count > 0
            ? found
            : throw new EvaluationException(
                $"{root}: none of the {benchmark.Samples.Count} samples of {benchmark.Source} has its media there ({string.Join("; ", problems.Lines())})"
                + (moving ? "; this method needs videos" : ""));
    }

    /// <summary>
    /// For each sample another whose sound does not belong to its picture: of another scene and another sound, of another class where that can be had. Seeded.
    /// </summary>
    /// <returns>Index into the list; -1 where there is none.</returns>
    public static int[] Strangers(IReadOnlyList<Located> samples, int seed)
    {
        var order = Enumerable.Range(0, samples.Count).ToArray();
        new Random(seed).Shuffle(order);
        var partners = new int[samples.Count];
        Array.Fill(partners, -1);
        for (var at = 0; at < order.Length; at++)
        {
            var own = samples[order[at]];
            foreach (var sameClassToo in new[] { false, true })
            {
                for (var step = 1; step < order.Length && partners[order[at]] < 0; step++)
                {
                    var other = samples[order[(at + step) % order.Length]];
                    var stranger = other.Sample.Scene != own.Sample.Scene && other.Sound != own.Sound;
                    if (stranger && (sameClassToo || other.Sample.Class is null || other.Sample.Class != own.Sample.Class))
                    {
                        partners[order[at]] = order[(at + step) % order.Length];
                    }
                }
            }
        }

        return partners;
    }
}
