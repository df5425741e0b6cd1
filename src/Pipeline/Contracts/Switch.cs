namespace RealtimeSsl.Pipeline;

/// <summary>
/// Something that people switch on and off while a run goes on. Who does the work asks <see cref="IsOn"/>; who shows it or takes commands hears
/// <see cref="Changed"/>. All members may be used from any thread.
/// </summary>
/// <param name="name">What it is called in topics: letters only.</param>
/// <param name="on">How it begins.</param>
public sealed class Switch(string name, bool on)
{
    private readonly Lock _gate = new();
    private volatile bool _on = on;
    private volatile string? _blocked;

    /// <summary>What it is called: <c>detection</c>, <c>recording</c>, ...</summary>
    public string Name => name;

    /// <summary>How the configuration has it.</summary>
    public bool Configured { get; } = on;

    /// <summary>Whether it is on.</summary>
    public bool IsOn => _on;

    /// <summary>Why it cannot be switched on, in one line; null if it can.</summary>
    public string? Blocked => _blocked;

    /// <summary>It is not as it was. Raised on the thread that switched.</summary>
    public event Action? Changed;

    /// <summary>Switches.</summary>
    /// <returns>Whether it is now as asked for; false if it is blocked.</returns>
    public bool Set(bool on)
    {
        lock (_gate)
        {
            if (on && _blocked is not null)
            {
                return false;
            }

            if (_on == on)
            {
                return true;
            }

            _on = on;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>What it would switch cannot be done here: it is off, and stays so.</summary>
    /// <param name="why">Why, in one line, and the way out.</param>
    public void Block(string why)
    {
        lock (_gate)
        {
            (_blocked, _on) = (why, false);
        }

        Changed?.Invoke();
    }
}
