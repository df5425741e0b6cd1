using System.Text.Json;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Whether the run does its work, role by role, for <c>/healthz</c>: judged by what came out, not by what is started. Updated by the sink's worker,
/// read by whoever asks.
/// </summary>
internal sealed class HealthReport(StreamInfo stream, IClock clock, Counters counters, Health? parts)
{
    /// <summary>Without a picture, or without sound, for this long it is gone; a slow model is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What a source may take for its first picture.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly Counter[] _drops = [counters["video.dropped.newest_wins"], counters["video.dropped.too_late"], counters["video.dropped.full"]];
    private readonly TimeSpan _began = clock.Now;
    private TimeSpan? _last;
    private TimeSpan? _heard;
    private double _totalMs;
    private long _dropped;

    /// <summary>Takes a localization into account.</summary>
    public void Update(Localization found)
    {
        lock (_gate)
        {
            (_last, _totalMs, _dropped) = (clock.Now, found.Latency.Total, Dropped());
            if (found.Audio is not null)
            {
                _heard = _last;
            }
        }
    }

    /// <summary>Whether nothing is amiss.</summary>
    public bool Healthy => Roles().All(r => r.Status != "offline");

    /// <summary>How each role is: <c>online</c>, <c>offline</c>, <c>starting</c> or <c>disabled</c>, and why.</summary>
    public IReadOnlyList<(string Role, string Status, string? Why)> Roles()
    {
        lock (_gate)
        {
            var now = clock.Now;
            var patience = Patience + TimeSpan.FromMilliseconds(5 * _totalMs);
            var quiet = now - (_last ?? _began);
            var lost = Dropped() > _dropped;
            var starting = _last is null && quiet <= Start;
            List<(string, string, string?)> roles = [];
            if (starting)
            {
                roles.Add(("video", "starting", null));
                roles.Add(("audio", stream.Audio is null ? "disabled" : "starting", null));
                roles.Add(("infer", "starting", null));
            }
            else
            {
                var flows = _last is not null && quiet <= patience;
                var since = $"for {quiet.TotalSeconds:0} s";
                roles.Add(flows || lost ? ("video", "online", null) : ("video", "offline", $"no picture {since}"));
                roles.Add(stream.Audio is null ? ("audio", "disabled", null)
                    : now - (_heard ?? _began) <= patience ? ("audio", "online", null)
                    : ("audio", "offline", $"no sound for {(now - (_heard ?? _began)).TotalSeconds:0} s"));
                roles.Add(flows || !lost ? ("infer", "online", null) : ("infer", "offline", $"pictures come, and none was localized {since}"));
            }

            foreach (var (part, state) in parts?.All ?? [])
            {
                roles.Add((part, state.Online ? "online" : "offline", state.Why));
            }

            return roles;
        }
    }

    /// <summary>The body of <c>/healthz</c>. Who has no token learns the verdict, not the reasons.</summary>
    public byte[] Write(bool details) => LiveStatus.Json(json =>
    {
        var roles = Roles();
        json.WriteStartObject();
        json.WriteString("status", roles.Any(r => r.Status == "offline") ? "unhealthy" : "ok");
        if (details)
        {
            json.WriteStartObject("roles");
            foreach (var (role, status, why) in roles)
            {
                json.WriteStartObject(role);
                json.WriteString("status", status);
                json.WriteString("why", why);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private long Dropped()
    {
        var sum = 0L;
        foreach (var drop in _drops)
        {
            sum += drop.Value;
        }

        return sum;
    }
}
