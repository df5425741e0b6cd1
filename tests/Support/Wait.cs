using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RealtimeSsl.Tests.Support;

/// <summary>Waits for what comes by itself, and says what did not come.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Looks every few milliseconds until it holds; fails after two minutes, or when the test is over.</summary>
    public static async Task UntilAsync(Func<bool> holds, [CallerArgumentExpression(nameof(holds))] string? what = null)
    {
        for (var began = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(10, TestContext.Current.CancellationToken))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, $"not within {Limit}: {what}");
        }
    }
}
