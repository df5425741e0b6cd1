using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.Models;

/// <summary>What a manifest must hold beyond its form: one rule, one line of error with file, key, value and reason.</summary>
internal static class ManifestRules
{
    /// <summary>Checks all rules.</summary>
    /// <exception cref="InferenceException">The first one that does not hold.</exception>
    public static void Check(string file, ModelManifest m)
    {
        Rule(m.Schema == ModelManifest.CurrentSchema, "schema", m.Schema, $"this program reads '{ModelManifest.CurrentSchema}'");
        Rule(m.Name.Length > 0 && m.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'), "name", m.Name,
            "letters, digits, '-', '_' and '.' only");
        foreach (var (name, hash) in m.Files)
        {
            Rule(StaysInside(name), "files", name, "must be a relative path inside the package, with '/' and without '..'");
            Rule(hash.Length == 64 && hash.All(char.IsAsciiHexDigit), $"files.{name}", hash, "must be a SHA-256, 64 hex digits");
        }

        CheckTrunks();
        CheckImageInputs();
        CheckFile("card", m.Card);
        CheckFrontEnds();

        var expected = $"1,1,{m.AudioFrontEnd.Rows},{m.AudioFrontEnd.Columns}";
        Rule(string.Join(",", m.AudioShape) == expected, "audio_shape", $"[{string.Join(",", m.AudioShape)}]",
            $"audio front end '{m.AudioFrontEnd.Id}' gives [{expected}]");
        Rule(m.Head.Temperature > 0 && float.IsFinite(m.Head.Temperature), "head.temperature", m.Head.Temperature, "must be above 0");
        Rule(float.IsFinite(m.ScoreRange.Low) && m.ScoreRange.Low < m.ScoreRange.High && float.IsFinite(m.ScoreRange.High),
            "score_range", $"{m.ScoreRange.Low} .. {m.ScoreRange.High}", "low must be below high");
        Rule(m.Detection.Threshold is >= 0 and <= 1, "detection.threshold", m.Detection.Threshold, "must be 0 to 1");
        Rule(m.Detection.Presence is > 0 and < 1, "detection.presence", m.Detection.Presence, "must be above 0 and below 1");
        Rule(m.ExportedFrom is null || (m.ExportedFrom.Length == 64 && m.ExportedFrom.All(char.IsAsciiHexDigit)), "exported_from", m.ExportedFrom!,
            "must be a SHA-256, 64 hex digits");
        if (m.ObjectGuidance is { } guidance)
        {
            Rule(guidance.Weight is >= 0 and <= 1, "object_guidance.weight", guidance.Weight, "must be 0 to 1");
            Rule(guidance.MinMax || m.Head.Id == HeadKind.Cosine, "object_guidance.min_max", "false", "fixed scales are for head 'cosine' only; set true");
        }

        void CheckFrontEnds()
        {
            var image = m.ImageFrontEnd;
            var possible = image.Width is > 0 and <= 4096 && image.Height is > 0 and <= 4096;
            Rule(possible, "image_front_end", $"{image.Width} x {image.Height}", "must be 1 to 4096");
            Rule(image.Std is { Red: > 0, Green: > 0, Blue: > 0 }, "image_front_end.std", image.Std, "must be above 0");
            try
            {
                _ = new ColumnAnalyzer(m.AudioFrontEnd);
            }
            catch (ArgumentException e)
            {
                throw new InferenceException($"{file}: audio_front_end: {e.Message}", e);
            }
        }

        void CheckTrunks()
        {
            var joint = m.Head.Id == HeadKind.Joint;
            Rule(joint == m.Trunks.Joint is not null && joint == m.Trunks.Image is null && joint == m.Trunks.Audio is null, "trunks",
                string.Join(" and ", new[] { m.Trunks.Image, m.Trunks.Audio, m.Trunks.Joint }.Where(t => t is not null)),
                joint ? "head 'joint' takes trunks.joint and nothing else" : "all other heads take trunks.image and trunks.audio");
            CheckFile("trunks.image", m.Trunks.Image);
            CheckFile("trunks.audio", m.Trunks.Audio);
            CheckFile("trunks.joint", m.Trunks.Joint);
            CheckFile("projections", m.Projections);
            Rule(m.Projections is null || m.HasTwoTrunks, "projections", m.Projections!, "goes with an image network of the picture alone and an audio network");
        }

        void CheckImageInputs()
        {
            var inputs = m.ImageInputs ?? [ImageInput.Picture];
            var written = string.Join(", ", inputs.Select(i => i.ToString().ToLowerInvariant()));
            Rule(inputs.Count > 0 && inputs[0] == ImageInput.Picture && inputs.Distinct().Count() == inputs.Count, "image_inputs", written,
                "must be picture, and then flow or sound or both, each once");
            Rule(m.ImageInputs is null || m.Head.Id != HeadKind.Joint, "image_inputs", written, "head 'joint' has one network, which reads picture and sound");
            Rule(inputs.Contains(ImageInput.Flow) == m.FlowFrontEnd is not null, "flow_front_end", m.FlowFrontEnd is null ? "missing" : "given",
                "goes with 'flow' under image_inputs");
            Rule(m.Head.Id != HeadKind.Scores || inputs.Contains(ImageInput.Sound), "image_inputs", written, "head 'scores' needs sound, or nothing would be heard");
            Rule(m.FlowFrontEnd is not { Divisor: 0 }, "flow_front_end.divisor", 0, "must not be 0");
        }

        void CheckFile(string key, string? name) =>
            Rule(name is null || m.Files.ContainsKey(name), key, name!, "must be listed under files, with its SHA-256");

        void Rule(bool holds, string key, object value, string reason)
        {
            if (!holds)
            {
                throw new InferenceException($"{file}: {key} = {value}: {reason}");
            }
        }
    }

    /// <summary>A package cannot make the engine read outside its folder, on any operating system.</summary>
    private static bool StaysInside(string path) =>
        path.Length > 0 && !path.Contains('\\') && !path.Contains(':') && !path.Contains('\0')
        && path.Split('/').All(part => part is not ("" or "." or ".."));
}
