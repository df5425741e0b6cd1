using System.Text.Json;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>What <c>train</c> was asked for, kept in the run's folder so that <c>--resume</c> asks for the same.</summary>
internal sealed record TrainRequest
{
    private const string FileName = "request.json";
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Each <c>--data</c>.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The package or checkpoint whose weights it begins with.</summary>
    public string? From { get; init; }

    /// <summary>The model whose embeddings say what is alike; null for none.</summary>
    public string? Neighbours { get; init; }

    /// <summary>The package that comes of it; null for none.</summary>
    public string? Out { get; init; }

    /// <summary>SPDX identifier of the licence that the weights are put under.</summary>
    public string Licence { get; init; } = "none";

    /// <summary>Ends after this long.</summary>
    public double? MaxMinutes { get; init; }

    /// <summary>Whether a package that is there already makes room.</summary>
    public bool Replace { get; init; }

    /// <summary>Writes it.</summary>
    public void Save(TrainFolder folder) => folder.WriteWhole(FileName, JsonSerializer.SerializeToUtf8Bytes(this, Options));

    /// <summary>Whether a folder holds one.</summary>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads it.</summary>
    /// <exception cref="UsageException">The folder is none of a training run.</exception>
    public static TrainRequest Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<TrainRequest>(File.ReadAllBytes(path), Options)!;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new UsageException($"--resume {folder}: is no folder of a training run ({path}: {e.Message})");
        }
    }
}
