using System.CommandLine;
using RealtimeSsl.Evaluation.Metrics;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Verbs;

/// <summary>The single conventions of <c>evaluate</c>, on top of a preset: what peers do differently, one option each.</summary>
internal sealed class ConventionOptions
{
    private readonly Option<Comparison?> _comparison = new("--comparison") { HelpName = "C", Description = "which pixels are predicted: Above, AtLeast (the threshold), LvsOriginal" };
    private readonly Option<Threshold?> _threshold = new("--threshold") { HelpName = "T", Description = "where a map is cut: Median, Half" };
    private readonly Option<Grouping?> _grouping = new("--grouping") { HelpName = "G", Description = "which samples IIoU takes together: Picture, FileName" };
    private readonly Option<EmptyTruth?> _empty = new("--empty-truth") { HelpName = "E", Description = "samples without ground truth: LeaveOut, AsPeers (not a number)" };
    private readonly Option<AdaptiveArea?> _adaptive = new("--adaptive-area") { HelpName = "A", Description = "size of the adaptive prediction: NonZero, Sum" };
    private readonly Option<string?> _upsampling = new("--upsampling") { HelpName = "U", Description = string.Join(", ", HeatmapUpsampling.All.Select(u => u.Id)) };
    private readonly Option<int?> _batch = new("--avs-batch") { HelpName = "N", Description = "mIoU and F per batch of N, as AVSBench's code has it (default: the whole set)" };

    public ConventionOptions(Command verb)
    {
        foreach (var option in new Option[] { _comparison, _threshold, _grouping, _empty, _adaptive, _upsampling, _batch })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>The preset with what was given.</summary>
    public Conventions Apply(ParseResult parsed, Conventions preset)
    {
        var upsampling = parsed.GetValue(_upsampling);
        try
        {
            var applied = preset with
            {
                Comparison = parsed.GetValue(_comparison) ?? preset.Comparison,
                Threshold = parsed.GetValue(_threshold) ?? preset.Threshold,
                Grouping = parsed.GetValue(_grouping) ?? preset.Grouping,
                EmptyTruth = parsed.GetValue(_empty) ?? preset.EmptyTruth,
                AdaptiveArea = parsed.GetValue(_adaptive) ?? preset.AdaptiveArea,
                Upsampling = upsampling is null ? preset.Upsampling : HeatmapUpsampling.ById(upsampling),
                VggSsUpsampling = upsampling is null ? preset.VggSsUpsampling : null,
                AvsBatch = parsed.GetValue(_batch) ?? preset.AvsBatch,
            };
            return applied == preset ? preset : applied with { Id = preset.Id + ", changed" };
        }
        catch (ArgumentException e)
        {
            throw new UsageException("--upsampling: " + e.Message);
        }
    }
}
