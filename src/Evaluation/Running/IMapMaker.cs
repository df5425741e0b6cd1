using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>What turns samples into maps: a two-stream package, any localizer, or files of an earlier run.</summary>
public interface IMapMaker : IDisposable
{
    /// <summary>Identity of the method; its hash goes into the journal's fingerprint.</summary>
    LocalizerInfo Info { get; }

    /// <summary>How its package brings maps to picture size, where no preset says otherwise; null: it does not say.</summary>
    HeatmapUpsampling? Upsampling { get; }

    /// <summary>What its cosines are divided by; 1 for others.</summary>
    float Temperature { get; }

    /// <summary>What the picture alone shows.</summary>
    string SaliencyName { get; }

    /// <summary>Makes the maps of samples, in an order of its own, each as soon as it is there.</summary>
    /// <param name="samples">Those that are still to do, with the sample whose sound is the stranger's (null: none).</param>
    /// <param name="stop">Ends it.</param>
    IAsyncEnumerable<SampleMaps> MakeAsync(IReadOnlyList<(Located Sample, Located? Stranger)> samples, CancellationToken stop);
}
