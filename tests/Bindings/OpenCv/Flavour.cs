using OpenCvSharp;

namespace RealtimeSsl.Tests.Bindings;

/// <summary>These tests hold for the real package, too, but for what our binding does better on purpose.</summary>
internal static class Flavour
{
    public static void SkipOnRealPackage(string because) =>
        Assert.SkipWhen(typeof(Mat).Assembly.GetName().GetPublicKeyToken() is { Length: > 0 }, $"The real OpenCvSharp4: {because}.");
}
