using System.Text;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>What PyTorch and its users write is read: both layouts, all types, views, wrappers; what is something else is named.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Layouts => ["zip", "legacy"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Weights_come_back_as_they_were_saved(string layout)
    {
        using var checkpoint = Open(layout, new TorchDict
        {
            {
                "state_dict", TorchDict.State(new Dictionary<string, TorchTensor>
                {
                    ["module.conv.weight"] = TorchTensor.Of([2, 3], [1, 2, 3, 4, 5, 6]) with { IsParameter = true },
                    ["module.bn.num_batches_tracked"] = TorchTensor.Counter(1234567890123),
                    ["module.empty"] = TorchTensor.Of([0, 5], []),
                })
            },
            { "epoch", 41 },
            { "best_cIoU", new NumpyDouble(0.25) },
            { "comment", "ü" },
        });

        Assert.Equal("state_dict", checkpoint.Container);
        Assert.Equal(["conv.weight", "bn.num_batches_tracked", "empty"], checkpoint.Tensors.Keys);
        Assert.Equal([2, 3], checkpoint.Tensors["conv.weight"].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], Read(checkpoint, "conv.weight"));
        Assert.Equal([1234567890123f], Read(checkpoint, "bn.num_batches_tracked"));
        Assert.Empty(Read(checkpoint, "empty"));
        Assert.Equal([("epoch", "41"), ("best_cIoU", "0.25")], checkpoint.Facts);
    }

    [Theory]
    [InlineData("model_state_dict")]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData(null)]
    public void Weights_are_found_in_every_container(string? container)
    {
        var weights = TorchDict.State(new Dictionary<string, TorchTensor> { ["a"] = TorchTensor.Of([1], [7]) });
        var optimizer = TorchDict.State(new Dictionary<string, TorchTensor> { ["exp_avg"] = TorchTensor.Of([1], [9]) });
        using var checkpoint = Open("zip", container is null ? weights : new TorchDict { { "optimizer", optimizer }, { container, weights } });

        Assert.Equal(container, checkpoint.Container);
        Assert.Equal(["a"], checkpoint.Tensors.Keys);
        Assert.Equal([7f], Read(checkpoint, "a"));
    }

    [Theory]
    [InlineData("FloatStorage", "0000C03F 000080BF", 1.5f, -1f)]
    [InlineData("DoubleStorage", "000000000000F83F 000000000000F0BF", 1.5f, -1f)]
    [InlineData("HalfStorage", "003E 00BC", 1.5f, -1f)]
    [InlineData("BFloat16Storage", "C03F 80BF", 1.5f, -1f)]
    [InlineData("LongStorage", "0200000000000000 FFFFFFFFFFFFFFFF", 2f, -1f)]
    [InlineData("IntStorage", "02000000 FFFFFFFF", 2f, -1f)]
    [InlineData("ShortStorage", "0200 FFFF", 2f, -1f)]
    [InlineData("CharStorage", "02 FF", 2f, -1f)]
    [InlineData("ByteStorage", "02 FF", 2f, 255f)]
    [InlineData("BoolStorage", "01 00", 1f, 0f)]
    public void Every_type_of_number_is_read(string type, string hex, float first, float second)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var saved = TorchDict.State(new Dictionary<string, TorchTensor> { ["a"] = new(new TorchStorage(type, bytes.Length / 2, bytes), [2]) });
        foreach (var layout in (string[])["zip", "legacy"])
        {
            using var checkpoint = Open(layout, saved);
            Assert.Equal([first, second], Read(checkpoint, "a"));
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Views_of_one_storage_are_told_apart(string layout)
    {
        var storage = TorchStorage.Floats([.. Enumerable.Range(0, 24).Select(i => (float)i)]);
        using var checkpoint = Open(layout, TorchDict.State(new Dictionary<string, TorchTensor>
        {
            ["all"] = new(storage, [24]),
            ["tail"] = new(storage, [2, 2], Offset: 20),
            ["transposed"] = new(storage, [3, 2], [1, 3], Offset: 6),
            ["every other column"] = new(storage, [2, 3], [6, 2]),
            ["channels last"] = new(storage, [1, 3, 2, 2], [12, 1, 6, 3]),
            ["repeated"] = new(storage, [2, 2], [0, 1], Offset: 3),
        }));

        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), Read(checkpoint, "all"));
        Assert.Equal([20f, 21, 22, 23], Read(checkpoint, "tail"));
        Assert.Equal([6f, 9, 7, 10, 8, 11], Read(checkpoint, "transposed"));
        Assert.Equal([0f, 2, 4, 6, 8, 10], Read(checkpoint, "every other column"));
        Assert.Equal([0f, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], Read(checkpoint, "channels last"));
        Assert.Equal([3f, 4, 3, 4], Read(checkpoint, "repeated"));
    }

    [Fact]
    public void A_large_tensor_is_read_in_pieces()
    {
        var values = Enumerable.Range(0, 100_003).Select(i => i * 0.5f).ToArray();
        using var checkpoint = Open("legacy", TorchDict.State(new Dictionary<string, TorchTensor> { ["a"] = TorchTensor.Of([values.Length], values) }));
        Assert.Equal(values, Read(checkpoint, "a"));
    }

    [Fact]
    public void More_than_a_thousand_tensors_are_read()
    {
        var many = Enumerable.Range(0, 2500).ToDictionary(i => $"layer{i}.weight", i => TorchTensor.Of([1], [i]));
        foreach (var layout in (string[])["zip", "legacy"])
        {
            using var checkpoint = Open(layout, TorchDict.State(many));
            Assert.Equal(2500, checkpoint.Tensors.Count);
            Assert.Equal([2499f], Read(checkpoint, "layer2499.weight"));
        }
    }

    [Fact]
    public void Safetensors_come_back_as_they_were_saved()
    {
        File.WriteAllBytes(_folder["a.safetensors"], TorchWriter.SafeTensors(new Dictionary<string, TorchTensor>
        {
            ["model.a.weight"] = TorchTensor.Of([2, 2], [1, 2, 3, 4]), ["model.b"] = TorchTensor.Counter(5),
        }));
        using var checkpoint = Checkpoint.Open(_folder["a.safetensors"]);

        Assert.Equal("safetensors", checkpoint.Layout);
        Assert.Equal(["a.weight", "b"], checkpoint.Tensors.Keys);
        Assert.Equal([1f, 2, 3, 4], Read(checkpoint, "a.weight"));
        Assert.Equal([5f], Read(checkpoint, "b"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "has 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "cut off")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "of the type 'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "not those of F32 [-2]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "not those of F32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "in it twice")]
    [InlineData("""{"a":[1]}""", "not that of safetensors")]
    [InlineData("""{"a":{"dtype":1}}""", "not that of safetensors")]
    [InlineData("""{"a":""", "no JSON")]
    public void Safetensors_that_are_not_in_order_are_refused(string header, string reason) =>
        Refused([.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header), .. new byte[8]], reason);

    [Fact]
    public void What_is_no_checkpoint_is_named()
    {
        var tar = new byte[1024];
        "storages"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused(tar, "a tar archive");
        Refused([], "empty");
        Refused("<!DOCTYPE html><title>Google Drive - Virus scan warning</title>"u8.ToArray(), "a web page");
        Refused([0x1f, 0x8b, 8, 0], "gzip");
        Refused(PickleWriter.Pickle(new TorchDict { { "a", 1 } }), "a plain pickle");
        Refused("\x89HDF\r\n"u8.ToArray(), "no checkpoint");
        Refused([0x89, .. "HDF\r\n"u8], "HDF5");
        Refused("some text, and more of it"u8.ToArray(), "no checkpoint");
        Refused(TorchWriter.Archive([new TorchEntry("word/document.xml", [1])]), "0 files */data.pkl");
        Refused(TorchWriter.Archive([.. TorchWriter.Entries(Weights()), new TorchEntry("archive/constants.pkl", [1])]), "TorchScript");
        Refused(TorchWriter.Zip(TorchTensor.Of([1], [1])), "a single tensor");
        Refused(TorchWriter.Zip(new TorchDict { { "epoch", 1 }, { "lr", 0.1 } }), "its keys are epoch, lr");
        Assert.Contains("not there", Assert.Throws<ImportException>(() => Checkpoint.Open(_folder["nothing.pth"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_found()
    {
        var entries = TorchWriter.Entries(Weights());
        Refused(TorchWriter.Archive([.. entries.Where(e => e.Name != "archive/data/0")]), "there is no 'archive/data/0'");
        Refused(TorchWriter.Archive([.. entries.Select(e => e.Name == "archive/data/0" ? e with { Crc = 1 } : e)]), "CRC-32");
        Refused(TorchWriter.Archive([.. entries.Select(e => e.Name == "archive/data/0" ? e with { Content = [1, 2] } : e)]), "too few for its 2 numbers");
        Refused(TorchWriter.Archive([.. entries.Select(e => e.Name == "archive/byteorder" ? e with { Content = "big"u8.ToArray() } : e)]), "'big'-endian");
        Refused(TorchWriter.Zip(TorchDict.State(new Dictionary<string, TorchTensor> { ["module.a"] = TorchTensor.Of([1], [1]), ["a"] = TorchTensor.Of([1], [2]) })),
            "'a' and another tensor");
    }

    [Fact]
    public void A_name_cannot_write_to_the_terminal() => Assert.DoesNotContain(
        '\e', Refused(TorchWriter.Zip(new TorchDict { { "\e[2Jnothing to see\n", 1 } }), "there are no weights"));

    [Fact]
    public void The_numbers_of_a_large_file_stay_in_it()
    {
        // 40 MB in the file; its description and one tensor of 4 KB are read.
        var storage = new TorchStorage("FloatStorage", 4, new byte[40 << 20]);
        File.WriteAllBytes(_folder["large.pth"], TorchWriter.Legacy(TorchDict.State(new Dictionary<string, TorchTensor>
        {
            ["all"] = new(storage, [10 << 20]), ["few"] = new(storage, [1024]),
        })));
        var values = new float[1024];

        var before = GC.GetAllocatedBytesForCurrentThread();
        using var checkpoint = Checkpoint.Open(_folder["large.pth"]);
        checkpoint.Read(checkpoint.Tensors["few"], values);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static TorchDict Weights() => TorchDict.State(new Dictionary<string, TorchTensor> { ["a"] = TorchTensor.Of([2], [1, 2]) });

    private static float[] Read(Checkpoint checkpoint, string name)
    {
        var values = new float[checkpoint.Tensors[name].Count];
        checkpoint.Read(checkpoint.Tensors[name], values);
        return values;
    }

    private Checkpoint Open(string layout, object? root)
    {
        File.WriteAllBytes(_folder["a.pth"], layout == "zip" ? TorchWriter.Zip(root) : TorchWriter.Legacy(root));
        return Checkpoint.Open(_folder["a.pth"]);
    }

    private string Refused(byte[] bytes, string reason)
    {
        File.WriteAllBytes(_folder["a.pth"], bytes);
        var message = Assert.Throws<ImportException>(() =>
        {
            using var checkpoint = Checkpoint.Open(_folder["a.pth"]);
            foreach (var name in checkpoint.Tensors.Keys)
            {
                Read(checkpoint, name);
            }
        }).Message;
        Assert.StartsWith(_folder["a.pth"] + ": ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        return message;
    }
}
