using System.Threading.Channels;

namespace RealtimeSsl.Pipeline;

/// <summary>
/// Between those who ask for another model and the engine. One at a time a model is loaded, made warm and filled with the sound so far, all beside the
/// running one and at low priority; the engine then takes it between two frames (<see cref="LocalizerStage"/>), and the old one is put away here,
/// off the hot path. Whatever goes wrong leaves the old one running: counted as <c>engine.model_refused</c>, logged, and told to who asked.
/// Switches are counted as <c>engine.model_switches</c>. Owns the running localizer.
/// </summary>
public sealed class ModelSwitch : IModelSwitch, IAsyncDisposable
{
    private readonly Func<string, ILocalizer> _load;
    private readonly Func<IReadOnlyList<string>> _available;
    private readonly Channel<Request> _requests;
    private readonly Counter _switches;
    private readonly Counter _refused;
    private readonly ILog _log;
    private readonly RateLimitedLog _refusals;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _first;
    private readonly Task _work;
    private volatile Running _running;
    private volatile Candidate? _candidate;
    private volatile Seat? _seat;
    private int _open;

    /// <summary>Loads the first model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="load">From a name to a localizer; throws if that is not possible, with a message for people.</param>
    /// <param name="available">The names there are.</param>
    /// <param name="counters">Where switches and refusals are counted.</param>
    /// <param name="log">Where they are told.</param>
    public ModelSwitch(string name, Func<string, ILocalizer> load, Func<IReadOnlyList<string>> available, Counters counters, ILog log)
    {
        (_first, _load, _available, _log) = (name, load, available, log);

        // Anybody on the page or the broker can ask for nonsense a thousand times a second; who asked is told each time.
        _refusals = new RateLimitedLog(log, new MonotonicClock(), TimeSpan.FromSeconds(10));
        (_switches, _refused) = (counters["engine.model_switches"], counters["engine.model_refused"]);
        _running = new Running(name, load(name));
        _requests = Channel.CreateBounded<Request>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            late => Answer(late, new ModelAnswer(late.Name, Current, "somebody asked for another model meanwhile")));
        _work = Task.Run(ServeAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public string Selected => _running.Name;

    /// <inheritdoc/>
    public LocalizerInfo Current => _running.Localizer.Info;

    /// <inheritdoc/>
    public IReadOnlyList<string> Available
    {
        get
        {
            // What a run was started with may lie elsewhere; it can be gone back to.
            var names = _available();
            return names.Contains(_first) ? names : [.. names, _first];
        }
    }

    /// <summary>The localizer that runs.</summary>
    internal ILocalizer Localizer => _running.Localizer;

    /// <summary>The next model, ready to take over; null most of the time.</summary>
    internal Candidate? Ready => _candidate;

    /// <inheritdoc/>
    public Task<ModelAnswer> RequestAsync(string name)
    {
        if (name == Selected && Volatile.Read(ref _open) == 0)
        {
            return Task.FromResult(new ModelAnswer(name, Current, null));
        }

        // Only names: a message from elsewhere does not choose files of this machine.
        var names = Available;
        var parts = (name.EndsWith("+flow", StringComparison.Ordinal) ? name[..^"+flow".Length] : name).Split('+');
        return names.Contains(name) || (parts.Length is 1 or 2 && parts.All(names.Contains))
            ? LoadAsync(name, fromElsewhere: true)
            : Task.FromResult(Refuse(name, true, $"model '{(name.Length > 100 ? name[..100] + "..." : name)}': unknown; there are {string.Join(", ", names)}"));
    }

    /// <summary>Loads a model, by path if need be, also the one that runs: its files or its settings have changed.</summary>
    public Task<ModelAnswer> LoadAsync(string name) => LoadAsync(name, fromElsewhere: false);

    private Task<ModelAnswer> LoadAsync(string name, bool fromElsewhere)
    {
        var request = new Request(name, fromElsewhere, new TaskCompletionSource<ModelAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
        Interlocked.Increment(ref _open);
        if (!_requests.Writer.TryWrite(request))
        {
            Answer(request, new ModelAnswer(name, Current, Over));
        }

        return request.Answer.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_requests.Writer.TryComplete())
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _running.Localizer.Dispose();
        _stop.Dispose();
    }

    /// <summary>The engine says what a model needs to get ready: the sound so far (null without sound), and what analyzes it.</summary>
    internal void Attach(SoundHistory? sound, Func<AudioFrontEnd, AudioAnalyzer> analyzer) => _seat = new Seat(sound, analyzer);

    /// <summary>The engine says how large the pictures are.</summary>
    internal void Show(int width, int height)
    {
        if (_seat is { } seat)
        {
            (seat.Width, seat.Height) = (width, height);
        }
    }

    /// <summary>The engine has taken the model; the one before is no longer used.</summary>
    internal void Accept(Candidate next)
    {
        var old = _running.Localizer;
        _running = new Running(next.Name, next.Localizer);
        _candidate = null;
        next.Outcome.TrySetResult((old, null));
    }

    /// <summary>The engine could not use the model.</summary>
    internal void Refuse(Candidate next, Exception why)
    {
        _candidate = null;
        next.Outcome.TrySetResult((next.Localizer, why.Message));
    }

    private const string Over = "the run is over";

    private async Task ServeAsync()
    {
        try
        {
            await foreach (var request in _requests.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                Answer(request, await SwitchAsync(request).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException)
        {
        }

        while (_requests.Reader.TryRead(out var late))
        {
            Answer(late, new ModelAnswer(late.Name, Current, Over));
        }
    }

    private async Task<ModelAnswer> SwitchAsync(Request request)
    {
        var name = request.Name;
        Candidate next;
        try
        {
            next = await PrepareAsync(name).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return Refuse(name, request.FromElsewhere, e.Message);
        }

        _candidate = next;
        (ILocalizer Unused, string? Error) outcome;
        try
        {
            outcome = await next.Outcome.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The engine has ended before it took it; or took it just now.
            (_candidate is null ? (await next.Outcome.Task.ConfigureAwait(false)).Unused : next.Localizer).Dispose();
            return new ModelAnswer(name, Current, Over);
        }

        outcome.Unused.Dispose();
        if (outcome.Error is { } error)
        {
            return Refuse(name, request.FromElsewhere, error);
        }

        _switches.Add();
        _log.Info($"model: {Current.Name} on {Current.Device.Effective}{(Current.Sha256 is { } sha ? $", sha256 {sha[..12]}" : "")}");
        Changed?.Invoke();
        return new ModelAnswer(name, Current, null);
    }

    /// <summary>A thread of its own: loading takes as long as it takes, and where threads have priorities the engine's comes first.</summary>
    private Task<Candidate> PrepareAsync(string name)
    {
        var done = new TaskCompletionSource<Candidate>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                done.SetResult(Prepare(name));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Priority = ThreadPriority.Lowest, Name = "model loader" }.Start();
        return done.Task;
    }

    private Candidate Prepare(string name)
    {
        var seat = _seat ?? throw new InvalidOperationException("there is no engine yet");
        var localizer = _load(name);
        try
        {
            var analyzer = seat.Sound is null ? null : seat.Analyzer(localizer.FrontEnd);
            var next = new Candidate(name, localizer, analyzer) { Heard = analyzer is null ? 0 : seat.Sound!.Replay(analyzer, 0) };
            WarmUp(next, seat);
            return next;
        }
        catch
        {
            localizer.Dispose();
            throw;
        }
    }

    /// <summary>One frame for nobody: what is compiled, or allocated for a picture's size, on first use, is so before the first real one.</summary>
    private static void WarmUp(Candidate next, Seat seat)
    {
        var (width, height) = (seat.Width, seat.Height);
        if (width * height == 0)
        {
            return;
        }

        using var frame = new FramePool(0).Rent(width, height);
        frame.Pixels.Clear();
        var heard = next.Analyzer is { } analyzer ? analyzer.WindowAt(analyzer.CoveredUntil) : AudioWindow.None;
        next.Localizer.Localize(frame, heard.Exists ? heard with { Dbfs = -20 } : heard, new LocalizerOutput());
        next.Localizer.Reset();
    }

    private void Answer(Request request, ModelAnswer answer)
    {
        Interlocked.Decrement(ref _open);
        request.Answer.TrySetResult(answer);
    }

    private ModelAnswer Refuse(string name, bool fromElsewhere, string error)
    {
        _refused.Add();
        var line = $"{error}; {Current.Name} runs on";
        if (fromElsewhere)
        {
            _refusals.Warn(line);
        }
        else
        {
            _log.Warn(line);
        }

        return new ModelAnswer(name, Current, error);
    }

    /// <summary>A model that waits for the engine to take it.</summary>
    internal sealed class Candidate(string name, ILocalizer localizer, AudioAnalyzer? analyzer)
    {
        /// <summary>As it was asked for.</summary>
        public string Name { get; } = name;

        /// <summary>The model, warm.</summary>
        public ILocalizer Localizer { get; } = localizer;

        /// <summary>Its front end, which has heard what there was; null without sound.</summary>
        public AudioAnalyzer? Analyzer { get; } = analyzer;

        /// <summary>How far it has heard (<see cref="SoundHistory.Replay"/>).</summary>
        public long Heard { get; set; }

        /// <summary>Until when it may watch beside the running one; null before its first frame.</summary>
        public TimeSpan? Until { get; set; }

        /// <summary>What the engine says of it: the localizer that is no longer used, and why if it is this one.</summary>
        public TaskCompletionSource<(ILocalizer Unused, string? Error)> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Request(string Name, bool FromElsewhere, TaskCompletionSource<ModelAnswer> Answer);

    private sealed record Running(string Name, ILocalizer Localizer);

    private sealed class Seat(SoundHistory? sound, Func<AudioFrontEnd, AudioAnalyzer> analyzer)
    {
        public SoundHistory? Sound { get; } = sound;

        public Func<AudioFrontEnd, AudioAnalyzer> Analyzer { get; } = analyzer;

        public volatile int Width;

        public volatile int Height;
    }
}
