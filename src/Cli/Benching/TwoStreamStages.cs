using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>
/// The stages of a two-stream package, each the engine's own, on real pictures and sounds: front ends, trunks, head, verdict; and the whole localizer, with
/// a new sound for every picture and with one sound for all.
/// </summary>
internal sealed class TwoStreamStages : IDisposable
{
    private readonly Material _material;
    private readonly ModelPackage _package;
    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _image;
    private readonly OnnxTrunk _audio;
    private readonly IHead _head;
    private readonly float[] _map;
    private readonly Verdict _verdict;
    private readonly TwoStreamLocalizer _localizer;
    private readonly IReadOnlyList<AudioWindow> _sounds;
    private readonly LocalizerOutput _output = new();
    private int _run;

    /// <summary>Loads the networks twice: for themselves, and in the localizer.</summary>
    public TwoStreamStages(ModelPackage package, LocalizerOptions options, Material material)
    {
        (_package, _material) = (package, material);
        var manifest = package.Manifest;

        // A mark at every column: then every window is a new sound.
        _localizer = new TwoStreamLocalizer(package, options with { AudioEvery = TimeSpan.Zero });
        var device = _localizer.Info.Device;
        _tensor = new ImageTensor(manifest.ImageFrontEnd);
        _image = Trunks.Load(package, manifest.Trunks.Image!, device, options, Trunks.Image(manifest));
        _audio = Trunks.Load(package, manifest.Trunks.Audio!, device, options, Trunks.Audio(manifest));
        _head = Heads.Make(_image.OutputShapes[0], _audio.OutputShapes[0], manifest.Head);
        _map = new float[_head.Rows * _head.Cols];
        _verdict = new Verdict(manifest, _head.Rows, _head.Cols);
        _sounds = material.Sounds(manifest.AudioFrontEnd);
        FillPicture();
        FillSound();
        ImageTrunk();
        AudioTrunk();
        _head.SetAudio(_audio.Output());
        _head.Map(_image.Output(), _map);
    }

    /// <summary>Where the networks compute.</summary>
    public DeviceChoice Device => _localizer.Info.Device;

    /// <summary>Numbers of the image trunk's weights.</summary>
    public string ImagePrecision => NetworkPrecision.Of(_package.Read(_package.Manifest.Trunks.Image!));

    /// <summary>Numbers of the audio trunk's weights.</summary>
    public string AudioPrecision => NetworkPrecision.Of(_package.Read(_package.Manifest.Trunks.Audio!));

    /// <summary>Inputs and outputs of the trunks and the map, as they stand.</summary>
    public (float[] Picture, float[] Sound, float[] Image, float[] Audio, float[] Map) Values =>
        (_image.Input().ToArray(), _audio.Input().ToArray(), _image.Output().ToArray(), _audio.Output().ToArray(), _map);

    /// <summary>Stage by stage, in the order of the data's way.</summary>
    public IEnumerable<(string Name, Action Run)> Stages()
    {
        var (m, size) = (_package.Manifest, _material.Frame(0));
        yield return ($"image front end, {size.Width}x{size.Height} to {m.ImageFrontEnd.Width}x{m.ImageFrontEnd.Height}", FillPicture);
        yield return ($"image trunk ({ImagePrecision})", ImageTrunk);
        yield return ("audio columns, a frame's share (33 ms)", _material.Columns(m.AudioFrontEnd));
        yield return ($"audio window, {m.AudioFrontEnd.Rows}x{m.AudioFrontEnd.Columns}", FillSound);
        yield return ($"audio trunk ({AudioPrecision})", AudioTrunk);
        yield return ("head: sound", () => _head.SetAudio(_audio.Output()));
        yield return ($"head: map, {_head.Rows}x{_head.Cols}", () => _head.Map(_image.Output(), _map));
        yield return ("verdict", () => _verdict.Rate(_material.Frame(0), _map, _output, _head.Evidence));
    }

    /// <summary>The image network on the picture that is in its input.</summary>
    public void ImageTrunk() => _image.Run();

    /// <summary>The audio network on the sound that is in its input.</summary>
    public void AudioTrunk() => _audio.Run();

    /// <summary>A whole pair: a new picture and a new sound.</summary>
    public void Pair() => _localizer.Localize(_material.Frame(_run), _sounds[_run++ % _sounds.Count], _output);

    /// <summary>A new picture with the sound that was there.</summary>
    public void Reused() => _localizer.Localize(_material.Frame(_run++), _sounds[0], _output);

    /// <inheritdoc/>
    public void Dispose()
    {
        _localizer.Dispose();
        _image.Dispose();
        _audio.Dispose();
    }

    private void FillPicture() => _tensor.Fill(_material.Frame(_run++), _image.Input());

    private void FillSound() => _sounds[_run++ % _sounds.Count].CopyTo(_audio.Input());
}
