namespace RealtimeSsl.Pipeline;

/// <summary>
/// Heatmap to sources: cells above the threshold, joined to 4-connected components, each with a peak, a score and a box.
/// Box edges lie where the profile crosses <see cref="DetectorSettings.Reach"/> of the peak, interpolated between cells: a 14 x 14 grid
/// would otherwise give boxes that jump by 7 % of the picture. Keeps its buffers; allocates only when a grid grows.
/// </summary>
public sealed class Detector(DetectorSettings settings)
{
    private volatile DetectorSettings _settings = settings;
    private int[] _component = [];
    private int[] _stack = [];
    private float[] _profile = [];

    /// <summary>Limits; others hold from the next heatmap on.</summary>
    public DetectorSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Finds the sources of a heatmap.</summary>
    /// <param name="output">The localizer's answer.</param>
    /// <param name="sources">Cleared, then filled, highest score first; ids are 0.</param>
    public void Detect(LocalizerOutput output, List<SoundSource> sources)
    {
        sources.Clear();
        if (output.Presence < _settings.Presence)
        {
            return;
        }

        var map = output.Heatmap;
        var cells = map.Rows * map.Cols;
        if (_component.Length < cells)
        {
            (_component, _stack) = (new int[cells], new int[cells]);
            _profile = new float[cells];
        }

        var threshold = _settings.Threshold > 0 ? (float)_settings.Threshold : output.Threshold;
        _component.AsSpan(0, cells).Clear();
        var count = 0;
        for (var seed = 0; seed < cells; seed++)
        {
            if (_component[seed] == 0 && map.Normalised(seed) >= threshold)
            {
                var peak = Flood(map, seed, ++count, threshold);
                Insert(sources, Describe(map, peak, count, threshold));
            }
        }
    }

    private int Flood(Heatmap map, int seed, int component, float threshold)
    {
        var (peak, top) = (seed, 0);
        _stack[top++] = seed;
        _component[seed] = component;
        while (top > 0)
        {
            var cell = _stack[--top];
            if (map.Normalised(cell) > map.Normalised(peak))
            {
                peak = cell;
            }

            var (x, y) = (cell % map.Cols, cell / map.Cols);
            Visit(x > 0, cell - 1);
            Visit(x < map.Cols - 1, cell + 1);
            Visit(y > 0, cell - map.Cols);
            Visit(y < map.Rows - 1, cell + map.Cols);
        }

        return peak;

        void Visit(bool inside, int next)
        {
            if (inside && _component[next] == 0 && map.Normalised(next) >= threshold)
            {
                _component[next] = component;
                _stack[top++] = next;
            }
        }
    }

    private SoundSource Describe(Heatmap map, int peak, int component, float threshold)
    {
        var score = map.Normalised(peak);
        var cut = Math.Max(threshold, (float)_settings.Reach * score);
        var (x1, x2) = Extent(map, component, cut, map.Cols, horizontal: true);
        var (y1, y2) = Extent(map, component, cut, map.Rows, horizontal: false);
        var box = new Box(x1 / map.Cols, y1 / map.Rows, x2 / map.Cols, y2 / map.Rows);
        var (px, py) = ((peak % map.Cols + 0.5f) / map.Cols, (peak / map.Cols + 0.5f) / map.Rows);
        return new SoundSource(0, map.Label, score, box, px, py, 0);
    }

    /// <summary>
    /// First and last crossing of <paramref name="cut"/> along one axis, in cells. The profile is the maximum over the component's cells, and
    /// beyond the component over the cells beside it, so that the crossing can be interpolated.
    /// </summary>
    private (float First, float Last) Extent(Heatmap map, int component, float cut, int length, bool horizontal)
    {
        var profile = _profile.AsSpan(0, length);
        profile.Clear();
        var (first, last) = (length, -1);
        for (var cell = 0; cell < map.Rows * map.Cols; cell++)
        {
            if (_component[cell] != component)
            {
                continue;
            }

            var at = horizontal ? cell % map.Cols : cell / map.Cols;
            var score = map.Normalised(cell);
            profile[at] = Math.Max(profile[at], score);
            if (score >= cut)
            {
                (first, last) = (Math.Min(first, at), Math.Max(last, at));
            }

            var step = horizontal ? 1 : map.Cols;
            if (at > 0 && _component[cell - step] != component)
            {
                profile[at - 1] = Math.Max(profile[at - 1], map.Normalised(cell - step));
            }

            if (at < length - 1 && _component[cell + step] != component)
            {
                profile[at + 1] = Math.Max(profile[at + 1], map.Normalised(cell + step));
            }
        }

        var begin = first == 0 ? 0 : first + 0.5f - Crossing(profile[first], profile[first - 1], cut);
        var end = last == length - 1 ? length : last + 0.5f + Crossing(profile[last], profile[last + 1], cut);
        return (begin, end);
    }

    /// <summary>Distance in cells from the centre of a cell above the cut to the crossing towards its neighbour; at least half a cell.</summary>
    private static float Crossing(float inside, float outside, float cut) =>
        inside > outside ? Math.Clamp((inside - cut) / (inside - outside), 0.5f, 1f) : 0.5f;

    private void Insert(List<SoundSource> sources, in SoundSource source)
    {
        var at = sources.Count;
        while (at > 0 && sources[at - 1].Score < source.Score)
        {
            at--;
        }

        if (at < _settings.MaxSources)
        {
            sources.Insert(at, source);
            if (sources.Count > _settings.MaxSources)
            {
                sources.RemoveAt(sources.Count - 1);
            }
        }
    }
}
