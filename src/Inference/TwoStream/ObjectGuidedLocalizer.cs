using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Inference.TwoStream;

/// <summary>
/// Any localizer, guided by a map of objects (<see cref="ObjectFusion"/>): a sound comes from things rather than from plain ground. Where the source is
/// comes from both; whether there is one is the localizer's answer alone, since objects are seen whether or not they sound. Mixed on the localizer's
/// own grid; the published evaluations enlarge both maps first, which moves the extremes of a stretch a little.
/// </summary>
public sealed class ObjectGuidedLocalizer : ILocalizer
{
    /// <summary>The method of the packages that can guide: their network gives the mean over an ImageNet classifier's channels.</summary>
    public const string GuideMethod = "resnet18";

    private readonly ILocalizer _inner;
    private readonly ImageFrontEnd? _seen;
    private readonly ObjectFusion _fusion;
    private readonly ImageTensor _tensor;
    private readonly OnnxTrunk _guide;
    private readonly (int Rows, int Cols) _guideGrid;
    private readonly float _guideLimit;
    private SeparableResize? _toGrid;
    private (int Rows, int Cols) _grid;
    private float[] _objects = [];

    /// <summary>Loads the object network.</summary>
    /// <param name="inner">What listens; belongs to this localizer from here on.</param>
    /// <param name="manifest">Its manifest; null if it has none.</param>
    /// <param name="guide">A package of the method <see cref="GuideMethod"/>.</param>
    /// <param name="options">Device, threads.</param>
    /// <exception cref="InferenceException">The package is no object map, or its network is not what the manifest says.</exception>
    public ObjectGuidedLocalizer(ILocalizer inner, ModelManifest? manifest, ModelPackage guide, LocalizerOptions options)
    {
        _inner = inner;
        var map = guide.Manifest;
        if (map.Method != GuideMethod || map.Trunks.Joint is null)
        {
            throw new InferenceException(
                $"model '{inner.Info.Name}+{map.Name}': {guide.Folder} is no map of objects but of the method '{map.Method}'; "
                + $"after the '+' goes a package imported with --method {GuideMethod}");
        }

        var device = ExecutionProvider.Choose(options.Device, options.Log);
        Info = new LocalizerInfo(
            $"{inner.Info.Name}+{map.Name}",
            Hash(inner.Info.Sha256, guide.Sha256),
            inner.Info.Sha256 is null ? device : inner.Info.Device);
        _seen = manifest?.ImageFrontEnd;
        _fusion = new ObjectFusion(ObjectGuidance.Of(manifest), manifest?.Head.Temperature ?? 1);
        _tensor = new ImageTensor(map.ImageFrontEnd);
        _guideLimit = map.ScoreRange.Low + map.Detection.Threshold * (map.ScoreRange.High - map.ScoreRange.Low);
        _guide = Trunks.Load(guide, map.Trunks.Joint, device, options, Trunks.Image(map), Trunks.Audio(map));
        _guideGrid = JointLocalizer.Grid(_guide, map.Trunks.Joint);
    }

    /// <summary>The name of both; the hash is that of <c>hash of the localizer + hash of the guide</c>.</summary>
    public LocalizerInfo Info { get; }

    /// <inheritdoc/>
    public AudioFrontEnd FrontEnd => _inner.FrontEnd;

    /// <inheritdoc/>
    public void Localize(VideoFrame frame, in AudioWindow audio, LocalizerOutput output)
    {
        _inner.Localize(frame, audio, output);
        var map = output.Heatmap;
        output.Threshold = _fusion.Threshold(map.Low + output.Threshold * (map.High - map.Low), _guideLimit);
        if (output.Presence > 0)
        {
            Mix(frame, output);
        }
        else
        {
            // Nothing is heard: nothing to guide, and no need to look.
            map.Scores.Clear();
        }

        (map.Low, map.High) = (0, 1);
    }

    /// <inheritdoc/>
    public void Reset() => _inner.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        _inner.Dispose();
        _guide.Dispose();
    }

    /// <summary>The hash of both.</summary>
    internal static string Hash(string? inner, string guide) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{inner}+{guide}")));

    private void Mix(VideoFrame frame, LocalizerOutput output)
    {
        var map = output.Heatmap;
        var objects = Objects(frame, map);
        if (!float.IsFinite(TensorPrimitives.Max<float>(objects)))
        {
            map.Scores.Clear();
            (output.Presence, output.Why) = (0, "not a number");
            return;
        }

        LevelUnseen(frame, map);
        _fusion.Mix(map.Scores, objects);
        if (output.Why is null or Verdict.Unsure)
        {
            output.Why = TensorPrimitives.Max<float>(map.Scores) < output.Threshold ? Verdict.Unsure : null;
        }
    }

    /// <summary>The object map on the localizer's grid.</summary>
    private Span<float> Objects(VideoFrame frame, Heatmap map)
    {
        if (_toGrid is null || _grid != (map.Rows, map.Cols))
        {
            _grid = (map.Rows, map.Cols);
            _toGrid = new SeparableResize(_guideGrid.Rows, _guideGrid.Cols, map.Rows, map.Cols, ResizeKind.Linear);
            _objects = new float[map.Rows * map.Cols];
        }

        _tensor.Fill(frame, _guide.Input());
        _guide.Run();
        _toGrid.Apply(_guide.Output(), _objects);
        return _objects;
    }

    /// <summary>
    /// Where a front end that cuts the middle out did not look, the map says "certainly not here", which can lie far below anything that it found: it
    /// would be the low end of every stretch. The least that was found does.
    /// </summary>
    private void LevelUnseen(VideoFrame frame, Heatmap map)
    {
        if (_seen is null or { Fit: FrameFit.Stretch })
        {
            return;
        }

        var view = _seen.View(frame.Width, frame.Height);
        var least = float.PositiveInfinity;
        for (var cell = 0; cell < _objects.Length; cell++)
        {
            least = IsSeen(cell) ? Math.Min(least, map.Scores[cell]) : least;
        }

        for (var cell = 0; cell < _objects.Length; cell++)
        {
            map.Scores[cell] = IsSeen(cell) ? map.Scores[cell] : least;
        }

        bool IsSeen(int cell)
        {
            var (x, y) = ((cell % map.Cols + 0.5) / map.Cols, (cell / map.Cols + 0.5) / map.Rows);
            return x > view.Left && x < view.Right && y > view.Top && y < view.Bottom;
        }
    }
}
