using System.Diagnostics;
using System.Globalization;
using System.Text;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>Writes the text format of Prometheus: <c>realtimessl_NAME{camera="...",...} VALUE</c>.</summary>
internal sealed class MetricsText(string camera)
{
    private const string Prefix = "realtimessl_", Drop = ".dropped.";
    private readonly StringBuilder _text = new(8192);
    private readonly string _camera = Labels(("camera", camera));

    /// <summary>Labels as they stand between the braces.</summary>
    public static string Labels(params (string Name, string Value)[] labels) => string.Join(',', labels.Select(l =>
        $"{l.Name}=\"{l.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));

    /// <summary>Begins a family of samples.</summary>
    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(Prefix).Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(Prefix).Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>One sample of the family.</summary>
    public void Sample(string name, double value, string labels = "") =>
        _text.Append(Prefix).Append(name).Append('{').Append(_camera).Append(labels.Length > 0 ? "," : "").Append(labels).Append("} ")
            .Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>A family of one sample.</summary>
    public void One(string name, string type, string help, double value)
    {
        Family(name, type, help);
        Sample(name, value);
    }

    /// <summary>Everything that is counted: drops by place and cause, reconnects, errors, all else by its own name; and the sinks' queues.</summary>
    public void Counters(Counters counters)
    {
        var all = counters.All.ToList();
        Many("dropped_total", "What was left out, by place and cause.", all.Where(c => c.Name.Contains(Drop, StringComparison.Ordinal)), c =>
            c.Name.IndexOf(Drop, StringComparison.Ordinal) is var at ? Labels(("at", c.Name[..at]), ("cause", c.Name[(at + Drop.Length)..])) : "");
        Many("reconnects_total", "Connections taken up again.", all.Where(c => Ends(c, ".reconnects")), c => Labels(("of", c.Name[..^".reconnects".Length])));
        Many("errors_total", "What went wrong and was survived.", all.Where(c => Ends(c, ".errors")), c => Labels(("of", c.Name[..^".errors".Length])));
        Many("events_total", "Everything else that is counted.", all.Where(c => !c.Name.Contains(Drop, StringComparison.Ordinal) && !Ends(c, ".reconnects") && !Ends(c, ".errors")), c => Labels(("name", c.Name)));
        Family("queue_items", "gauge", "Items that wait for a sink.");
        foreach (var (name, value) in counters.Gauges.Where(g => g.Key.EndsWith(".queue", StringComparison.Ordinal)))
        {
            Sample("queue_items", value, Labels(("of", name[..^".queue".Length])));
        }

        static bool Ends(Counter counter, string with) => counter.Name.EndsWith(with, StringComparison.Ordinal);
    }

    /// <summary>Roles: 1 is online.</summary>
    public void Health(HealthReport? health)
    {
        Family("up", "gauge", "Whether a role does its work.");
        foreach (var (role, status, _) in health?.Roles() ?? [])
        {
            if (status != "disabled")
            {
                Sample("up", status == "online" ? 1 : 0, Labels(("role", role)));
            }
        }
    }

    /// <summary>The process: memory and collections.</summary>
    public void Process(double uptime)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        One("uptime_seconds", "gauge", "Since the run began.", Math.Round(uptime, 3));
        One("process_resident_bytes", "gauge", "Resident memory.", process.WorkingSet64);
        One("process_cpu_seconds_total", "counter", "Time on processors.", Math.Round(process.TotalProcessorTime.TotalSeconds, 3));
        One("gc_heap_bytes", "gauge", "Managed heap.", GC.GetTotalMemory(false));
        One("gc_allocated_bytes_total", "counter", "Managed bytes allocated.", GC.GetTotalAllocatedBytes());
        One("gc_pause_seconds_total", "counter", "Time that everything stood still for a collection.", GC.GetTotalPauseDuration().TotalSeconds);
        Family("gc_collections_total", "counter", "Collections by generation.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            Sample("gc_collections_total", GC.CollectionCount(generation), Labels(("generation", generation.ToString(CultureInfo.InvariantCulture))));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Many(string name, string help, IEnumerable<Counter> counters, Func<Counter, string> labels)
    {
        Family(name, "counter", help);
        foreach (var counter in counters)
        {
            Sample(name, counter.Value, labels(counter));
        }
    }
}
