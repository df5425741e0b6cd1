using System.ComponentModel.DataAnnotations;

namespace RealtimeSsl.Outputs;

/// <summary>The live page. Its token comes from the environment only: <see cref="WebAccess"/>.</summary>
public sealed record WebSettings
{
    /// <summary>Whether there is one.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Port; if it is taken, one of the next few. 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 8088;

    /// <summary>Address to listen on. Any but this machine's own (127.0.0.1, ::1) lets other machines in, who then need the token.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>Names, separated by commas, under which other machines reach it, beside this machine's name and its addresses.</summary>
    public string Hosts { get; init; } = "";
}
