using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>The live page.</summary>
public sealed record WebSettings
{
    /// <summary>Whether there is one.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Port on 127.0.0.1; if it is taken, one of the next few. 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 8088;
}
