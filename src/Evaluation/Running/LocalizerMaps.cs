using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference.TwoStream;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Running;

/// <summary>
/// The maps of any localizer, as the engine runs it: a video from its first frame on, with its sound up to each frame; the sample's map is the mean over
/// the frames within 1.5 s of the annotated one, which is what the networks of the literature hear. Own, another clip's sound and silence go through in one
/// pass over the frames, each with a localizer of its own. A still picture is one frame at the end of its sound.
/// </summary>
/// <param name="make">Makes a localizer.</param>
/// <param name="objects">A package that sees objects, or null; belongs to this object from here on.</param>
/// <param name="media">Decoder.</param>
/// <param name="problems">Where unreadable media are told.</param>
public sealed class LocalizerMaps(Func<ILocalizer> make, ObjectModel? objects, ISampleMedia media, Problems problems) : IMapMaker
{
    private const double Around = 1.5;
    private const int Block = 1024;
    private readonly ILocalizer[] _localizers = [make(), make(), make()];
    private readonly SoundLibrary _library = new(media, problems, 0);
    private readonly Saliency _saliency = new(objects);

    /// <inheritdoc/>
    public LocalizerInfo Info => _localizers[0].Info;

    /// <inheritdoc/>
    public HeatmapUpsampling? Upsampling => null;

    /// <inheritdoc/>
    public float Temperature => 1;

    /// <inheritdoc/>
    public string SaliencyName => _saliency.Name;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SampleMaps> MakeAsync(
        IReadOnlyList<(Located Sample, Located? Stranger)> samples, [EnumeratorCancellation] CancellationToken stop)
    {
        var rate = _localizers[0].FrontEnd.Rate;
        foreach (var (sample, stranger) in samples)
        {
            stop.ThrowIfCancellationRequested();
            if (_library.Read(sample, rate, stop) is not { } own || _library.See(sample, stop) is not { } picture)
            {
                continue;
            }

            var other = stranger is null ? null : _library.Read(stranger, rate, stop);
            float[]?[] sounds = [own, other, new float[own.Length]];
            var takes = sounds.Zip(_localizers, (s, l) => s is null ? null : new Take(l, s)).ToArray();
            try
            {
                await PlayAsync(sample, picture, takes, stop).ConfigureAwait(false);
            }
            catch (SourceException e)
            {
                _library.Tell("video_unreadable", $"{sample.Sample.Name} ({e.Message})");
                continue;
            }

            if (takes[0]!.Mean() is not { } map)
            {
                _library.Tell("no_frame_near_the_annotated_one", sample.Sample.Name);
                continue;
            }

            var salient = _saliency.See(picture);
            yield return new SampleMaps
            {
                Index = sample.Index, Rows = takes[0]!.Rows, Cols = takes[0]!.Cols, Own = map, Other = takes[1]?.Mean(), Silence = takes[2]!.Mean(),
                Salient = salient.Map, SalientRows = salient.Rows, SalientCols = salient.Cols,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_localizers, l => l.Dispose());
        objects?.Dispose();
    }

    private async Task PlayAsync(Located sample, Picture picture, Take?[] takes, CancellationToken stop)
    {
        if (!MediaKinds.IsVideo(sample.Picture))
        {
            // As the newest frame of a stream that has just had this sound.
            var pool = new FramePool(1);
            var time = TimeSpan.FromSeconds(takes[0]!.Seconds);
            using var still = pool.Rent(picture.Width, picture.Height).Stamp(0, time, time);
            picture.Bgr.CopyTo(still.Pixels);
            Array.ForEach(takes, t => t?.Localize(still, off: 0));
            return;
        }

        var at = sample.Sample.At ?? media.Length(sample.Picture, stop) / 2;
        await foreach (var frame in media.ReadFrames(sample.Picture, stop).ConfigureAwait(false))
        {
            using (frame)
            {
                var off = frame.Time.TotalSeconds - at;
                if (off > Around)
                {
                    break;
                }

                Array.ForEach(takes, t => t?.Localize(frame, off));
            }
        }
    }

    /// <summary>One localizer on one sound.</summary>
    private sealed class Take
    {
        private readonly ILocalizer _localizer;
        private readonly float[] _sound;
        private readonly AudioAnalyzer _analyzer;
        private readonly AudioBlockPool _blocks = new();
        private readonly LocalizerOutput _output = new();
        private float[] _sum = [];
        private (double Off, double Evidence) _nearest = (double.PositiveInfinity, double.NaN);
        private int _count;
        private int _at;

        public Take(ILocalizer localizer, float[] sound)
        {
            (_localizer, _sound) = (localizer, sound);
            _analyzer = new AudioAnalyzer(localizer.FrontEnd, new Counters());
            localizer.Reset();
        }

        public int Rows { get; private set; }

        public int Cols { get; private set; }

        public double Seconds => _sound.Length / (double)_localizer.FrontEnd.Rate;

        /// <summary>Localizes a frame that is this many seconds after the annotated one.</summary>
        public void Localize(VideoFrame frame, double off)
        {
            while (_analyzer.CoveredUntil < frame.Time && _at < _sound.Length)
            {
                Push();
            }

            _localizer.Localize(frame, _analyzer.WindowAt(frame.Time), _output);
            if (off >= -Around)
            {
                var map = _output.Heatmap;
                (Rows, Cols) = (map.Rows, map.Cols);
                _sum = _sum.Length == map.Scores.Length ? _sum : new float[map.Scores.Length];
                TensorPrimitives.Add(_sum, map.Scores, _sum);
                _count++;

                // That of one frame, as a running engine has it: a mean scatters less, and would be calibrated too steeply.
                _nearest = Math.Abs(off) < _nearest.Off ? (Math.Abs(off), _output.Evidence) : _nearest;
            }
        }

        public HeardMap? Mean()
        {
            if (_count == 0)
            {
                return null;
            }

            var mean = new float[_sum.Length];
            TensorPrimitives.Divide(_sum, _count, mean);
            return new HeardMap(mean, (float)_nearest.Evidence);
        }

        private void Push()
        {
            var rate = _localizer.FrontEnd.Rate;
            var length = Math.Min(Block, _sound.Length - _at);
            var time = TimeSpan.FromSeconds(_at / (double)rate);
            using var block = _blocks.Rent(length, 1, rate).Stamp(_at, time, time);
            _sound.AsSpan(_at, length).CopyTo(block.Samples);
            _analyzer.Push(block);
            _at += length;
            if (_at == _sound.Length)
            {
                _analyzer.End();
            }
        }
    }
}
