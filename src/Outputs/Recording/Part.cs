using System.Buffers;
using System.Buffers.Binary;

namespace RealtimeSsl.Outputs;

/// <summary>One run of an encoder: what all its parts share.</summary>
/// <param name="begin">Time zero of the encoder's own timeline, on the source's timeline: where its sound begins.</param>
/// <param name="firstPicture">Time of its first picture, on the source's timeline; at or after <paramref name="begin"/>.</param>
internal sealed class EncoderRun(TimeSpan begin, TimeSpan firstPicture)
{
    /// <summary>Time zero of the encoder's own timeline: where its sound begins.</summary>
    public TimeSpan Begin { get; } = begin;

    /// <summary>Where its pictures begin.</summary>
    public TimeSpan FirstPicture { get; } = firstPicture;

    /// <summary>File type and movie header, which every file with parts of this run begins with.</summary>
    public byte[] Header { get; set; } = [];

    /// <summary>The tracks.</summary>
    public IReadOnlyList<Mp4Track> Tracks { get; set; } = [];
}

/// <summary>
/// A part of a recording: one MP4 fragment, half a second or less of pictures and their sound, in a rented buffer. Parts can be put into files as
/// they are: only their times are to be moved.
/// </summary>
internal sealed class Part : IDisposable
{
    private readonly IReadOnlyList<Mp4Run> _runs;
    private byte[] _bytes;

    /// <summary>Makes a part of a fragment.</summary>
    /// <param name="run">Whose it is.</param>
    /// <param name="bytes">From <see cref="ArrayPool{T}.Shared"/>; the part gives it back.</param>
    /// <param name="length">How much of it counts.</param>
    /// <param name="runs">What its moof box says.</param>
    public Part(EncoderRun run, byte[] bytes, int length, IReadOnlyList<Mp4Run> runs)
    {
        (Run, _bytes, Length, _runs) = (run, bytes, length, runs);
        TimeSpan? first = null, earliest = null;
        foreach (var track in run.Tracks)
        {
            foreach (var samples in runs)
            {
                if (samples.Track == track.Id)
                {
                    var begin = (track.Video ? run.FirstPicture : run.Begin) + Span(samples.Time, track);
                    var end = begin + Span(samples.Ticks, track);
                    (Pictures, Key) = track.Video ? (samples.Samples, samples.Key) : (Pictures, Key);
                    first = track.Video ? begin : first ?? begin;
                    earliest = earliest < begin ? earliest : begin;
                    End = End > end ? End : end;
                }
            }
        }

        Begin = first ?? run.Begin;
        Start = earliest ?? run.Begin;
    }

    /// <summary>Whose it is.</summary>
    public EncoderRun Run { get; }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>Time of its first picture (without pictures: of its first sound), on the source's timeline.</summary>
    public TimeSpan Begin { get; }

    /// <summary>
    /// Where it begins to sound or to show, on the source's timeline: time zero of a file that begins with it. Earlier than <see cref="Begin"/> where pictures come so
    /// rarely that the sound before the first one has come into the same part.
    /// </summary>
    public TimeSpan Start { get; }

    /// <summary>Where it ends, on the source's timeline.</summary>
    public TimeSpan End { get; }

    /// <summary>How many pictures it has.</summary>
    public int Pictures { get; }

    /// <summary>Whether it can be played without the parts before it: a file may begin with it.</summary>
    public bool Key { get; }

    /// <summary>Seq of its first and last picture, once known.</summary>
    public (long First, long Last) Seq { get; set; }

    /// <summary>Its bytes, as a fragment of a file.</summary>
    /// <param name="header">The run whose header the file begins with.</param>
    /// <param name="zero">The file's time zero, on the source's timeline.</param>
    /// <param name="sequence">The fragment's number in the file, from 1.</param>
    public ReadOnlySpan<byte> For(EncoderRun header, TimeSpan zero, int sequence)
    {
        // A header delays the pictures by what its own run's pictures came after its sound; the times of fragments do not count that.
        var delay = header.FirstPicture - header.Begin;
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(Mp4.SequenceAt), sequence);
        foreach (var samples in _runs)
        {
            var track = Run.Tracks.First(t => t.Id == samples.Track);
            var move = (track.Video ? Run.FirstPicture - delay : Run.Begin) - zero;
            var time = samples.Time + (long)Math.Round(move.TotalSeconds * track.Timescale);
            BinaryPrimitives.WriteInt64BigEndian(_bytes.AsSpan(samples.TimeAt), Math.Max(0, time));
        }

        return _bytes.AsSpan(0, Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private static TimeSpan Span(long ticks, Mp4Track track) => TimeSpan.FromSeconds((double)ticks / track.Timescale);
}
