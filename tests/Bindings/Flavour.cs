using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>The tests of the bindings hold for the real packages, too, but for what ours do better on purpose.</summary>
internal static class Flavour
{
    /// <summary>True over bindings/, false over the real packages (which are signed).</summary>
    public static bool IsSystem => typeof(Mat).Assembly.GetName().GetPublicKeyToken() is not { Length: > 0 };

    public static void SkipOnRealPackage(string because) => Assert.SkipUnless(IsSystem, $"The real package: {because}.");
}
