using RealtimeSsl.Inference.Onnx;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Running;

/// <summary>Moves the running model to another device: it is loaded there beside the running one, and takes over between two frames.</summary>
internal sealed class DeviceSwitch(Reload reload, ModelSwitch models) : IDeviceSwitch
{
    /// <inheritdoc/>
    public string Requested => reload.Device;

    /// <inheritdoc/>
    public IReadOnlyList<string> Available => ExecutionProvider.Names;

    /// <inheritdoc/>
    public Task<ModelAnswer> RequestAsync(string device) => Available.Contains(device)
        ? reload.MoveAsync(device, models)
        : Task.FromResult(new ModelAnswer(models.Selected, models.Current, $"device '{device}': unknown; there are {string.Join(", ", Available)}"));
}
