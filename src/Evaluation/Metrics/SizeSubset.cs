namespace RealtimeSsl.Evaluation.Metrics;

/// <summary>Subsets by the size of the ground truth on the 224 grid (SLAVC).</summary>
public static class SizeSubset
{
    /// <summary>Names in rising order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["small", "medium", "large", "huge"];

    /// <summary>small below 32^2 pixels, medium below 96^2, large below 144^2, else huge.</summary>
    /// <param name="area">Pixels of the 224 grid.</param>
    public static string Of(int area) => area switch { < 32 * 32 => "small", < 96 * 96 => "medium", < 144 * 144 => "large", _ => "huge" };
}
