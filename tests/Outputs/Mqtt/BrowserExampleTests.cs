using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>The example page draws the boxes of frame messages that come over MQTT.</summary>
[SupportedOSPlatform("linux")]
public sealed class BrowserExampleTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Boxes_are_drawn_where_the_message_has_them()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mosquitto"), "needs mosquitto (Debian: apt-get install mosquitto)");
        var browser = chromium.OrSkip();
        using var folder = new TemporaryFolder();
        var log = new LogLines();
        var settings = new MqttSettings { Url = "embedded", Folder = folder["state"] };
        await using var sink = new MqttSink(settings, new MonotonicClock(), new Counters(), log, static _ => null);
        await sink.StartAsync(Localizations.Stream("", 320, 240), Token);
        var address = log.Lines.Select(l => Regex.Match(l.Line, "ws://[0-9.:]+")).FirstOrDefault(m => m.Success)?.Value;
        Assert.SkipWhen(address is null, "MQTTnet's own server has no WebSocket for browsers");
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 640, Height = 480 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync($"file://{Repository.Root}/examples/browser/overlay.html?broker={address}");
        await page.WaitForFunctionAsync("document.getElementById('state').textContent === 'listening…'");
        var localizations = new Localizations(320, 240);
        var drawn = page.WaitForFunctionAsync("document.getElementById('state').textContent.startsWith('cam ')");
        for (var i = 0; !drawn.IsCompleted; i++)
        {
            Assert.InRange(i, 0, 300);
            using var found = localizations.Next(i * 0.1);
            Localizations.AddSource(found, 1, "bell", 0.8f, 0.5f, 0.5f);
            await sink.WriteAsync(found, Token);
            await Task.Delay(100, Token);
        }

        // The box is 0.35..0.65 by 0.3..0.7 of the picture, which fills the page: its left edge is at x 224, and nothing at 200.
        var alpha = await page.EvaluateAsync<int[]>("[224, 200].map(x => document.querySelector('canvas').getContext('2d').getImageData(x, 240, 1, 1).data[3])");
        Assert.Equal([255, 0], alpha);
    }
}
