using System.Collections.Concurrent;
using Microsoft.Playwright;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>The live page in a real browser.</summary>
public sealed class LivePageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Limit = 180_000;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task The_picture_moves_and_the_sources_come_and_go()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");

        run.Show(found => found.Frame.Pixels.Fill(60));
        await PictureIs(page, 60);
        await Shows(page, "#state", "live");
        await Shows(page, "#why", "none · silent");
        await Shows(page, "#dbfs", "silent");

        run.Show(found =>
        {
            found.Frame.Pixels.Fill(180);
            Localizations.AddSource(found, 4, "drum", 0.8f, 0.25f, 0.3f, 0.2f, 0.2f);
            Localizations.AddSource(found, 5, null, 0.6f, 0.7f, 0.6f, 0.2f, 0.2f);
        });
        await PictureIs(page, 180);
        await Shows(page, "#dbfs", "−23.4 dBFS");
        await Shows(page, "#sources li:nth-child(1)", "4drum1.5 s0.80");
        await Shows(page, "#sources li:nth-child(2)", "5source1.5 s0.60");

        run.Show(found => Localizations.AddSource(found, 5, null, 0.6f, 0.7f, 0.6f, 0.2f, 0.2f));
        await Shows(page, "#sources", "5source1.5 s0.60");

        run.Show();
        await Shows(page, "#sources", "");
        await Shows(page, "#model", "namesynchronydevicecpurequestedauto");
        await Shows(page, "#latency .total", "total12.512.512.5");

        Assert.Empty(_complaints);
        Assert.NotEmpty(_requests);
        Assert.All(_requests, url => Assert.Equal(run.Address.Authority, new Uri(url).Authority));
        Assert.Empty(await page.Context.CookiesAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task Boxes_and_heatmap_lie_where_the_sound_is_and_obey_the_slider()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");

        run.Show(found =>
        {
            found.Frame.Pixels.Fill(60);
            Localizations.AddSource(found, 1, null, 1, 0.25f, 0.5f, 0.3f, 0.6f);
        });

        // Off the peak's mark and inside the box: hot. The other half of the picture: untouched. The box's upper edge: the source's colour.
        await page.WaitForFunctionAsync("() => { const [r, , b] = (" + PixelAt + ")(0.25, 0.6); return r > 120 && r > 2 * b; }");
        var (cold, _, _) = await PixelAsync(page, 0.75, 0.5);
        Assert.InRange(cold, 57, 63);
        var (red, green, blue) = await PixelAsync(page, 0.25, 0.2);
        var expected = RealtimeSsl.Outputs.SourceColors.Of(1);
        Assert.InRange(Math.Abs(red - expected.R) + Math.Abs(green - expected.G) + Math.Abs(blue - expected.B), 0, 24);

        await page.FocusAsync("#opacity");
        await page.Keyboard.PressAsync("Home");
        await page.WaitForFunctionAsync("() => Math.abs((" + PixelAt + ")(0.25, 0.6)[0] - 60) < 4");
    }

    [Fact(Timeout = Limit)]
    public async Task At_the_end_the_page_says_so_and_how_it_went()
    {
        await using var run = await WebRun.StartAsync(Token);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show();
        await Shows(page, "#state", "live");

        await run.Sink.FinishAsync(new RunSummary { Ended = "time limit", FramesProcessed = 1234, WallSeconds = 49.3, Models = [new ModelUse(Localizations.Model, 0)] }, Token);

        await Shows(page, "#state", "stream ended");
        await page.WaitForFunctionAsync("() => /time limit.*1,234 frames in 49\\.3 s, none dropped/s.test(document.querySelector('#notice').textContent)");
    }

    [Fact(Timeout = Limit)]
    public async Task It_reconnects_by_itself()
    {
        int port;
        IPage page;
        await using (var first = await WebRun.StartAsync(Token))
        {
            port = first.Address.Port;
            page = await OpenAsync(first);
            await Shows(page, "#notice", "Waiting for the first picture…");
            first.Show(found => found.Frame.Pixels.Fill(60));
            await PictureIs(page, 60);
        }

        await Shows(page, "#state", "connecting…");

        await using var second = await WebRun.StartAsync(Token, port: port);
        Assert.SkipUnless(second.Address.Port == port, "somebody else took the port");
        await Shows(page, "#notice", "Waiting for the first picture…");
        second.Show(found => found.Frame.Pixels.Fill(180));
        await PictureIs(page, 180);
        await Shows(page, "#state", "live");
    }

    [Fact(Timeout = Limit)]
    public async Task A_source_that_stalls_is_not_shown_as_live()
    {
        await using var run = await WebRun.StartAsync(Token);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show();
        await Shows(page, "#state", "live");

        await Shows(page, "#state", "no picture");

        run.Show();
        await Shows(page, "#state", "live");
    }

    [Fact(Timeout = Limit)]
    public async Task Another_model_is_chosen_while_the_picture_goes_on()
    {
        var models = new ChoiceOfModels("synchrony", "tiny", "broken");
        await using var run = await WebRun.StartAsync(Token, 640, 360, models: models);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show(found => found.Model = models.Current);
        await Shows(page, "#models", "synchronytinybroken");
        Assert.Equal("synchrony", await page.InputValueAsync("#models"));

        await page.SelectOptionAsync("#models", "tiny");
        await UntilAsync(() => models.Selected == "tiny");
        run.Show(found => found.Model = models.Current);
        await Shows(page, "#model div:first-child dd", "tiny");

        // One that is refused is said, and the list goes back to what runs.
        await page.SelectOptionAsync("#models", "broken");
        await Shows(page, "#refused", "model 'broken': damaged");
        await page.WaitForFunctionAsync("() => document.querySelector('#models').value === 'tiny'");

        // Changed by somebody else: the list follows.
        await models.RequestAsync("synchrony");
        run.Show(found => found.Model = models.Current);
        await page.WaitForFunctionAsync("() => document.querySelector('#models').value === 'synchrony'");

        Assert.DoesNotContain(_complaints, c => !c.Contains("409", StringComparison.Ordinal));
    }

    [Theory(Timeout = Limit)]
    [InlineData(390, 844)]
    [InlineData(1440, 900)]
    public async Task It_fits_a_phone_and_a_desk(int width, int height)
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var page = await OpenAsync(run);
        await page.SetViewportSizeAsync(width, height);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show(found => Localizations.AddSource(found, 1, "a sound with a rather long name", 0.9f, 0.5f, 0.5f));
        await Shows(page, "#sources .id", "1");

        Assert.Equal(width, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.InRange(await page.EvaluateAsync<double>("() => document.querySelector('#picture').getBoundingClientRect().bottom"), 150, height);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(10, Token);
        }
    }

    private const string PixelAt = """
        (x, y) => {
          const canvas = document.querySelector('#picture');
          return [...canvas.getContext('2d').getImageData(Math.round(x * canvas.width), Math.round(y * canvas.height), 1, 1).data];
        }
        """;

    private async Task<IPage> OpenAsync(WebRun run)
    {
        var page = await chromium.OrSkip().NewPageAsync();
        page.SetDefaultTimeout(60_000);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("willReadFrequently", StringComparison.Ordinal))
            {
                _complaints.Enqueue(message.Text);
            }
        };
        await page.GotoAsync(run.Address.ToString());
        return page;
    }

    /// <summary>Waits until the element's text, without line breaks, is this.</summary>
    private static async Task Shows(IPage page, string selector, string text) => await page.WaitForFunctionAsync(
        "([selector, text]) => document.querySelector(selector)?.textContent.replaceAll(/\\n\\s*/g, '') === text", new[] { selector, text });

    private static async Task PictureIs(IPage page, int grey) => await page.WaitForFunctionAsync(
        "grey => { const [r, g, b] = (" + PixelAt + ")(0.95, 0.05); return [r, g, b].every(v => Math.abs(v - grey) < 4); }", grey);

    private static async Task<(int R, int G, int B)> PixelAsync(IPage page, double x, double y)
    {
        var pixel = await page.EvaluateAsync<int[]>("([x, y]) => (" + PixelAt + ")(x, y)", new[] { x, y });
        return (pixel[0], pixel[1], pixel[2]);
    }
}
