using System.Diagnostics;
using System.Globalization;
using System.Text;
using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Training.Export;

/// <summary>What came of an export.</summary>
/// <param name="Package">The new package.</param>
/// <param name="Agreement">How near its heatmaps are to the source's, on samples that it was not calibrated with.</param>
public sealed record ExportResult(ModelPackage Package, HeatmapAgreement Agreement);

/// <summary>
/// A package of float32 networks becomes one of another precision: its networks converted, its heatmaps held against the source's on samples kept back, the figures
/// in its model card; put in its place by one rename.
/// </summary>
public static class Exporter
{
    /// <summary>Least cosine of heatmaps without <see cref="ExportRequest.Force"/>.</summary>
    public const double LeastCosine = 0.99;

    /// <summary>Every so many-th sample is kept back.</summary>
    private const int HeldOut = 4;

    /// <summary>Exports a package.</summary>
    /// <param name="request">What, as what, where to.</param>
    /// <param name="log">What was done.</param>
    /// <param name="status">A line of progress.</param>
    /// <param name="stop">Gives up; nothing is left behind.</param>
    /// <exception cref="InferenceException">It cannot be exported; nothing was written.</exception>
    public static ExportResult Run(ExportRequest request, ILog log, Action<string> status, CancellationToken stop = default)
    {
        Check(request.Source, request.Precision, request.Out);
        if (request.Samples.Count < HeldOut)
        {
            throw new InferenceException(
                $"{request.SamplesFrom}: {request.Samples.Count} pictures with sound; at least {HeldOut} are needed, and fifty are better: give longer or more files");
        }

        var manifest = request.Source.Manifest;
        var before = TrunkInputs.Files(manifest).ToDictionary(f => f, request.Source.Read);
        var (after, how) = Convert(request, before, log, status, stop);
        CalibrationSample[] heldOut = [.. request.Samples.Where((_, i) => i % HeldOut == HeldOut - 1)];
        status("comparing heatmaps");
        var agreement = HeatmapComparison.Compare(manifest, before, after, heldOut, stop);
        status("");
        log.Info(FormattableString.Invariant(
            $"heatmaps, {agreement.Maps} kept back: cosine to float32 {agreement.MinCosine:0.00000} at least, {agreement.MeanCosine:0.00000} in the mean; correlation {agreement.MeanCorrelation:0.0000}; same best cell, or the next one, {agreement.SamePeak:0%}"));
        if (agreement.MinCosine < LeastCosine && !request.Force)
        {
            throw new InferenceException(
                FormattableString.Invariant($"{request.Out}: not written: its heatmaps have a cosine of {agreement.MinCosine:0.000} to float32's, less than {LeastCosine};")
                + " calibrate it with --data of the kind it will see, or --force it");
        }

        var files = manifest.Files.Keys.ToDictionary(f => f, f => after.GetValueOrDefault(f) ?? request.Source.Read(f));
        var moved = CarryCalibration(request, files, agreement);
        files[manifest.Card] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[manifest.Card]).TrimEnd() + Card(request, before, after, how, agreement, moved));
        if (moved is { } most)
        {
            log.Info(FormattableString.Invariant(
                $"its calibration is carried over: presence moves by {most:0.000} at most on those kept back; evaluate --write-calibration measures it anew"));
        }

        var folder = Path.GetFullPath(Path.TrimEndingDirectorySeparator(request.Out));
        var exported = manifest with { Name = Path.GetFileName(folder), Precision = request.Precision, ExportedFrom = request.Source.Sha256 };
        try
        {
            return new ExportResult(PackageWriter.Write(folder, exported, files, log, stop), agreement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException($"{folder}: cannot be written ({e.Message})", e);
        }
    }

    /// <summary>What can be said before any work is done.</summary>
    /// <exception cref="InferenceException">It cannot be exported in that precision, or not to there.</exception>
    public static void Check(ModelPackage source, ModelPrecision precision, string folder)
    {
        var from = source.Manifest.Precision ?? ModelPrecision.Fp32;
        var why = (from, precision) switch
        {
            (ModelPrecision.Fp32, ModelPrecision.Fp32) => "it is float32 already; give --precision fp16 or int8, or --onnx DIR for its plain ONNX files",
            (ModelPrecision.Fp32, _) => null,
            _ => $"it is {Name(from)} already, and what was rounded away does not come back; export the float32 package that it is from (sha256 {source.Manifest.ExportedFrom ?? "not noted"})",
        };
        why ??= source.Manifest.HasTwoTrunks || source.Manifest.Head.Id == HeadKind.Joint
            ? null
            : "its image network reads motion or what the audio network heard; so far only networks of the picture alone, and joint ones, are exported";
        if (why is not null)
        {
            throw new InferenceException($"{source.Folder}: {why}");
        }

        if (PackageWriter.Refusal(folder) is { } place)
        {
            throw new InferenceException(place);
        }
    }

    private static (Dictionary<string, byte[]> Networks, Dictionary<string, string> How) Convert(
        ExportRequest request, Dictionary<string, byte[]> before, ILog log, Action<string> status, CancellationToken stop)
    {
        var manifest = request.Source.Manifest;
        var (after, how) = (new Dictionary<string, byte[]>(), new Dictionary<string, string>());
        CalibrationSample[] samples = [.. request.Samples.Where((_, i) => i % HeldOut != HeldOut - 1)];
        foreach (var (file, model) in before)
        {
            var began = Stopwatch.GetTimestamp();
            (after[file], how[file]) = NetworkConversion.Convert(
                file, model, request.Precision, TrunkInputs.Of(manifest, file), [.. samples.Select(s => TrunkInputs.Of(manifest, file, s))], Tell, stop);
            log.Info(FormattableString.Invariant($"{file}: {how[file]}; {Megabytes(model)} to {Megabytes(after[file])}"));

            void Tell(double done)
            {
                var left = Stopwatch.GetElapsedTime(began) * ((1 - done) / Math.Max(done, 1e-3));
                status(FormattableString.Invariant($"{file}: {samples.Length} samples, {done:0%}, {left.TotalSeconds:0} s left"));
            }
        }

        return (after, how);
    }

    /// <summary>Rounding moves scores a little, doing without the calibration would move presence by much more: it goes along, and says where it comes from.</summary>
    /// <returns>By how much presence moves at most on the samples kept back; null if the package is not calibrated.</returns>
    private static double? CarryCalibration(ExportRequest request, Dictionary<string, byte[]> files, HeatmapAgreement agreement)
    {
        if (Calibration.Of(request.Source) is not { } calibration)
        {
            return null;
        }

        files[Calibration.FileName] = (calibration with { Data = $"{calibration.Data}, as {request.Source.Manifest.Name} in float32" }).ToBytes();
        return agreement.Evidence.Max(e => Math.Abs(calibration.Presence(e.Expected) - calibration.Presence(e.Actual)));
    }

    private static string Card(
        ExportRequest request, Dictionary<string, byte[]> before, Dictionary<string, byte[]> after, Dictionary<string, string> how, HeatmapAgreement agreement, double? moved)
    {
        var card = new StringBuilder();
        Line($"\n\n## Exported as {Name(request.Precision)}");
        Line($"From `{request.Source.Manifest.Name}`, sha256 `{request.Source.Sha256}`. {request.Samples.Count} pictures with their sound from {request.SamplesFrom}: three quarters");
        Line($"calibrated it, a quarter judged it.");
        Line($"");
        Line($"| | |");
        Line($"|---|---|");
        foreach (var (file, text) in how)
        {
            Line($"| `{file}` | {text}; {Megabytes(before[file])} to {Megabytes(after[file])} |");
        }

        Line($"| heatmaps, cosine to float32's | {agreement.MinCosine:0.00000} at least, {agreement.MeanCosine:0.00000} in the mean, of {agreement.Maps} |");
        Line($"| heatmaps, correlation with float32's | {agreement.MeanCorrelation:0.0000} in the mean |");
        Line($"| same best cell, or the next one | {agreement.SamePeak:0%} |");
        if (moved is not null)
        {
            Line($"| presence, calibrated in float32 | carried over; moves by {moved:0.000} at most |");
        }

        return card.ToString();

        void Line(FormattableString line) => card.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Name(ModelPrecision precision) => precision.ToString().ToLowerInvariant();

    private static string Megabytes(byte[] file) => string.Create(CultureInfo.InvariantCulture, $"{file.Length / 1048576.0:0.0} MB");
}
