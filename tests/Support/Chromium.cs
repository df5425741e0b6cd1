using Microsoft.Playwright;

namespace RealtimeSsl.Tests.Support;

/// <summary>
/// The installed Chromium, headless, driven by Playwright: one for a test class (<c>IClassFixture</c>). Only the one that is installed:
/// nothing is ever downloaded.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The browser; skips the test where it is not installed.</summary>
    public IBrowser OrSkip()
    {
        Assert.SkipWhen(_browser is null, "needs chromium (Debian: apt-get install chromium)");
        return _browser!;
    }

    public async ValueTask InitializeAsync()
    {
        if (File.Exists(Program))
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Program,
                Args =
                [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                ],
                Timeout = 60_000,
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
