using System.Collections.Concurrent;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>What the stages of a recorder share.</summary>
/// <param name="Name">Of the sink; also the first word of its counters.</param>
/// <param name="Settings">What is kept, and how.</param>
/// <param name="Stream">What is recorded.</param>
/// <param name="Clock">Whose time counts.</param>
/// <param name="Counters">Where losses are counted.</param>
/// <param name="Log">Who is told.</param>
/// <param name="Health">Where it says how it is; null for nobody.</param>
internal sealed record RecorderContext(
    string Name, RecordingSettings Settings, StreamInfo Stream, IClock Clock, Counters Counters, ILog Log, Health? Health);

/// <summary>
/// Takes the encoder's parts and decides which of them go into which file: all into one, into segments, or those around events. It has a thread of
/// its own for the disk and a bounded queue before it. The time before an event is kept as parts, a few hundred kilobytes a second.
/// </summary>
internal sealed class Recorder : IDisposable
{
    // A disk may stall for this long, or this much, before something is lost.
    private const int MostParts = 240;
    private const long MostBytes = 128 << 20;

    private readonly RecorderContext _context;
    private readonly PartStore _store;
    private readonly BlockingCollection<Part> _queue = new(MostParts);
    private readonly Queue<Part> _before = new();
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Counter _partsLost, _framesLost;
    private (TimeSpan From, TimeSpan To) _wanted = (TimeSpan.MaxValue, TimeSpan.MinValue);
    private TimeSpan _taken = TimeSpan.MinValue;
    private EncoderRun? _last;
    private long _bytes;
    private volatile bool _overflow;

    /// <summary>Starts the thread.</summary>
    public Recorder(RecorderContext context, PartStore store)
    {
        (_context, _store) = (context, store);
        (_partsLost, _framesLost) = (context.Counters[$"{context.Name}.parts.lost"], context.Counters[$"{context.Name}.frames.lost"]);
        _thread = new Thread(Work) { IsBackground = true, Name = context.Name };
        _thread.Start();
    }

    /// <summary>Takes a part. Where the source waits, so does this, for as long as a disk may stall; otherwise never.</summary>
    public void Add(Part part)
    {
        var patience = _context.Stream.Video.Live ? TimeSpan.Zero : TimeSpan.FromSeconds(_context.Settings.StallSeconds);
        if (Interlocked.Add(ref _bytes, part.Length) <= MostBytes && !_queue.IsAddingCompleted && _queue.TryAdd(part, patience))
        {
            return;
        }

        Interlocked.Add(ref _bytes, -part.Length);
        _overflow = true;
        _partsLost.Add();
        _framesLost.Add(part.Pictures);
        part.Dispose();
    }

    /// <summary>Says from when to when something is of interest; it may be told again with another end.</summary>
    /// <param name="from">Begin, on the source's timeline. May lie in the past, as far as the settings say.</param>
    /// <param name="to">End; <see cref="TimeSpan.MaxValue"/> as long as it is not known.</param>
    /// <param name="id">Of the event that it is for; null for none.</param>
    public void Want(TimeSpan from, TimeSpan to, string? id)
    {
        lock (_gate)
        {
            // What begins before the last one is over goes with it.
            _wanted = from <= _wanted.To ? (_wanted.From, to) : (from, to);
            if (id is not null && !_events.Contains(id))
            {
                _events.Add(id);
            }
        }
    }

    /// <summary>Writes what is left and makes ordinary files.</summary>
    /// <param name="soundEnd">Where the sound ends exactly, on the source's timeline.</param>
    /// <param name="token">Bounds the wait.</param>
    /// <exception cref="OutputException">The disk does not answer.</exception>
    public async Task FinishAsync(TimeSpan? soundEnd, CancellationToken token)
    {
        _queue.CompleteAdding();
        try
        {
            await _done.Task.WaitAsync(token).ConfigureAwait(false);
            await _store.FinishAsync(soundEnd, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new OutputException($"{_store.File?.Current ?? "the recording"}: the disk did not finish in time; what is there plays", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.CompleteAdding();
        if (_thread.Join(TimeSpan.FromSeconds(2)))
        {
            _queue.Dispose();
        }
    }

    private void Work()
    {
        while (!_queue.IsCompleted)
        {
            if (_queue.TryTake(out var part, TimeSpan.FromMilliseconds(250)))
            {
                Interlocked.Add(ref _bytes, -part.Length);
                Take(part);
            }

            _store.Tend();
        }

        while (_before.TryDequeue(out var part))
        {
            part.Dispose();
        }

        _done.SetResult();
    }

    private void Take(Part part)
    {
        if (_overflow)
        {
            _overflow = false;
            _store.Missing("the disk was too slow");
        }

        if (_last is not null && part.Run != _last)
        {
            _store.Missing("the encoder had to be started again");
        }

        _last = part.Run;
        if (_context.Settings.Mode == RecordingMode.Events)
        {
            TakeForEvents(part);
            return;
        }

        using (part)
        {
            var zero = part.Start;
            if (_context.Settings.Mode == RecordingMode.Run)
            {
                // A file's own times are kept, so that sound which begins before the first picture is not lost.
                zero = part.Begin == part.Run.FirstPicture ? part.Run.Begin : part.Start;
            }
            else if (part.Key && _store.File is { } file && part.Begin - file.Zero >= TimeSpan.FromSeconds(_context.Settings.SegmentSeconds))
            {
                _store.Cut(null);
            }

            _store.Put(part, zero, []);
        }
    }

    private void TakeForEvents(Part part)
    {
        (TimeSpan from, TimeSpan to) = Wanted(out var events);
        _before.Enqueue(part);
        if (part.Begin < to)
        {
            // From the last part that a file can begin with, before what is wanted; and nothing twice.
            var begin = _before.LastOrDefault(p => p.Key && p.Begin <= from && p.Begin > _taken) ?? _before.FirstOrDefault(p => p.Key && p.Begin > _taken);
            foreach (var kept in _before)
            {
                if (kept.Begin > _taken && (_store.File is not null || kept.Begin >= begin?.Begin))
                {
                    _store.Put(kept, kept.Start, events);
                    _taken = kept.Begin;
                }
            }
        }
        else if (_store.File is not null)
        {
            _store.Cut(null);
            Forget(to);
        }

        var keep = part.End - TimeSpan.FromSeconds(_context.Settings.PreSeconds + Encoder.KeySeconds + Encoder.PartSeconds);
        while (_before.Count > 1 && _before.Peek().End < keep)
        {
            _before.Dequeue().Dispose();
        }
    }

    private (TimeSpan From, TimeSpan To) Wanted(out IReadOnlyList<string> events)
    {
        lock (_gate)
        {
            events = [.. _events];
            return _wanted;
        }
    }

    // The recording is over; unless something new began meanwhile, its events belong to no other.
    private void Forget(TimeSpan to)
    {
        lock (_gate)
        {
            if (_wanted.To == to)
            {
                _events.Clear();
            }
        }
    }
}
