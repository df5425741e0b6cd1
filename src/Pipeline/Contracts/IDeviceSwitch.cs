namespace RealtimeSsl.Pipeline;

/// <summary>What sinks may know and ask of the device that networks compute on. May be used from any thread.</summary>
public interface IDeviceSwitch
{
    /// <summary>The device as it was asked for; what is used instead, and why, is in <see cref="LocalizerInfo.Device"/>.</summary>
    string Requested { get; }

    /// <summary>What can be asked for.</summary>
    IReadOnlyList<string> Available { get; }

    /// <summary>Loads the running model anew on that device. The answer comes when it runs or was refused.</summary>
    Task<ModelAnswer> RequestAsync(string device);
}
