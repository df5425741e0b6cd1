using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Cli;

/// <summary>The verb <c>models</c>: a package in words, and as it is.</summary>
public sealed class ModelsTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TinyPackage _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_package_is_shown_in_words_with_its_card()
    {
        var package = _tiny.Write(m => m with
        {
            Head = new HeadSettings { Id = HeadKind.SoftAttention, Temperature = 0.5f }, Licence = "MIT\u001b[2J", ObjectGuidance = new ObjectGuidance(0.7f, true),
        });

        var outcome = await CommandLine.RunAsync("models", "show", _tiny.Folder);

        Assert.Equal(0, outcome.Code);
        Assert.StartsWith("tiny 1, method cosine, licence MIT [2J\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\nhead     soft attention, temperature 0.5, sound pooled by maximum\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\npicture  32 x 24, front end tiny\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("none in the picture while the best cosine is below 0.5\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("0.7 of its own map, min-max\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"image.onnx, {TinyPackage.Files["image.onnx"].Length} bytes, sha256 {package.Manifest.Files["image.onnx"]}\n", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n\nA network that means nothing.\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Its_manifest_is_shown_as_it_is()
    {
        _tiny.Write();
        var outcome = await CommandLine.RunAsync("models", "show", _tiny.Folder, "--json");

        Assert.Equal((0, await File.ReadAllTextAsync(_tiny.ManifestPath, TestContext.Current.CancellationToken)), (outcome.Code, outcome.Output.TrimEnd()));
    }
}
