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

    /// <summary>What it is called: <c>detection</c>, <c>recording</c>, ...</summary>
    public string Name => name;

    /// <summary>How the configuration has it.</summary>
    public bool Configured { get; } = on;

    /// <summary>Whether it is on.</summary>
    public bool IsOn => _on;

    /// <summary>It is not as it was. Raised on the thread that switched.</summary>
    public event Action? Changed;

    /// <summary>Switches.</summary>
    public void Set(bool on)
    {
        lock (_gate)
        {
            if (_on == on)
            {
                return;
            }

            _on = on;
        }

        Changed?.Invoke();
    }
}
