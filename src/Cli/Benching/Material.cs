using RealtimeSsl.Capture.Synthetic;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Benching;

/// <summary>What the stages are fed: pictures and sound of the built-in scene in which two things sound, so that no stage finds nothing to do.</summary>
internal sealed class Material : IDisposable
{
    /// <summary>The scene.</summary>
    public const string SceneName = "duet";

    /// <summary>Frames per second that one frame's share of the sound belongs to.</summary>
    public const int Fps = 30;

    private const int Pictures = 8, Windows = 32, BlockLength = Scene.Rate / Fps;

    private readonly Scene _scene = Scenes.Make(SceneName);
    private readonly AudioBlockPool _blocks = new();
    private readonly double _aspect;
    private readonly List<VideoFrame> _frames = [];

    /// <summary>Draws the pictures.</summary>
    public Material(int width, int height)
    {
        _aspect = (double)width / height;
        var pool = new FramePool(Pictures);
        for (var i = 0; i < Pictures; i++)
        {
            var time = 3 + (double)i / Fps;
            var frame = pool.Rent(width, height).Stamp(i, TimeSpan.FromSeconds(time), TimeSpan.Zero);
            _scene.Draw(frame.Image, time);
            _frames.Add(frame);
        }
    }

    /// <summary>The picture of a run: each is another one than the last.</summary>
    public VideoFrame Frame(int run) => _frames[run % Pictures];

    /// <summary>Windows that all end at other columns, and in none of which it is silent.</summary>
    public IReadOnlyList<AudioWindow> Sounds(AudioFrontEnd frontEnd)
    {
        var seconds = frontEnd.WindowSeconds + 3;
        var analyzer = new AudioAnalyzer(frontEnd, new Counters());
        for (var position = 0L; position < seconds * Scene.Rate; position += BlockLength)
        {
            using var block = Block(position);
            analyzer.Push(block);
        }

        List<AudioWindow> windows = [];
        for (var time = frontEnd.WindowSeconds + 0.5; time < seconds && windows.Count < Windows; time += 0.5 / Fps)
        {
            var window = analyzer.WindowAt(TimeSpan.FromSeconds(time));
            if (window is { Exists: true, Dbfs: not null } && (windows.Count == 0 || windows[^1].EndColumn != window.EndColumn))
            {
                windows.Add(window);
            }
        }

        return windows;
    }

    /// <summary>Pushes one frame's share of the sound into an analyzer: mono mix, resampling, columns.</summary>
    public Action Columns(AudioFrontEnd frontEnd)
    {
        var analyzer = new AudioAnalyzer(frontEnd, new Counters());
        var block = Block(0);
        var position = 0L;
        return () =>
        {
            block.Stamp(position, TimeSpan.FromSeconds((double)position / Scene.Rate), TimeSpan.Zero);
            position += BlockLength;
            analyzer.Push(block);
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _frames.ForEach(f => f.Dispose());

    private AudioBlock Block(long position)
    {
        var block = _blocks.Rent(BlockLength, 2, Scene.Rate).Stamp(position, TimeSpan.FromSeconds((double)position / Scene.Rate), TimeSpan.Zero);
        _scene.Render(position, block.Samples, _aspect);
        return block;
    }
}
