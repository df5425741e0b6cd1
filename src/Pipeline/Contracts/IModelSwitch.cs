namespace RealtimeSsl.Pipeline;

/// <summary>What became of a request for another model.</summary>
/// <param name="Requested">The name as it was asked for.</param>
/// <param name="Model">The model that runs now: the requested one, or the one from before.</param>
/// <param name="Error">Null if the requested one runs; otherwise why not, in one line.</param>
public sealed record ModelAnswer(string Requested, LocalizerInfo Model, string? Error);

/// <summary>
/// What sinks may know and ask of the models: which there are, which one runs, and to run another. Who asks is told what came of it; who only listens
/// hears <see cref="Changed"/>. All members may be used from any thread.
/// </summary>
public interface IModelSwitch
{
    /// <summary>The name under which the running model was asked for: what a selector shows as chosen.</summary>
    string Selected { get; }

    /// <summary>The running model.</summary>
    LocalizerInfo Current { get; }

    /// <summary>Names that can be asked for, read anew at each call: a package that was copied there a moment ago is among them.</summary>
    IReadOnlyList<string> Available { get; }

    /// <summary>Another model runs: the same name with new weights, too. Raised off the engine's thread.</summary>
    event Action? Changed;

    /// <summary>
    /// Asks for a model of <see cref="Available"/>, or two of them as <c>NAME+GUIDE</c>. The answer comes when it runs or was refused; when several are
    /// asked for, the newest wins.
    /// </summary>
    Task<ModelAnswer> RequestAsync(string name);
}
