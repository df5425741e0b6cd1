using System.Globalization;
using RealtimeSsl.Inference.Models;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>
/// Mutated checkpoints are read or refused: no other error, no hang, no memory beyond what the file's length allows. 2,000 of them; REALTIMESSL_FUZZ_CASES
/// sets another number (docs/5-importing-checkpoints.md has the long run). A case is the same every time: its number is its seed.
/// </summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private const int Room = 1 << 20;

    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("REALTIMESSL_FUZZ_CASES"), CultureInfo.InvariantCulture, out var n) ? n : 2000;

    private readonly TemporaryFolder _folder = new();
    private readonly float[] _values = new float[1 << 16];
    private volatile int _case;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mutated_checkpoint_is_read_or_refused()
    {
        var bases = Bases();
        var read = 0;
        await InTimeAsync(() =>
        {
            for (_case = 0; _case < Cases; _case++)
            {
                var bytes = Mutated(new Random(_case), bases[_case % bases.Length]);
                File.WriteAllBytes(_folder["case.pth"], bytes);
                var before = GC.GetAllocatedBytesForCurrentThread();
                read += Read(_folder["case.pth"]) ? 1 : 0;
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L * bytes.Length + Room);
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{Cases} cases, {read} read, {Cases - read} refused");
        Assert.InRange(read, 1, Cases - 1);
    }

    [Fact]
    public async Task A_mutated_network_is_imported_whole_or_not_at_all()
    {
        var (cases, imported) = (Math.Max(1, Cases / 50), 0);
        byte[][] bases = [TorchWriter.Legacy(SmallNetwork.Saved()), TorchWriter.Zip(SmallNetwork.Saved())];
        await InTimeAsync(() =>
        {
            for (_case = 0; _case < cases; _case++)
            {
                File.WriteAllBytes(_folder["case.pth"], Mutated(new Random(_case), new Base(bases[_case % bases.Length], null)));
                try
                {
                    var package = SmallNetwork.Import(_folder["case.pth"], _folder["package"]);
                    ModelPackage.Load(package.Folder);
                    Directory.Delete(package.Folder, recursive: true);
                    imported++;
                }
                catch (ImportException)
                {
                    // Refused, as it may be.
                }

                Assert.Equal([_folder["case.pth"]], Directory.EnumerateFileSystemEntries(_folder.Path));
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{cases} cases, {imported} imported, {cases - imported} refused");
    }

    /// <summary>A hang becomes a failure that names its case.</summary>
    private async Task InTimeAsync(Action run)
    {
        try
        {
            await Task.Run(run, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60 + Cases * 0.05), TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"case {_case}: {e.Message}", e);
        }
    }

    private bool Read(string file)
    {
        try
        {
            using var checkpoint = Checkpoint.Open(file);
            foreach (var tensor in checkpoint.Tensors.Values)
            {
                checkpoint.Read(tensor, _values.AsSpan(0, (int)tensor.Count));
            }

            return true;
        }
        catch (ImportException)
        {
            return false;
        }
    }

    /// <summary>A file to mutate; with entries, it is the pickle within that is mutated, so that the archive around it stays in order.</summary>
    private sealed record Base(byte[] Bytes, List<TorchEntry>? Entries);

    private static Base[] Bases()
    {
        var storage = TorchStorage.Floats([.. Enumerable.Range(0, 24).Select(i => (float)i)]);
        var saved = new TorchDict
        {
            {
                "model", TorchDict.State(new Dictionary<string, TorchTensor>
                {
                    ["module.a.weight"] = TorchTensor.Normal(new Random(1), 4, 3, 3, 3),
                    ["module.a.bias"] = TorchTensor.Normal(new Random(2), 4) with { IsParameter = true },
                    ["module.b.weight"] = new(storage, [4, 3], [1, 4], Offset: 4),
                    ["module.b.half"] = new(new TorchStorage("HalfStorage", 2, new byte[64]), [32]),
                    ["module.b.num_batches_tracked"] = TorchTensor.Counter(9),
                })
            },
            { "optimizer", new TorchDict { { "state", new TorchDict() }, { "param_groups", new List<object?> { new object?[] { 0.9, 0.999 }, null, -7L } } } },
            { "best_cIoU", new NumpyDouble(0.5) },
            { "epoch", 70000 },
        };
        var safe = TorchWriter.SafeTensors(new Dictionary<string, TorchTensor>
        {
            ["a"] = TorchTensor.Normal(new Random(3), 4, 4), ["b"] = TorchTensor.Counter(2), ["c"] = TorchTensor.Of([2], [1, 2]),
        });
        return [new(TorchWriter.Zip(saved), null), new(TorchWriter.Legacy(saved), null), new(safe, null), new([], TorchWriter.Entries(saved))];
    }

    private static byte[] Mutated(Random random, Base from)
    {
        if (from.Entries is not { } entries)
        {
            return Mutated(random, from.Bytes);
        }

        return TorchWriter.Archive([entries[0] with { Content = Mutated(random, entries[0].Content) }, .. entries.Skip(1)]);
    }

    private static byte[] Mutated(Random random, byte[] from)
    {
        var bytes = from.ToList();
        for (var times = random.Next(3) == 0 ? random.Next(2, 8) : 1; times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    // An opcode, where one may be.
                    bytes[at] = (byte)"(.012NXKMJGTUBC)t]ae}dsuqrhjcRQbioP"[random.Next(35)];
                    break;
                case 3 when bytes.Count > length:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at - (at == 0 ? 1 : 0));
                    break;
                case 6:
                    // A length or a count: none, one, and the largest of each width.
                    var number = BitConverter.GetBytes((ulong[])[0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, long.MaxValue, ulong.MaxValue] is var n
                        ? n[random.Next(n.Length)] : 0);
                    for (var i = 0; i < Math.Min((int[])[1, 2, 4, 8] is var w ? w[random.Next(4)] : 1, bytes.Count - at); i++)
                    {
                        bytes[at + i] = number[i];
                    }

                    break;
                case 7:
                    var source = random.Next(bytes.Count - length + 1);
                    var piece = bytes.GetRange(source, length);
                    for (var i = 0; i < length; i++)
                    {
                        bytes[at + i] = piece[i];
                    }

                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Range(0, length).Select(_ => (byte)random.Next(256)));
                    break;
            }
        }

        return [.. bytes];
    }
}
