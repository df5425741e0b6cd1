using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RealtimeSsl.Training.Train;

/// <summary>
/// A run in one file, written whole or not at all: where it is, weights, moving average, the optimizer's state, torch's random numbers. Tensors are
/// in TorchSharp's own format: numbers and names, nothing that could be run.
/// </summary>
internal static class TrainCheckpoint
{
    private const string Magic = "realtimessl/train-1";

    /// <summary>Writes; a crash leaves the old file as it was.</summary>
    public static void Save(string path, TrainState state, MasterWeights weights, WeightAverage? average, OptimizerHelper optimizer)
    {
        var part = path + ".part";
        using (NewDisposeScope())
        using (var file = File.Create(part))
        {
            using var writer = new BinaryWriter(file);
            writer.Write(Magic);
            writer.Write(JsonSerializer.Serialize(state));
            Write(writer, weights.State().Select(s => (s.Key, s.Value)));
            Write(writer, average?.State ?? []);
            using (var random = get_rng_state())
            {
                random.Save(writer);
            }

            optimizer.save_state_dict(writer);
            writer.Write(Magic);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
    }

    /// <summary>Reads it into what is there.</summary>
    /// <exception cref="TrainingException">It is none, damaged, or of another network.</exception>
    public static TrainState Load(string path, MasterWeights weights, WeightAverage? average, OptimizerHelper optimizer)
    {
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            if (reader.ReadString() != Magic)
            {
                throw new TrainingException($"{path}: is no checkpoint of a training run");
            }

            var state = JsonSerializer.Deserialize<TrainState>(reader.ReadString())!;
            Read(reader, weights.State().Select(s => (s.Key, s.Value)), path);
            Read(reader, average?.State ?? [], path);
            using (var random = TensorExtensionMethods.Load(reader))
            {
                set_rng_state(random);
            }

            optimizer.load_state_dict(reader);
            if (reader.ReadString() != Magic)
            {
                throw new TrainingException($"{path}: is damaged at its end; resume from another checkpoint");
            }

            weights.GiveBack();
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException or JsonException or FormatException)
        {
            throw new TrainingException($"{path}: cannot be resumed from ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static void Write(BinaryWriter writer, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        var all = tensors.ToList();
        writer.Write(all.Count);
        foreach (var (name, value) in all)
        {
            writer.Write(name);
            using var plain = value.detach().cpu().contiguous();
            plain.Save(writer);
        }
    }

    private static void Read(BinaryReader reader, IEnumerable<(string Name, Tensor Value)> tensors, string path)
    {
        using var ungraded = no_grad();
        var known = tensors.ToDictionary(t => t.Name, t => t.Value);
        var count = reader.ReadInt32();
        if (count != known.Count)
        {
            throw new TrainingException($"{path}: holds {count} tensors where this network has {known.Count}: it is of another network, or of other settings");
        }

        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            using var read = TensorExtensionMethods.Load(reader);
            if (!known.TryGetValue(name, out var own) || !own.shape.SequenceEqual(read.shape))
            {
                throw new TrainingException($"{path}: '{name}' [{string.Join(",", read.shape)}] is not of this network");
            }

            own.copy_(read);
        }
    }
}
