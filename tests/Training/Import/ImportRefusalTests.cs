using System.Text;
using RealtimeSsl.Tests.Support;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Tests.Training.Import;

/// <summary>A checkpoint that is damaged, dangerous or another network's is refused with the reason, and nothing is written.</summary>
public sealed class ImportRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_one_is_imported_and_has_run()
    {
        var package = SmallNetwork.Import(Save(TorchWriter.Zip(SmallNetwork.Saved())), _folder["small"], r => r with { Licence = "Apache-2.0" });

        Assert.Equal(("small", "ez-vsl", "Apache-2.0"), (package.Manifest.Name, package.Manifest.Method, package.Manifest.Licence));
        var card = File.ReadAllText(Path.Combine(package.Folder, "README.md"));
        Assert.Contains("given.pth", card, StringComparison.Ordinal);
        Assert.Contains("| epoch | 3 |", card, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder["given.pth"]))), card, StringComparison.Ordinal);
        OnlyTheseAreThere("given.pth", "small");
    }

    [Theory]
    [InlineData("zip", 0.97)]
    [InlineData("zip", 0.4)]
    [InlineData("legacy", 0.9)]
    [InlineData("legacy", 0.05)]
    [InlineData("safetensors", 0.9)]
    public void A_truncated_file(string layout, double part)
    {
        var whole = layout switch
        {
            "zip" => TorchWriter.Zip(SmallNetwork.Saved()),
            "legacy" => TorchWriter.Legacy(SmallNetwork.Saved()),
            _ => TorchWriter.SafeTensors(SmallNetwork.Weights()),
        };

        Refused(whole[..(int)(whole.Length * part)], "cut off");
    }

    [Fact]
    public void A_zip_bomb_that_is_compressed()
    {
        var entries = TorchWriter.Entries(SmallNetwork.Saved());
        entries[2] = new TorchEntry("archive/data/0", new byte[50_000_000]) { Deflate = true };

        Refused(TorchWriter.Archive(entries), "'archive/data/0' is compressed, 50000000 bytes from ", "zip bomb");
    }

    [Fact]
    public void A_zip_bomb_whose_entries_overlap()
    {
        var bytes = TorchWriter.Archive(TorchWriter.Entries(SmallNetwork.Saved()));

        // The second entry's record in the directory points at the first one's content, under the first one's local name.
        var directory = IndexOf(bytes, "PK\x01\x02"u8, 0);
        var second = IndexOf(bytes, "PK\x01\x02"u8, directory + 4);
        bytes.AsSpan(directory + 42, 4).CopyTo(bytes.AsSpan(second + 42, 4));

        Refused(bytes, "'archive/byteorder' is not where the directory says");
    }

    [Fact]
    public void An_entry_that_lies_within_another()
    {
        var inner = new TorchEntry("archive/data/inner", "number"u8.ToArray());
        var nested = TorchWriter.Archive([inner]);
        var header = nested[..(IndexOf(nested, "number"u8, 0) + 6)];
        var entries = TorchWriter.Entries(SmallNetwork.Saved());
        entries.Add(new TorchEntry("archive/data/outer", header));
        entries.Add(inner);
        var bytes = TorchWriter.Archive(entries);

        // The directory's last record points at the header that hides in the content of the entry before.
        var at = (uint)IndexOf(bytes, header, IndexOf(bytes, "archive/data/outer"u8, 0));
        var last = bytes.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.GetBytes(at).CopyTo(bytes, last + 42);

        Refused(bytes, "overlap");
    }

    [Fact]
    public void An_entry_twice() => Refused(
        TorchWriter.Archive([.. TorchWriter.Entries(SmallNetwork.Saved()), new TorchEntry("archive/data/0", [1, 2, 3, 4])]), "'archive/data/0' is in it twice");

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("archive\\data.pkl")]
    public void An_entry_that_points_out_of_the_archive(string name) => Refused(
        TorchWriter.Archive([.. TorchWriter.Entries(SmallNetwork.Saved()), new TorchEntry(name, [1])]), "points out of the archive");

    [Theory]
    [InlineData("cposix\nsystem\n", "'posix.system' (GLOBAL")]
    [InlineData("cos\nsystem\n", "'os.system' (GLOBAL")]
    [InlineData("c__builtin__\neval\n", "'builtins.eval' (GLOBAL")]
    [InlineData("ctorch.storage\n_load_from_bytes\n", "'torch.storage._load_from_bytes' (GLOBAL")]
    [InlineData("(S'x'\niposix\nsystem\n", "opcode 0x53")]
    [InlineData("(Nisubprocess\nPopen\n", "'subprocess.Popen' (INST")]
    [InlineData("X\u0005\0\0\0posixX\u0006\0\0\0system\u0093", "'posix.system' (GLOBAL")]
    [InlineData("ctorch\nFloatStorage\n)R", "'torch.FloatStorage' (REDUCE")]
    [InlineData("(ctorch\nTensor\no", "'torch.Tensor' (OBJ")]
    [InlineData("ctorch\nTensor\n}b", "'torch.Tensor' (BUILD")]
    [InlineData("c__torch__\nNet\n", "save model.state_dict()")]
    public void A_pickle_that_would_run_code(string opcodes, string reason)
    {
        // As such files are made: the call's result is a harmless-looking value beside the weights.
        var saved = SmallNetwork.Saved();
        saved.Add("note", new RawPickle([.. Encoding.Latin1.GetBytes(opcodes), .. "X\x02\0\0\0id\x85R"u8]));

        Refused(TorchWriter.Zip(saved), reason, reason.StartsWith("opcode", StringComparison.Ordinal) ? "pickle" : "nothing was run");
        Refused(TorchWriter.Legacy(saved), reason);
    }

    [Fact]
    public void A_pickle_that_asks_for_more_memory_than_the_file_is_long()
    {
        var saved = SmallNetwork.Saved();
        saved.Add("note", new RawPickle([.. "("u8, .. Enumerable.Repeat((byte)'}', 2_000_000), .. "t"u8]));

        Refused(TorchWriter.Zip(saved), "more memory");
    }

    [Theory]
    [InlineData("a tensor that is larger than its storage", 1_000_000, 1, 0)]
    [InlineData("a tensor that begins beyond its storage", 4, 1, 4)]
    [InlineData("a tensor whose stride leaves its storage", 2, 4, 0)]
    public void A_tensor_outside_of_its_storage(string what, int size, long stride, long offset)
    {
        var saved = SmallNetwork.Saved(w => w[what] = new TorchTensor(TorchStorage.Floats(1, 2, 3, 4), [size], [stride], offset));
        Refused(TorchWriter.Zip(saved), "does not fit into its storage");
    }

    [Fact]
    public void Another_network()
    {
        var slavc = CosineFamily.Slavc(momentum: false, width: 2);
        var weights = slavc.Required.ToDictionary(k => k.Name, k => TorchTensor.Normal(new Random(1), [.. k.Shape]));

        Refused(TorchWriter.Zip(TorchDict.State(weights)), "not a checkpoint of ez-vsl", "4 missing: img_proj.weight", "8 unexpected: img_proj1.weight");
    }

    [Fact]
    public void The_name_of_the_method_that_fits_is_told()
    {
        var lvs = CosineFamily.AvNet("lvs", "", SmallNetwork.Method.Image, SmallNetwork.Method.Audio);
        var weights = lvs.Required.ToDictionary(k => k.Name, k => new TorchTensor(TorchStorage.Floats(new float[k.Shape.Aggregate(1, (n, d) => n * d)]), [.. k.Shape]));
        File.WriteAllBytes(_folder["lvs.pth"], TorchWriter.Zip(TorchDict.State(weights)));

        var message = Message(_folder["lvs.pth"], r => r with { Method = ImportMethods.ById("ez-vsl") });

        Assert.Contains("these are the tensors of sslalign, lvs, ssl-tie", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_width()
    {
        var wide = CosineFamily.EzVsl("ez-vsl", "", width: 3);
        var weights = wide.Required.ToDictionary(k => k.Name, k => TorchTensor.Normal(new Random(1), [.. k.Shape]));

        Refused(TorchWriter.Legacy(TorchDict.State(weights)), " misshapen: imgnet.conv1.weight [3,3,7,7] instead of [2,3,7,7], ", ", ...");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers(float bad)
    {
        var saved = SmallNetwork.Saved(w =>
        {
            var values = new float[w["audnet.layer3.1.conv2.weight"].Storage.Count];
            values[17] = bad;
            w["audnet.layer3.1.conv2.weight"] = TorchTensor.Of([8, 8, 3, 3], values);
        });

        Refused(TorchWriter.Zip(saved), "'audnet.layer3.1.conv2.weight' has 1 values that are no numbers (the first at 17");
    }

    [Fact]
    public void A_network_that_gives_the_same_everywhere() => Refused(
        TorchWriter.Zip(SmallNetwork.Saved(w =>
        {
            foreach (var name in w.Keys.Where(n => n.StartsWith("img_proj", StringComparison.Ordinal)).ToList())
            {
                w[name] = TorchTensor.Of(w[name].Shape, new float[w[name].Storage.Count]);
            }
        })),
        "are these trained weights?");

    [Fact]
    public void Extra_tensors_are_ignored_on_request_only()
    {
        var file = Save(TorchWriter.Zip(SmallNetwork.Saved(w => w["decoder.weight"] = TorchTensor.Of([1], [1]))));

        Assert.Contains("1 unexpected: decoder.weight; --allow-extra ignores them", Message(file), StringComparison.Ordinal);
        var package = SmallNetwork.Import(file, _folder["small"], r => r with { AllowExtra = true });
        Assert.Contains("decoder.weight", File.ReadAllText(Path.Combine(package.Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_statistics_are_set_on_request_only_and_missing_weights_never()
    {
        var file = Save(TorchWriter.Zip(SmallNetwork.Saved(w => w.Remove("imgnet.bn1.running_mean"))));
        Assert.Contains("1 missing: imgnet.bn1.running_mean; --allow-missing", Message(file), StringComparison.Ordinal);
        SmallNetwork.Import(file, _folder["small"], r => r with { AllowMissing = true });

        file = Save(TorchWriter.Zip(SmallNetwork.Saved(w => w.Remove("imgnet.conv1.weight"))));
        Assert.Contains("1 missing: imgnet.conv1.weight", Message(file, r => r with { AllowMissing = true, Out = _folder["other"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_there_is_left_alone()
    {
        Directory.CreateDirectory(_folder["small"]);
        Assert.Contains("is there already", Message(Save(TorchWriter.Zip(SmallNetwork.Saved()))), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["small"]));
    }

    [Fact]
    public void A_method_that_is_unknown_lists_those_there_are() => Assert.Contains(
        "unknown; there are sslalign, lvs, ssl-tie, ez-vsl", Assert.Throws<ImportException>(() => ImportMethods.ById("lvt")).Message, StringComparison.Ordinal);

    private static int IndexOf(byte[] bytes, ReadOnlySpan<byte> what, int from) => from + bytes.AsSpan(from).IndexOf(what);

    private string Save(byte[] bytes)
    {
        File.WriteAllBytes(_folder["given.pth"], bytes);
        return _folder["given.pth"];
    }

    private void Refused(byte[] bytes, params string[] reasons)
    {
        var message = Message(Save(bytes));
        Assert.All(reasons, reason => Assert.True(message.Contains(reason, StringComparison.Ordinal), $"'{reason}' is not in: {message}"));
        Assert.StartsWith(_folder["given.pth"] + ": ", message, StringComparison.Ordinal);
        OnlyTheseAreThere("given.pth");
    }

    private string Message(string file, Func<ImportRequest, ImportRequest>? change = null) =>
        Assert.Throws<ImportException>(() => SmallNetwork.Import(file, _folder["small"], change)).Message;

    private void OnlyTheseAreThere(params string[] names) =>
        Assert.Equal(names, Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
