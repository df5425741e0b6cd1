using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Event messages that the broker has not acknowledged, oldest first, in memory and in a file beside it: they survive a broker that is away and an end of
/// our own, however sudden. The file is a line that says where the first unsent message begins, then one message per line. Bounded: the oldest goes and is
/// counted as <c>mqtt.events.dropped</c>. A disk that fails costs only the survival (<c>mqtt.events.unsaved</c>). Thread-safe.
/// </summary>
/// <remarks>Written through to the operating system, not to the platter: a power cut may cost the last seconds, a crash of the program nothing.</remarks>
internal sealed class EventQueue : IDisposable
{
    private const string Mark = "realtimessl-events/1 ";
    private const int HeaderLength = 42;
    private const long WasteBeforeRewriting = 1 << 20;
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _messages = new();
    private readonly int _limit;
    private readonly Counter _dropped;
    private readonly Counter _unsaved;
    private readonly RateLimitedLog _log;
    private readonly string _path;
    private FileStream? _file;
    private long _head = HeaderLength;
    private long _first;

    /// <summary>Opens the queue of a name, with what an earlier run left in it.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="limit">How many messages are kept.</param>
    /// <param name="clock">Whose time counts for the rate of log lines.</param>
    /// <param name="counters">Where losses are counted.</param>
    /// <param name="log">Who is told of a failing disk.</param>
    /// <exception cref="OutputException">The file cannot be used, or another run uses it.</exception>
    public EventQueue(string path, int limit, IClock clock, Counters counters, ILog log)
    {
        (_path, _limit, _log) = (path, limit, new RateLimitedLog(log, clock, TimeSpan.FromSeconds(10)));
        (_dropped, _unsaved) = (counters["mqtt.events.dropped"], counters["mqtt.events.unsaved"]);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _file = Open(path, FileMode.OpenOrCreate);
            Load(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw new OutputException(
                $"mqtt: {path} cannot be used ({e.Message.TrimEnd('.')}): if another run uses this broker, give this one another mqtt.prefix or camera name; otherwise see mqtt.folder", e);
        }
    }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _messages.Count;
            }
        }
    }

    /// <summary>Adds a message, which is one line.</summary>
    public void Add(ReadOnlySpan<byte> message)
    {
        var own = message.ToArray();
        lock (_gate)
        {
            while (_messages.Count >= _limit)
            {
                _dropped.Add();
                RemoveFirst();
            }

            _messages.Enqueue(own);
            Save(file =>
            {
                file.Seek(0, SeekOrigin.End);
                file.Write([.. own, (byte)'\n']);
            });
        }
    }

    /// <summary>The oldest message and its number, which <see cref="Remove"/> takes; false if there is none.</summary>
    public bool TryPeek(out long number, out byte[] message)
    {
        lock (_gate)
        {
            number = _first;
            return _messages.TryPeek(out message!);
        }
    }

    /// <summary>The broker has the message of that number.</summary>
    public void Remove(long number)
    {
        lock (_gate)
        {
            // Otherwise it was dropped while it was on its way.
            if (number == _first && _messages.Count > 0)
            {
                RemoveFirst();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private static FileStream Open(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    private static byte[] Header(long head) => Encoding.ASCII.GetBytes(Mark + head.ToString("D20", CultureInfo.InvariantCulture) + "\n");

    private void Load(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var header = Encoding.ASCII.GetString(bytes, 0, Math.Min(HeaderLength, bytes.Length));
        if (header.Length < HeaderLength || !header.StartsWith(Mark, StringComparison.Ordinal)
            || !long.TryParse(header.AsSpan(Mark.Length, 20), CultureInfo.InvariantCulture, out var head))
        {
            if (bytes.Length >= HeaderLength)
            {
                throw new IOException("it is no queue of events");
            }

            Empty(file);
            return;
        }

        _head = Math.Clamp(head, HeaderLength, Math.Max(HeaderLength, bytes.Length));
        var rest = bytes.AsSpan((int)_head);
        for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
        {
            _messages.Enqueue(rest[..end].ToArray());
        }

        // A message that was being written when the program died was never promised to anybody.
        file.SetLength(bytes.Length - rest.Length);
        while (_messages.Count > _limit)
        {
            _dropped.Add();
            RemoveFirst();
        }

        if (_messages.Count == 0)
        {
            Empty(file);
        }
    }

    private void RemoveFirst()
    {
        _head += _messages.Dequeue().Length + 1;
        _first++;
        Save(file =>
        {
            if (_messages.Count == 0)
            {
                Empty(file);
            }
            else if (_head > WasteBeforeRewriting && _head > file.Length / 2)
            {
                Rewrite();
            }
            else
            {
                WriteHead(file);
            }
        });
    }

    // The length first: a head beyond the end means empty, too.
    private void Empty(FileStream file)
    {
        file.SetLength(0);
        _head = HeaderLength;
        WriteHead(file);
    }

    private void WriteHead(FileStream file)
    {
        file.Seek(0, SeekOrigin.Begin);
        file.Write(Header(_head));
    }

    private void Rewrite()
    {
        var next = _path + ".next";
        var fresh = Open(next, FileMode.Create);
        try
        {
            using var bytes = new MemoryStream();
            bytes.Write(Header(HeaderLength));
            foreach (var message in _messages)
            {
                bytes.Write(message);
                bytes.WriteByte((byte)'\n');
            }

            fresh.Write(bytes.GetBuffer(), 0, (int)bytes.Length);
            _file?.Dispose();
            _file = null;
            fresh.Dispose();
            File.Move(next, _path, overwrite: true);
            _file = Open(_path, FileMode.Open);
            _head = HeaderLength;
        }
        finally
        {
            fresh.Dispose();
        }
    }

    private void Save(Action<FileStream> write)
    {
        try
        {
            if (_file is null)
            {
                // It failed before: all that waits is written anew.
                Rewrite();
                return;
            }

            write(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unsaved.Add();
            _file?.Dispose();
            _file = null;
            _log.Warn($"mqtt: {_path} cannot be written: {e.Message.TrimEnd('.')}; events that are not sent yet would not survive the program");
        }
    }
}
