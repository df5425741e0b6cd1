using RealtimeSsl.Inference;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference;

/// <summary>A model is named as a person would name it.</summary>
public sealed class LocalizerFactoryTests : IDisposable
{
    private readonly TinyPackage _tiny = new();

    public LocalizerFactoryTests() => _tiny.Write();

    private LocalizerOptions Options => new(new LogLines()) { Device = "cpu", ModelsFolder = Path.GetDirectoryName(_tiny.Folder)! };

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void A_bundled_package_is_found_by_its_name()
    {
        using var localizer = LocalizerFactory.Create("tiny", Options);
        Assert.Equal("tiny", localizer.Info.Name);
        Assert.Contains("tiny", LocalizerFactory.Available(Options.ModelsFolder));
    }

    [Fact]
    public void The_method_without_weights_is_built_in()
    {
        using var localizer = LocalizerFactory.Create("synchrony", Options);
        Assert.Equal(("synchrony", null), (localizer.Info.Name, localizer.Info.Sha256));
        Assert.Equal("synchrony", LocalizerFactory.Available("/nowhere").Single());
    }

    [Fact]
    public void A_package_anywhere_is_found_by_its_path()
    {
        using var localizer = LocalizerFactory.Create(_tiny.Folder, Options with { ModelsFolder = "/nowhere" });
        Assert.Equal("tiny", localizer.Info.Name);
    }

    [Fact]
    public void An_unknown_name_lists_what_there_is()
    {
        var e = Assert.Throws<InferenceException>(() => LocalizerFactory.Create("yolo", Options));
        Assert.StartsWith("model 'yolo': unknown; there are ", e.Message, StringComparison.Ordinal);
        Assert.Contains("tiny", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_without_package_names_the_file_that_is_missing()
    {
        var e = Assert.Throws<InferenceException>(() => LocalizerFactory.Create("/nowhere/model", Options));
        Assert.Contains("/nowhere/model/model.json: not there", e.Message, StringComparison.Ordinal);
    }
}
