using System.Text;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Tests.Support;

namespace RealtimeSsl.Tests.Outputs.Mqtt;

/// <summary>What waits for the broker survives us, stays in order and stays bounded.</summary>
public sealed class EventQueueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Counters _counters = new();
    private readonly LogLines _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Messages_come_back_in_order_after_a_restart()
    {
        using (var queue = Open())
        {
            Add(queue, 1, 5);
            Take(queue, 2);
        }

        using var again = Open();
        Assert.Equal(["3", "4", "5"], Take(again, 3));
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public void A_full_queue_loses_the_oldest_and_counts_them()
    {
        using (var queue = Open(limit: 3))
        {
            Add(queue, 1, 5);
            Assert.Equal((3, 2), (queue.Count, _counters["mqtt.events.dropped"].Value));
        }

        using var again = Open(limit: 2);
        Assert.Equal(["4", "5"], Take(again, 2));
        Assert.Equal(3, _counters["mqtt.events.dropped"].Value);
    }

    [Fact]
    public void A_message_dropped_on_its_way_does_not_take_another_one_with_it()
    {
        using var queue = Open(limit: 2);
        Add(queue, 1, 2);
        Assert.True(queue.TryPeek(out var number, out _));
        Add(queue, 3, 1);
        queue.Remove(number);
        Assert.Equal(["2", "3"], Take(queue, 2));
    }

    [Fact]
    public void A_file_cut_anywhere_gives_what_is_whole()
    {
        using (var queue = Open())
        {
            Add(queue, 1001, 3);
            Take(queue, 1);
        }

        var whole = File.ReadAllBytes(_folder["q"]);
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_folder["q"], whole[..length]);
            using var queue = Open();
            var expected = length >= whole.Length ? new[] { "1002", "1003" } : length >= whole.Length - 5 ? ["1002"] : [];
            Assert.Equal(expected, Take(queue, queue.Count));
            Add(queue, 7, 1);
            Assert.Equal(["7"], Take(queue, 1));
        }
    }

    [Fact]
    public void The_file_does_not_grow_for_ever()
    {
        using var queue = Open();
        var message = new byte[10000];
        message.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 500; i++)
        {
            queue.Add(message);
            if (queue.Count > 5)
            {
                Take(queue, 1);
            }
        }

        Assert.InRange(new FileInfo(_folder["q"]).Length, 0, 3 << 20);
        queue.Dispose();
        using var again = Open();
        Assert.Equal(5, again.Count);
    }

    [Fact]
    public void Another_file_is_not_taken_for_a_queue()
    {
        File.WriteAllText(_folder["q"], new string('a', 100));

        var error = Assert.Throws<OutputException>(() => Open());

        Assert.Contains("no queue of events", error.Message, StringComparison.Ordinal);
        Assert.Equal(100, new FileInfo(_folder["q"]).Length);
    }

    private static void Add(EventQueue queue, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            queue.Add(Encoding.ASCII.GetBytes($"{i}"));
        }
    }

    private static List<string> Take(EventQueue queue, int count)
    {
        List<string> taken = [];
        for (var i = 0; i < count && queue.TryPeek(out var number, out var message); i++)
        {
            taken.Add(Encoding.ASCII.GetString(message));
            queue.Remove(number);
        }

        return taken;
    }

    private EventQueue Open(int limit = 100) => new(_folder["q"], limit, new MonotonicClock(), _counters, _log);
}
