using System.Globalization;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Puts parts into files, whatever the disk does: on one that is full or gone it waits, loses what comes meanwhile (counted), says so, and goes on
/// by itself when there is room again. Used by one thread, the recorder's own, so that a disk that stalls stalls nobody else.
/// </summary>
internal sealed class PartStore
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1), Watch = TimeSpan.FromSeconds(1), Look = TimeSpan.FromSeconds(30);
    private readonly RecorderContext _context;
    private readonly Func<TimeSpan, string> _path;
    private readonly Func<Part, TimeSpan, Sidecar> _describe;
    private readonly Retention? _retention;
    private readonly Outlook _outlook;
    private readonly Counter _written, _files, _framesLost, _partsLost, _troubles, _vanished;
    private readonly string _root;
    private readonly Disk _disk;
    private RecordingFile? _file;
    private Task _closing = Task.CompletedTask;
    private Task<Kept?> _cleaning = Task.FromResult<Kept?>(null);
    private TimeSpan _retryAt = TimeSpan.MinValue, _watchAt = TimeSpan.MinValue, _lookAt = TimeSpan.MinValue;
    private string? _trouble;
    private string? _gap;
    private TimeSpan _lost;
    private volatile bool _ending;

    /// <summary>Makes the store.</summary>
    /// <param name="context">Settings, clock, counters, log.</param>
    /// <param name="root">The folder that everything goes into.</param>
    /// <param name="retained">Whether the oldest files there may be deleted.</param>
    /// <param name="path">The final name of a file that begins at a time of the source's timeline.</param>
    /// <param name="describe">The sidecar of a file that begins with a part, at a time.</param>
    /// <exception cref="OutputException">There is no such folder, and none can be made.</exception>
    public PartStore(RecorderContext context, string root, bool retained, Func<TimeSpan, string> path, Func<Part, TimeSpan, Sidecar> describe)
    {
        (_context, _root, _path, _describe) = (context, root, path, describe);
        var (name, counters) = (context.Name, context.Counters);
        (_written, _files) = (counters[$"{name}.frames.written"], counters[$"{name}.files.written"]);
        (_framesLost, _partsLost) = (counters[$"{name}.frames.lost"], counters[$"{name}.parts.lost"]);
        (_troubles, _vanished) = (counters[$"{name}.disk.errors"], counters[$"{name}.disk.vanished"]);
        _outlook = new Outlook(context.Settings, context.Clock, context.Log);
        try
        {
            Directory.CreateDirectory(root);
            _disk = new Disk(root);
            _retention = retained ? new Retention(root, context.Settings, _disk, context.Clock, counters, context.Log) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{root}: nothing can be recorded here ({e.Message.TrimEnd('.')}); name another folder with recording.folder", e);
        }
    }

    /// <summary>What earlier runs have left there; null if that is nothing of ours.</summary>
    public Leftovers? Leftovers { get; init; }

    /// <summary>The file that grows; null if none does.</summary>
    public RecordingFile? File => _file;

    /// <summary>Puts a part where it belongs, or loses it.</summary>
    /// <param name="part">The part; still the caller's.</param>
    /// <param name="zero">Time zero of the file, if it takes a new one.</param>
    /// <param name="events">What the file is made for.</param>
    public void Put(Part part, TimeSpan zero, IReadOnlyList<string> events)
    {
        var now = _context.Clock.Now;
        if (_file is not null && !_file.Fits(part) && part.Key)
        {
            Cut(null);
        }

        if (now < _retryAt || ((_file is null || _gap is not null || !_file.Fits(part)) && !part.Key))
        {
            Lose(part);
            return;
        }

        try
        {
            CheckDisk(part);
            _file ??= Open(part, zero);
            _file.Sidecar.Events = events.Count > 0 ? events : _file.Sidecar.Events;
            _file.Append(part, _gap);
            _written.Add(part.Pictures);
            _outlook.Add(part.End, part.Length);
            Recover();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Trouble(e.Message);
            Lose(part);
        }
    }

    /// <summary>Between the last part and the next something is missing.</summary>
    public void Missing(string why) => _gap ??= why;

    /// <summary>The file ends here; it is made an ordinary one in the background.</summary>
    /// <param name="soundEnd">Where the sound ends exactly; null if it goes on.</param>
    public void Cut(TimeSpan? soundEnd)
    {
        if (_file is { } file)
        {
            (_file, _gap) = (null, null);
            var before = _closing;
            _closing = Task.Run(async () =>
            {
                await before.ConfigureAwait(false);
                await CloseAsync(file, soundEnd).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Looks after the disk: whether the file is still there, how much room there is, what is to be deleted.</summary>
    public void Tend()
    {
        var now = _context.Clock.Now;
        if (now >= _watchAt)
        {
            _watchAt = now + Watch;
            if (_file is { } file && !System.IO.File.Exists(file.Current))
            {
                Vanish(file);
            }
        }

        if (now < _lookAt || !_cleaning.IsCompleted)
        {
            return;
        }

        // The first look is early: an operator wants to know at once.
        _lookAt = now + (_lookAt == TimeSpan.MinValue ? TimeSpan.FromSeconds(6) : Look);
        var kept = _cleaning.IsCompletedSuccessfully ? _cleaning.GetAwaiter().GetResult() : null;
        if (_retention is { IsOn: true } || Leftovers is { IsOn: true })
        {
            _cleaning = Task.Run(CleanAsync);
        }

        if (_trouble is null)
        {
            try
            {
                _context.Health?.Set(_context.Name, true, _outlook.Say(_disk.Free(), kept, _context.Name));
            }
            catch (IOException e)
            {
                Trouble(e.Message);
            }
        }
    }

    /// <summary>Ends the last file and waits for all of them.</summary>
    /// <param name="soundEnd">Where the sound ends exactly.</param>
    /// <param name="token">Bounds the wait.</param>
    public async Task FinishAsync(TimeSpan? soundEnd, CancellationToken token)
    {
        _ending = true;
        Cut(soundEnd);
        await _closing.WaitAsync(token).ConfigureAwait(false);
        await _cleaning.WaitAsync(token).ConfigureAwait(false);
    }

    private async Task<Kept?> CleanAsync()
    {
        try
        {
            if (Leftovers is { IsOn: true } leftovers)
            {
                await leftovers.RunAsync(() => _ending).ConfigureAwait(false);
            }

            return _retention is { IsOn: true } retention ? retention.Run() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _troubles.Add();
            _context.Log.Warn($"{_context.Name}: old recordings cannot be looked through: {e.Message.TrimEnd('.')}");
            return null;
        }
    }

    private RecordingFile Open(Part first, TimeSpan zero)
    {
        var file = new RecordingFile(_path(zero), first, zero, _describe(first, zero));
        _files.Add();
        return file;
    }

    private void CheckDisk(Part part)
    {
        if (_file is { } file && !System.IO.File.Exists(file.Current))
        {
            Vanish(file);
            throw new IOException($"{file.Current} is gone");
        }

        var free = _disk.Free();
        var reserve = _context.Settings.KeepFreeGb * 1e9;
        if (reserve > 0 && free < reserve + part.Length)
        {
            _lookAt = _context.Clock.Now;
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"less than {_context.Settings.KeepFreeGb} GB left on the disk of {_root}"));
        }
    }

    private void Vanish(RecordingFile file)
    {
        _vanished.Add();
        file.Dispose();
        _file = null;
        Trouble($"{file.Current} is gone");
    }

    private void Trouble(string why)
    {
        _troubles.Add();
        _retryAt = _context.Clock.Now + Retry;
        _gap = why.TrimEnd('.');
        if (_trouble is null)
        {
            _context.Log.Error($"{_context.Name}: nothing is recorded: {_gap}; recording goes on by itself when that is over");
        }

        _trouble = _gap;
        _context.Health?.Set(_context.Name, false, _trouble);
    }

    private void Recover()
    {
        _gap = null;
        if (_trouble is null)
        {
            return;
        }

        _context.Log.Warn(string.Create(
            CultureInfo.InvariantCulture, $"{_context.Name}: recording goes on in {_file!.Final}; {_lost.TotalSeconds:0.0} s were lost ({_trouble})"));
        _context.Health?.Set(_context.Name, true);
        (_trouble, _lost) = (null, TimeSpan.Zero);
    }

    private void Lose(Part part)
    {
        _partsLost.Add();
        _framesLost.Add(part.Pictures);
        _lost += part.End - part.Begin;
        _gap ??= "lost";
    }

    private async Task CloseAsync(RecordingFile file, TimeSpan? soundEnd)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            await file.CloseAsync(_context.Settings, soundEnd, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _troubles.Add();
            _context.Log.Warn($"{_context.Name}: {file.Current} keeps this name ({e.Message.TrimEnd('.')}); it plays all the same");
        }
    }
}
