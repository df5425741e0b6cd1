namespace RealtimeSsl.Inference.Models;

/// <summary>How a map of objects is mixed into a method's own map.</summary>
/// <param name="Weight">Share of the method's own map, 0..1; the object map has the rest.</param>
/// <param name="MinMax">Both maps and the mix are stretched to 0..1 by their own extremes; otherwise fixed scales, for cosines only.</param>
public sealed record ObjectGuidance(float Weight, bool MinMax)
{
    /// <summary>What the package says, or what the method's authors do: SLAVC 0.9 on fixed scales; EZ-VSL, and SSLalign's evaluation of all methods, 0.4.</summary>
    /// <param name="manifest">Null for a method without weights.</param>
    public static ObjectGuidance Of(ModelManifest? manifest) =>
        manifest?.ObjectGuidance
        ?? (manifest is { Method: "slavc", Head.Id: HeadKind.Cosine } ? new ObjectGuidance(0.9f, MinMax: false) : new ObjectGuidance(0.4f, MinMax: true));
}
