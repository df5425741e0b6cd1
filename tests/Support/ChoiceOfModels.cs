using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Tests.Support;

/// <summary>Models that are nothing but names: the first one runs, <c>broken</c> and unknown ones are refused.</summary>
internal sealed class ChoiceOfModels(params string[] names) : IModelSwitch
{
    public event Action? Changed;

    public string Selected => Current.Name;

    public LocalizerInfo Current { get; private set; } = InfoOf(names[0]);

    public IReadOnlyList<string> Available => names;

    public Task<ModelAnswer> RequestAsync(string name)
    {
        if (name == "broken" || !names.Contains(name))
        {
            return Task.FromResult(new ModelAnswer(name, Current, $"model '{name}': {(name == "broken" ? "damaged" : "unknown")}"));
        }

        Current = InfoOf(name);
        Changed?.Invoke();
        return Task.FromResult(new ModelAnswer(name, Current, null));
    }

    private static LocalizerInfo InfoOf(string name) => new(name, null, new DeviceChoice("cpu", "cpu", null));
}
