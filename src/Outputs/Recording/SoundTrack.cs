using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// The sound of a recording: one run of samples without holes, of one rate and channel count, each where its time says. Blocks that follow each
/// other are taken bit for bit; a hole is filled with silence, what overlaps is cut, and where the device's clock runs away from the pictures'
/// the blocks are stretched a little, inaudibly, so that sound and picture stay together for hours. Samples are let go when a picture of their
/// time has been written, so that both streams advance together.
/// </summary>
/// <param name="format">What comes out.</param>
/// <param name="counters">Where holes and cuts are counted.</param>
/// <param name="name">First word of the counters.</param>
/// <param name="patience">How far the sound may be behind its picture before silence takes its place.</param>
/// <param name="write">Takes interleaved samples and the index of the first one.</param>
internal sealed class SoundTrack(SoundFormat format, Counters counters, string name, TimeSpan patience, SoundTrack.Writer write)
{
    // Below this a block is where it should be: containers round times to a millisecond.
    private const double Tolerance = 0.0015;

    // From here on it is no drift: something is missing or comes twice. Must stay under the 20 ms that a viewer may notice.
    private const double Hole = 0.015;

    // A change of pitch by so little is not heard: 0.5 % are 9 cents.
    private const double MostStretch = 0.005;

    // Longest wait of the sound for its picture, in seconds.
    private const int MostLead = 10;

    // From this much sound on its drift is known to a few ppm, in seconds.
    private const int Known = 60;

    private readonly Counter _gaps = counters[$"{name}.audio.gaps"];
    private readonly Counter _silence = counters[$"{name}.audio.filled_samples"];
    private readonly Counter _cut = counters[$"{name}.audio.cut_samples"];
    private float[] _queue = new float[format.Rate * format.Channels];
    private float[] _mixed = [];
    private int _begin;
    private int _length;
    private long _next = -1;
    private long _natural;
    private long _stretched;

    /// <summary>Takes samples out.</summary>
    public delegate void Writer(ReadOnlySpan<float> samples, long index);

    /// <summary>Index of the first sample that waits: what comes before is written.</summary>
    public long Written { get; private set; }

    /// <summary>How much is written.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds((double)Written / format.Rate);

    /// <summary>
    /// How much slower the sound's clock runs than it says, in parts per million (1e6 x samples put in / samples taken): what was resampled away.
    /// Null until there was a minute of it.
    /// </summary>
    public double? DriftPpm => _natural >= (long)Known * format.Rate ? 1e6 * _stretched / _natural : null;

    /// <summary>Index just after the last sample that is here.</summary>
    public long End => Written + _length;

    /// <summary>Puts a block where it belongs.</summary>
    /// <param name="block">Any rate and channel count.</param>
    /// <param name="time">Its time since the recording's begin; what lies before that is cut.</param>
    public void Add(AudioBlock block, TimeSpan time)
    {
        var natural = (int)Math.Round((double)block.Length * format.Rate / block.Rate);
        var offset = IndexOf(time) - End;
        var follows = block.Position == _next;
        _next = block.Position + block.Length;
        if (follows && Math.Abs(offset) < Hole * format.Rate)
        {
            var most = Math.Max(1, (int)(natural * MostStretch));
            var stretch = Math.Abs(offset) <= Tolerance * format.Rate ? 0 : (int)Math.Clamp(offset, -most, most);
            (_natural, _stretched) = (_natural + natural, _stretched + stretch);
            Append(Mix(block), natural + stretch);
            return;
        }

        if (offset > 0)
        {
            _gaps.Add(End > 0 ? 1 : 0);
            Fill(offset);
        }

        var cut = Math.Clamp(-offset, 0, natural);
        _cut.Add(cut);
        Append(Mix(block)[((int)(cut * block.Rate / format.Rate) * format.Channels)..], (int)(natural - cut));
    }

    /// <summary>Lets go what belongs to pictures up to that time; where the sound is far behind, silence takes its place.</summary>
    public void Release(TimeSpan time)
    {
        var index = IndexOf(time);
        Fill(index - (long)(patience.TotalSeconds * format.Rate) - End);
        Write(Math.Min(index - Written, _length));
    }

    /// <summary>Lets go the rest: no more will come.</summary>
    /// <param name="pictures">Time at which the pictures end; if the sound ends before, silence follows.</param>
    /// <param name="trim">Whether the sound is to end with the pictures, too.</param>
    public void Finish(TimeSpan pictures, bool trim)
    {
        var end = IndexOf(pictures);
        Fill(end - End);
        Write(trim ? Math.Min(_length, end - Written) : _length);
    }

    private long IndexOf(TimeSpan time) => (long)Math.Round(time.TotalSeconds * format.Rate);

    private void Fill(long samples)
    {
        _silence.Add(Math.Max(0, samples));
        for (var rest = samples; rest > 0;)
        {
            var run = (int)Math.Min(rest, format.Rate);
            Room(run).Clear();
            rest -= run;
            LimitLead();
        }
    }

    // Brings the samples to another length by cubic interpolation (Catmull-Rom), whose loss at high frequencies is not heard to come and go;
    // of the same length they stay as they are.
    private void Append(ReadOnlySpan<float> samples, int length)
    {
        var channels = format.Channels;
        var count = samples.Length / channels;
        if (count == 0 || length <= 0)
        {
            return;
        }

        var to = Room(length);
        if (count == length)
        {
            samples.CopyTo(to);
        }
        else
        {
            var step = length > 1 ? (count - 1) / (double)(length - 1) : 0;
            for (var i = 0; i < length; i++)
            {
                var at = i * step;
                var left = Math.Min((int)at, Math.Max(0, count - 2));
                var (before, right, after) = (Math.Max(0, left - 1), Math.Min(left + 1, count - 1), Math.Min(left + 2, count - 1));
                var t = (float)(at - left);
                for (var k = 0; k < channels; k++)
                {
                    float a = samples[before * channels + k], b = samples[left * channels + k];
                    float c = samples[right * channels + k], d = samples[after * channels + k];
                    to[i * channels + k] = b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
                }
            }
        }

        LimitLead();
    }

    private void LimitLead() => Write(_length - (long)MostLead * format.Rate);

    private Span<float> Room(int samples)
    {
        var channels = format.Channels;
        if ((_begin + _length + samples) * channels > _queue.Length)
        {
            var queue = (_length + samples) * channels * 2 > _queue.Length ? new float[(_length + samples) * channels * 2] : _queue;
            _queue.AsSpan(_begin * channels, _length * channels).CopyTo(queue);
            (_queue, _begin) = (queue, 0);
        }

        var room = _queue.AsSpan((_begin + _length) * channels, samples * channels);
        _length += samples;
        return room;
    }

    private void Write(long samples)
    {
        while (samples > 0)
        {
            var run = (int)Math.Min(samples, 4096);
            write(_queue.AsSpan(_begin * format.Channels, run * format.Channels), Written);
            (_begin, _length, Written, samples) = (_begin + run, _length - run, Written + run, samples - run);
        }
    }

    private ReadOnlySpan<float> Mix(AudioBlock block)
    {
        int from = block.Channels, to = format.Channels;
        if (from == to)
        {
            return block.Samples;
        }

        if (_mixed.Length < block.Length * to)
        {
            _mixed = new float[block.Length * to];
        }

        for (var i = 0; i < block.Length; i++)
        {
            var sample = block.Samples.Slice(i * from, from);
            if (from == 1 || to == 1)
            {
                var sum = 0f;
                foreach (var value in sample)
                {
                    sum += value;
                }

                _mixed.AsSpan(i * to, to).Fill(sum / from);
            }
            else
            {
                for (var c = 0; c < to; c++)
                {
                    _mixed[i * to + c] = c < from ? sample[c] : 0;
                }
            }
        }

        return _mixed.AsSpan(0, block.Length * to);
    }
}
