using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Inference.Models;

/// <summary>A package is read as a whole or not at all, and what is wrong is one line that names file, key, value and reason.</summary>
public sealed class ModelPackageTests : IDisposable
{
    private readonly TinyPackage _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void A_package_comes_back_as_it_was_written()
    {
        _tiny.Write(m => m with { Classes = ["dog", "guitar"] });

        var manifest = ModelPackage.Load(_tiny.Folder).Manifest;

        Assert.Equal((TinyPackage.Image, TinyPackage.Audio), (manifest.ImageFrontEnd, manifest.AudioFrontEnd));
        Assert.Equal((TinyPackage.Manifest.Head, TinyPackage.Manifest.Trunks), (manifest.Head, manifest.Trunks));
        Assert.Equal((TinyPackage.Manifest.ScoreRange, TinyPackage.Manifest.Detection), (manifest.ScoreRange, manifest.Detection));
        Assert.Equal(["dog", "guitar"], manifest.Classes);
        Assert.Equal(["README.md", "audio.onnx", "image.onnx"], manifest.Files.Keys.Order());
    }

    [Fact]
    public void A_known_front_end_is_written_and_read_by_its_name()
    {
        _tiny.Write(m => m with { AudioFrontEnd = AudioFrontEnds.SslAlign, AudioShape = [1, 1, 257, 299], ImageFrontEnd = ImageFrontEnds.SslAlign });

        Assert.Contains($"\"audio_front_end\": \"{AudioFrontEnds.SslAlign.Id}\"", File.ReadAllText(_tiny.ManifestPath), StringComparison.Ordinal);
        Assert.Same(AudioFrontEnds.SslAlign, ModelPackage.Load(_tiny.Folder).Manifest.AudioFrontEnd);
        Assert.Same(ImageFrontEnds.SslAlign, ModelPackage.Load(_tiny.Folder).Manifest.ImageFrontEnd);
    }

    [Fact]
    public void The_hash_of_a_package_changes_with_any_of_its_files()
    {
        var one = _tiny.Write().Sha256;
        var files = TinyPackage.Files;
        files["README.md"] = "Another card."u8.ToArray();

        Assert.NotEqual(one, ModelPackage.Create(_tiny.Folder, TinyPackage.Manifest, files).Sha256);
        Assert.Equal(one, _tiny.Write().Sha256);
    }

    [Fact]
    public void A_file_with_another_hash_is_named_with_both_hashes()
    {
        var expected = _tiny.Write().Manifest.Files["image.onnx"];
        var path = Path.Combine(_tiny.Folder, "image.onnx");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        var message = Fails();

        Assert.StartsWith($"{path}: SHA-256 is ", message, StringComparison.Ordinal);
        Assert.Contains($"model.json expects {expected}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        _tiny.Write();
        File.Delete(Path.Combine(_tiny.Folder, "audio.onnx"));

        Assert.Contains("audio.onnx: not there", Fails(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_manifest_is_no_package() => Assert.Contains("model.json: not there", Fails(), StringComparison.Ordinal);

    [Theory]
    [InlineData("../outside.onnx")]
    [InlineData("sub/../../outside.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/model.onnx")]
    [InlineData("..\\\\outside.onnx")]
    [InlineData("./image.onnx")]
    public void A_path_out_of_the_package_is_refused(string path)
    {
        Edit("\"image.onnx\":", $"\"{path}\":");

        var message = Fails();

        var named = path.Replace("\\\\", "\\", StringComparison.Ordinal);
        Assert.Contains($"files = {named}: must be a relative path inside the package", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_refused_with_its_line()
    {
        Edit("\"temperature\":", "\"temprature\":");
        var line = File.ReadAllLines(_tiny.ManifestPath).TakeWhile(l => !l.Contains("temprature", StringComparison.Ordinal)).Count() + 1;

        var message = Fails();

        Assert.StartsWith($"{_tiny.ManifestPath}:{line}: $.head.temprature: unknown key", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_of_a_front_end_is_refused_with_its_line()
    {
        Edit("\"hop\":", "\"hopp\":");
        var line = File.ReadAllLines(_tiny.ManifestPath).TakeWhile(l => !l.Contains("hopp", StringComparison.Ordinal)).Count() + 1;

        Assert.StartsWith($"{_tiny.ManifestPath}:{line}: $.audio_front_end.hopp: unknown key", Fails(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"version\": \"1\",", "", ": $: missing: 'version'")]
    [InlineData("\"temperature\": 1", "\"temperature\": \"warm\"", ": $.head.temperature: must be a number, here: \"temperature\": \"warm\"")]
    [InlineData("\"id\": \"cosine\"", "\"id\": \"sine\"", ": $.head.id: must be one of cosine, soft-attention, joint, scores, here: \"id\": \"sine\"")]
    [InlineData("\"scale\": \"htk\"", "\"scale\": \"bark\"", ": $.audio_front_end.mel.scale: must be one of htk, slaney, here: \"scale\": \"bark\"")]
    [InlineData("\"low\": 0,", "", ": $.score_range: missing: 'low'")]
    [InlineData("\"name\": \"tiny\",", "\"name\": \"tiny\", \"name\": \"tiny\",", ":3: $.name: given twice")]
    [InlineData("\"schema\"", "schema", "model.json:2: $: 's' is an invalid start of a property name. Expected a '\"'.")]
    [InlineData("\"name\": \"tiny\"", "\"name\": null", ":3: $.name: must not be null")]
    public void What_is_not_of_the_right_form_is_named(string was, string now, string named)
    {
        Edit(was, now);
        Assert.EndsWith(named, Fails(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"schema\": \"realtimessl/model-1\"", "\"schema\": \"other/9\"", "schema = other/9: this program reads 'realtimessl/model-1'")]
    [InlineData("\"name\": \"tiny\"", "\"name\": \"ti ny\"", "name = ti ny: letters, digits")]
    [InlineData("\"temperature\": 1", "\"temperature\": 0", "head.temperature = 0: must be above 0")]
    [InlineData("\"high\": 1", "\"high\": -1", "score_range = 0 .. -1: low must be below high")]
    [InlineData("\"presence\": 0.5", "\"presence\": 1", "detection.presence = 1: must be above 0 and below 1")]
    [InlineData("\"threshold\": 0.5", "\"threshold\": 1.5", "detection.threshold = 1.5: must be 0 to 1")]
    [InlineData("\"image\": \"image.onnx\"", "\"image\": \"other.onnx\"", "trunks.image = other.onnx: must be listed under files")]
    [InlineData("\"image\": \"image.onnx\"", "\"joint\": \"image.onnx\"", "all other heads take trunks.image and trunks.audio")]
    [InlineData("\"card\": \"README.md\"", "\"card\": \"README.md\", \"projections\": \"p.onnx\"", "projections = p.onnx: must be listed under files")]
    [InlineData("\"card\": \"README.md\"", "\"card\": \"CARD.md\"", "card = CARD.md: must be listed under files")]
    [InlineData("\"width\": 32", "\"width\": -32", "image_front_end = -32 x 24: must be 1 to 4096")]
    [InlineData("\"hop\": 160", "\"hop\": 500", "audio_front_end: audio front end 'tiny': Hop 500 must be 1 to WindowLength (400)")]
    [InlineData("\"audio_shape\": [\n    1,", "\"audio_shape\": [\n    2,", "audio front end 'tiny' gives [1,1,40,64]")]
    public void A_value_that_cannot_be_is_named_with_its_reason(string was, string now, string expected)
    {
        Edit(was, now);
        var message = Fails();
        Assert.StartsWith(_tiny.ManifestPath + ": ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_front_end_lists_those_that_there_are()
    {
        _tiny.Write(m => m with { AudioFrontEnd = AudioFrontEnds.SslAlign, AudioShape = [1, 1, 257, 299] });
        File.WriteAllText(
            _tiny.ManifestPath,
            File.ReadAllText(_tiny.ManifestPath).Replace("\"audio_front_end\": \"sslalign\"", "\"audio_front_end\": \"cochlea\"", StringComparison.Ordinal));

        var message = Fails();

        Assert.Contains("$.audio_front_end", message, StringComparison.Ordinal);
        Assert.Contains("'cochlea' is unknown; there are sslalign", message, StringComparison.Ordinal);
    }

    private void Edit(string was, string now)
    {
        _tiny.Write();
        var text = File.ReadAllText(_tiny.ManifestPath).ReplaceLineEndings("\n");
        Assert.Contains(was, text, StringComparison.Ordinal);
        File.WriteAllText(_tiny.ManifestPath, text.Replace(was, now, StringComparison.Ordinal));
    }

    private string Fails()
    {
        var message = Assert.Throws<InferenceException>(() => ModelPackage.Load(_tiny.Folder)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
