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
        await Wait.UntilAsync(() => models.Selected == "tiny");
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

        // Where it computes: asked for, used, and why they differ.
        await page.SelectOptionAsync("#devices", "cuda");
        await Wait.UntilAsync(() => models.Current.Device.Requested == "cuda");
        run.Show(found => found.Model = models.Current);
        await Shows(page, "#model", "namesynchronydevicecpurequestedcudawhyno cuda here");

        Assert.DoesNotContain(_complaints, c => !c.Contains("409", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task Recording_is_switched_by_button_and_key_and_all_viewers_see_it()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var (page, other) = (await OpenAsync(run), await OpenAsync(run));
        await Shows(page, "#notice", "Waiting for the first picture…");
        await Shows(other, "#notice", "Waiting for the first picture…");
        run.Show();
        await IsAsync("false");

        await page.ClickAsync("#record");
        await Wait.UntilAsync(() => run.Recording.IsOn);
        run.Health.Set("record", true);
        run.Clock.Advance(TimeSpan.FromSeconds(72));
        run.Show();
        await IsAsync("true");
        await Shows(page, "#recorded", "1:12");
        await Shows(other, "#recorded", "1:12");

        // In trouble: still on, and why nothing comes of it.
        run.Health.Set("record", false, "disk full");
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        run.Show();
        await Shows(other, "#record-why", "disk full");
        await Shows(other, "#recorded", "");

        run.Health.Remove("record");
        await other.Keyboard.PressAsync("r");
        await Wait.UntilAsync(() => !run.Recording.IsOn);
        run.Show();
        await IsAsync("false");
        await Shows(page, "#record-why", "");

        run.Recording.Block("there is no FFmpeg");
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        run.Show();
        await Shows(page, "#record-why", "there is no FFmpeg");
        Assert.Equal("true", await page.GetAttributeAsync("#record", "aria-disabled"));
        await page.ClickAsync("#record", new PageClickOptions { Force = true });
        Assert.DoesNotContain(_requests, r => r.EndsWith("on=true", StringComparison.Ordinal) && _requests.Count(same => same == r) > 1);
        Assert.Empty(_complaints);

        async Task IsAsync(string pressed)
        {
            foreach (var viewer in (IPage[])[page, other])
            {
                await viewer.WaitForFunctionAsync("pressed => document.querySelector('#record').ariaPressed === pressed && !document.querySelector('#record').hidden", pressed);
            }
        }
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

    [Fact(Timeout = Limit)]
    public async Task Each_viewer_shows_from_the_score_it_likes()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var one = await OpenAsync(run);
        var other = await OpenAsync(run);
        await Shows(one, "#notice", "Waiting for the first picture…");
        await Shows(other, "#notice", "Waiting for the first picture…");
        run.Show(found =>
        {
            found.Frame.Pixels.Fill(60);
            Localizations.AddSource(found, 1, null, 0.9f, 0.25f, 0.5f, 0.3f, 0.6f);
        });
        const string Hot = "() => { const [r, , b] = (" + PixelAt + ")(0.25, 0.6); return r > 90 && r > 1.3 * b; }";
        await one.WaitForFunctionAsync(Hot);
        await other.WaitForFunctionAsync(Hot);

        // With the keys: nineteen steps up, and neither heat nor box are there any more.
        for (var i = 0; i < 19; i++)
        {
            await one.Keyboard.PressAsync("=");
        }

        await Shows(one, "#least-value", "95 %");
        await one.WaitForFunctionAsync("() => [[0.25, 0.6], [0.25, 0.2]].every(([x, y]) => Math.abs((" + PixelAt + ")(x, y)[0] - 60) < 4)");
        Assert.True(await other.EvaluateAsync<bool>(Hot));
        Assert.Equal("0 %", await other.TextContentAsync("#least-value"));
        Assert.Empty(_complaints);
    }

    [Fact(Timeout = Limit)]
    public async Task The_detectors_threshold_is_everybodys()
    {
        await using var run = await WebRun.StartAsync(Token);
        var one = await OpenAsync(run);
        var other = await OpenAsync(run);
        await Shows(one, "#notice", "Waiting for the first picture…");
        await Shows(other, "#notice", "Waiting for the first picture…");
        run.Show();
        await Shows(one, "#state", "live");
        await Shows(other, "#state", "live");
        await Shows(one, "#threshold-value", "model's own");

        await one.FocusAsync("#threshold");
        for (var i = 0; i < 9; i++)
        {
            await one.Keyboard.PressAsync("ArrowRight");
        }

        await Wait.UntilAsync(() => run.Detector.Detector.Threshold == 0.45);
        await Shows(one, "#threshold-value", "0.45");
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        run.Show();
        await Shows(other, "#threshold-value", "0.45");
    }

    [Fact(Timeout = Limit)]
    public async Task Picture_and_message_are_of_the_same_frame_on_every_frame()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");

        // Sixteen blocks along the upper edge are the frame's number; the box lies lower, at a place that follows it. What is read is the canvas itself, at the
        // very moment at which it says that a frame was drawn.
        await page.EvaluateAsync("""
            () => {
              const canvas = document.querySelector('#picture'), seen = window.seen = [];
              new MutationObserver(() => {
                const row = canvas.getContext('2d').getImageData(0, Math.round(canvas.height * 0.05), canvas.width, 1).data;
                let code = 0;
                for (let bit = 0; bit < 16; bit++) code |= (row[4 * Math.round((bit + 0.5) / 16 * canvas.width)] > 128) << bit;
                seen.push([Number(canvas.dataset.seq), code]);
              }).observe(canvas, { attributeFilter: ['data-seq'] });
            }
            """);
        for (var i = 0; i < 150; i++)
        {
            var seq = run.Show(found =>
            {
                Localizations.AddSource(found, 1, null, 0.9f, 0.5f, 0.6f);
                for (var at = 0; at < 640 * 36; at++)
                {
                    found.Frame.Pixels.Slice(3 * at, 3).Fill(((found.Seq >> (at % 640 / 40)) & 1) != 0 ? (byte)250 : (byte)5);
                }
            });

            // Fifty one by one; then as fast as they come, so that some are left out.
            if (i < 50)
            {
                await page.WaitForFunctionAsync("seq => window.seen.at(-1)?.[0] === seq", seq);
            }
        }

        await page.WaitForFunctionAsync("() => window.seen.at(-1)?.[0] === 149");
        var seen = await page.EvaluateAsync<int[][]>("() => window.seen");
        Assert.True(seen.Length >= 51, $"{seen.Length} frames");
        Assert.All(seen, pair => Assert.Equal(pair[0], pair[1]));
        Assert.Equal(seen.Select(p => p[0]).Order(), seen.Select(p => p[0]));
    }

    [Fact(Timeout = Limit)]
    public async Task The_spectrogram_shows_what_is_heard_and_the_window()
    {
        await using var run = await WebRun.StartAsync(Token);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");
        for (var i = 0; i < 75; i++)
        {
            run.Hear(440);
            var seq = run.Show(found => Localizations.AddSource(found, 1, null, 0.8f, 0.5f, 0.5f));

            // The newest wins: a browser that lags behind would miss some of it.
            await page.WaitForFunctionAsync("seq => Number(document.querySelector('#picture').dataset.seq) >= seq", seq);
        }

        // One and a half seconds before the end, a tone of 440 Hz: dark low down, nothing above; ten seconds ago there was nothing at all.
        await page.WaitForFunctionAsync("""
            () => {
              const canvas = document.querySelector('#spectrum'), context = canvas.getContext('2d');
              const column = ago => Array.from({ length: canvas.height }, (_, y) => context.getImageData(Math.round(canvas.width * (1 - ago / 20)), y, 1, 1).data[3]);
              const heard = column(1.5), loudest = heard.indexOf(Math.max(...heard));
              return Math.max(...heard) > 150 && loudest > 0.7 * canvas.height && heard[Math.round(0.2 * canvas.height)] < 60 && Math.max(...column(10)) === 0;
            }
            """);
        Assert.Empty(_complaints);
    }

    [Fact(Timeout = Limit)]
    public async Task The_picture_is_saved_as_it_is_seen()
    {
        await using var run = await WebRun.StartAsync(Token, 640, 360);
        var page = await OpenAsync(run);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show(found => Localizations.AddSource(found, 1, "drum", 0.9f, 0.25f, 0.5f, 0.3f, 0.6f));
        await Shows(page, "#state", "live");

        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("s"));

        Assert.Matches("^cam-2026.*\\.png$", download.SuggestedFilename);
        using var folder = new TemporaryFolder();
        await download.SaveAsAsync(folder["shot.png"]);
        using var shot = OpenCvSharp.Cv2.ImRead(folder["shot.png"]);
        Assert.Equal((640, 360), (shot.Width, shot.Height));
        Assert.Contains(shot.AsSpan<byte>().ToArray(), value => value > 180);
    }

    [Fact(Timeout = Limit)]
    public async Task Where_a_token_is_needed_the_page_asks_for_it_and_remembers()
    {
        const string Secret = "correct horse battery staple";
        await using var run = await WebRun.StartAsync(Token, secret: Secret);
        var page = await OpenAsync(run);
        await page.WaitForSelectorAsync("#token[open]");
        await page.FillAsync("#token input", "wrong");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#wrong:not([hidden])");
        await page.FillAsync("#token input", Secret);
        await page.Keyboard.PressAsync("Enter");
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Show();
        await Shows(page, "#state", "live");
        await page.ReloadAsync();
        await Shows(page, "#camera", "cam · test");

        // Behind the # it is used and gone from the address.
        await using var fresh = await chromium.OrSkip().NewContextAsync();
        var guest = await fresh.NewPageAsync();
        await guest.GotoAsync($"{run.Address}#token={Uri.EscapeDataString(Secret)}");
        await Shows(guest, "#camera", "cam · test");
        Assert.Equal(run.Address.ToString(), guest.Url);
    }

    [Theory(Timeout = Limit)]
    [InlineData("light", 1440, 900)]
    [InlineData("dark", 1440, 900)]
    [InlineData("light", 390, 844)]
    public async Task Axe_finds_no_serious_fault(string scheme, int width, int height)
    {
        var axe = Path.Combine(Repository.Root, "artifacts", "axe", "node_modules", "axe-core", "axe.min.js");
        Assert.SkipUnless(File.Exists(axe), "needs axe-core: tests/axe/install.sh");
        await using var run = await WebRun.StartAsync(Token, 640, 360, models: new ChoiceOfModels("synchrony", "tiny"));
        var page = await OpenAsync(run);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light });
        await page.SetViewportSizeAsync(width, height);
        await Shows(page, "#notice", "Waiting for the first picture…");
        run.Counters["video.dropped.newest_wins"].Add(3);
        run.Show(found => Localizations.AddSource(found, 1, "drum", 0.9f, 0.5f, 0.5f));
        await Shows(page, "#sources .id", "1");
        await Shows(page, "#threshold-value", "model's own");
        run.Recording.Set(true);
        run.Health.Set("record", true);
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        run.Show(found => Localizations.AddSource(found, 1, "drum", 0.9f, 0.5f, 0.5f));
        await Shows(page, "#recorded", "0:01");

        await page.EvaluateAsync(await File.ReadAllTextAsync(axe, Token));
        const string Run = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)";
        Assert.Empty(await LiveAsync());
        await page.Keyboard.PressAsync("?");
        await page.WaitForSelectorAsync("#keys[open]");
        Assert.Empty(await LiveAsync());

        // The page is looked at while it is live: one whose pictures stay away is dimmed.
        async Task<string[]> LiveAsync()
        {
            var faults = page.EvaluateAsync<string[]>(Run);
            while (!faults.IsCompleted)
            {
                run.Show(found => Localizations.AddSource(found, 1, "drum", 0.9f, 0.5f, 0.5f));
                await Task.Delay(100, Token);
            }

            return await faults;
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
