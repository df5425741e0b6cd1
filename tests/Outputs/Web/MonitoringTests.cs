using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeSsl.Outputs;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Web;

/// <summary>What the page's server tells monitors and other programs: health, metrics, its own description, the detector.</summary>
public sealed partial class MonitoringTests : IDisposable
{
    private const int Limit = 60_000;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Health_follows_what_comes_out_not_what_was_started()
    {
        await using var run = await WebRun.StartAsync(Token);
        await HealthIs(run, HttpStatusCode.OK, "video starting, audio starting, infer starting");
        run.Clock.Advance(TimeSpan.FromSeconds(21));
        await HealthIs(run, HttpStatusCode.ServiceUnavailable, "video offline, audio offline, infer online");

        run.Show();
        await HealthIs(run, HttpStatusCode.OK, "video online, audio online, infer online");

        // Sound that stays away.
        for (var i = 0; i < 100; i++)
        {
            run.Show(found => found.Audio = null);
        }

        await HealthIs(run, HttpStatusCode.ServiceUnavailable, "video online, audio offline, infer online");

        // Pictures that come, and a model that hangs.
        run.Show();
        run.Clock.Advance(TimeSpan.FromSeconds(4));
        run.Counters["video.dropped.newest_wins"].Add(100);
        await HealthIs(run, HttpStatusCode.ServiceUnavailable, "video online, audio offline, infer offline");

        run.Show();
        run.Health.Set("record", false, "the disk is full");
        await HealthIs(run, HttpStatusCode.ServiceUnavailable, "video online, audio online, infer online, record offline");
        run.Health.Set("record", true);
        await HealthIs(run, HttpStatusCode.OK, "video online, audio online, infer online, record online");
    }

    [Fact(Timeout = Limit)]
    public async Task Metrics_are_what_Prometheus_reads()
    {
        await using var run = await WebRun.StartAsync(Token);
        for (var i = 0; i < 50; i++)
        {
            run.Show();
        }

        run.Counters["video.dropped.newest_wins"].Add(3);
        run.Counters["video.reconnects"].Add(2);
        run.Counters["sink.mqtt.errors"].Add();
        run.Counters.Offer("sink.record.queue", () => 7);
        using var answer = await _http.GetAsync(new Uri(run.Address, "metrics"), Token);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsStringAsync(Token);

        // Every line is a comment or a sample, every sample belongs to a family that was declared, and no series is told twice.
        var families = new HashSet<string>();
        var values = new Dictionary<string, double>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.True(families.Add(line.Split(' ')[2]), line);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var sample = Sample().Match(line);
                Assert.True(sample.Success, line);
                var name = sample.Groups["name"].Value;
                Assert.True(families.Contains(name) || families.Contains(HistogramPart().Replace(name, "")), line);
                values.Add(name + "{" + sample.Groups["labels"].Value + "}", double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
            }
        }

        // Inference took 10 ms in each of 50 frames, all stages 12.5.
        Assert.Equal(0, values["realtimessl_latency_seconds_bucket{camera=\"cam\",stage=\"infer\",le=\"0.005\"}"]);
        Assert.Equal(50, values["realtimessl_latency_seconds_bucket{camera=\"cam\",stage=\"infer\",le=\"0.01\"}"]);
        Assert.Equal(50, values["realtimessl_latency_seconds_bucket{camera=\"cam\",stage=\"total\",le=\"+Inf\"}"]);
        Assert.Equal(0.625, values["realtimessl_latency_seconds_sum{camera=\"cam\",stage=\"total\"}"], 6);
        Assert.Equal(25, values["realtimessl_localized_fps{camera=\"cam\"}"], 1.0);
        Assert.Equal(3, values["realtimessl_dropped_total{camera=\"cam\",at=\"video\",cause=\"newest_wins\"}"]);
        Assert.Equal(2, values["realtimessl_reconnects_total{camera=\"cam\",of=\"video\"}"]);
        Assert.Equal(1, values["realtimessl_errors_total{camera=\"cam\",of=\"sink.mqtt\"}"]);
        Assert.Equal(7, values["realtimessl_queue_items{camera=\"cam\",of=\"sink.record\"}"]);
        Assert.Equal(1, values["realtimessl_up{camera=\"cam\",role=\"video\"}"]);
        Assert.True(values["realtimessl_process_resident_bytes{camera=\"cam\"}"] > 1e7);
    }

    [Fact(Timeout = Limit)]
    public async Task Everything_the_server_answers_is_described_and_what_is_described_is_answered()
    {
        await using var run = await WebRun.StartAsync(Token, models: new ChoiceOfModels("synchrony"));
        var document = JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync(new Uri(run.Address, "api/openapi.json"), Token));
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);

        var described = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"));

        Assert.Equal(run.Sink.Described.Order(), described.Order());
        run.Show();
        foreach (var operation in described.Where(d => d != "GET /stream.mjpg"))
        {
            var (method, path) = (operation.Split(' ')[0], operation.Split(' ')[1]);
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(run.Address, path));
            using var answer = await _http.SendAsync(request, Token);
            var told = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant()).GetProperty("responses");
            Assert.True(told.TryGetProperty(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture), out _), $"{operation}: {answer.StatusCode}");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_detector_takes_another_threshold_and_refuses_nonsense()
    {
        await using var run = await WebRun.StartAsync(Token);
        using (var done = await _http.PostAsync(new Uri(run.Address, "api/detector?threshold=0.45"), null, Token))
        {
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
            Assert.Equal(0.45, JsonSerializer.Deserialize<JsonElement>(await done.Content.ReadAsStringAsync(Token)).GetProperty("threshold").GetDouble());
        }

        foreach (var query in new[] { "", "?threshold=", "?threshold=2", "?threshold=NaN", "?threshold=0,4" })
        {
            using var refused = await _http.PostAsync(new Uri(run.Address, "api/detector" + query), null, Token);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        Assert.Equal(0.45, run.Detector.Detector.Threshold);
    }

    private async Task HealthIs(WebRun run, HttpStatusCode code, string roles)
    {
        using var answer = await _http.GetAsync(new Uri(run.Address, "healthz"), Token);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(roles, string.Join(", ", body.GetProperty("roles").EnumerateObject().Select(r => $"{r.Name} {r.Value.GetProperty("status").GetString()}")));
        Assert.Equal(code, answer.StatusCode);
        Assert.Equal(code == HttpStatusCode.OK ? "ok" : "unhealthy", body.GetProperty("status").GetString());
    }

    [GeneratedRegex("""^(?<name>[a-z_]+)\{(?<labels>[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*)\} (?<value>[0-9.eE+-]+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramPart();
}
