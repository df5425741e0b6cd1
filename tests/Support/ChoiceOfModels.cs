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

    /// <summary>The same model on another device.</summary>
    public void Move(DeviceChoice device)
    {
        Current = Current with { Device = device };
        Changed?.Invoke();
    }

    private static LocalizerInfo InfoOf(string name) => new(name, null, new DeviceChoice("cpu", "cpu", null));
}

/// <summary>Devices that are nothing but names: there is no accelerator, the CPU does it and says why; <c>npu</c> is unknown.</summary>
internal sealed class ChoiceOfDevices(ChoiceOfModels models) : IDeviceSwitch
{
    public string Requested => models.Current.Device.Requested;

    public IReadOnlyList<string> Available => ["auto", "cpu", "cuda"];

    public Task<ModelAnswer> RequestAsync(string device)
    {
        if (!Available.Contains(device))
        {
            return Task.FromResult(new ModelAnswer(models.Selected, models.Current, $"device '{device}': unknown"));
        }

        models.Move(new DeviceChoice(device, "cpu", device == "cpu" ? null : "no cuda here"));
        return Task.FromResult(new ModelAnswer(models.Selected, models.Current, null));
    }
}
