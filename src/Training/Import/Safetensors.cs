using System.Buffers.Binary;
using System.Text.Json;
using RealtimeSsl.Training.Import.Pickle;

namespace RealtimeSsl.Training.Import;

/// <summary>Fills the place of a tensor's numbers.</summary>
/// <param name="bytes">As long as they are.</param>
internal delegate void SafetensorsNumbers(Span<byte> bytes);

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its numbers, e.g. F32.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Length">Bytes of its numbers.</param>
/// <param name="Write">Writes them.</param>
internal readonly record struct SafetensorsEntry(string Name, string Type, long[] Shape, long Length, SafetensorsNumbers Write);

/// <summary>
/// The safetensors format: length of the header (8 bytes), header (JSON: name to type, shape, place), numbers.
/// https://huggingface.co/docs/safetensors, "Format".
/// </summary>
internal static class Safetensors
{
    private const int LongestHeader = 100_000_000;

    /// <summary>Whether a file begins as one.</summary>
    public static bool Begins(ReadOnlySpan<byte> start, long fileLength) =>
        start.Length > 8 && start[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(start) is var length
        && length <= LongestHeader && (long)length <= fileLength - 8;

    /// <summary>Writes a file.</summary>
    /// <param name="tensors">In their order.</param>
    public static byte[] ToBytes(IReadOnlyList<SafetensorsEntry> tensors)
    {
        var header = new Dictionary<string, object>();
        var at = 0L;
        foreach (var tensor in tensors)
        {
            header[tensor.Name] = new { dtype = tensor.Type, shape = tensor.Shape, data_offsets = new[] { at, at + tensor.Length } };
            at += tensor.Length;
        }

        // Eight bytes of the header's length; it is padded so that numbers lie on their own multiples.
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        var bytes = new byte[8 + padded + at];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        json.CopyTo(bytes, 8);
        bytes.AsSpan(8 + json.Length, padded - json.Length).Fill((byte)' ');
        var to = 8 + padded;
        foreach (var tensor in tensors)
        {
            tensor.Write(bytes.AsSpan(to, (int)tensor.Length));
            to += (int)tensor.Length;
        }

        return bytes;
    }

    /// <summary>Reads the header; the numbers stay where they are.</summary>
    public static CheckpointContent Read(CheckpointFile file, MemoryBudget budget)
    {
        var reader = new ByteReader(file, new FileStretch(0, file.Length), "the header");
        var length = reader.Number(8);
        reader.Need(length);
        budget.Charge((long)length);
        var header = reader.Bytes(length);
        var data = new FileStretch(reader.Position, reader.Left);
        var places = new Dictionary<string, FileStretch>();
        var root = new PickleDict();
        try
        {
            var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 8 });
            Expect(ref json, JsonTokenType.StartObject);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                budget.Charge(400 + 3L * json.ValueSpan.Length);
                var name = json.GetString()!;
                if (name == "__metadata__")
                {
                    json.Skip();
                    continue;
                }

                var (tensor, place) = Tensor(file, ref json, name, data);
                if (!places.TryAdd(name, place))
                {
                    throw file.Refuse($"the tensor '{name}' is in it twice: the file is damaged");
                }

                root.Items.Add((name, tensor));
            }
        }
        catch (JsonException e)
        {
            throw new ImportException($"{file.Path}: the header is no JSON at byte {8 + e.BytePositionInLine}: the file is damaged; download it again", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new ImportException($"{file.Path}: the header is not that of safetensors ({e.Message})", e);
        }

        return new CheckpointContent("safetensors", root, storage => places[storage.Key]);
    }

    private static (CheckpointTensor Tensor, FileStretch Place) Tensor(CheckpointFile file, ref Utf8JsonReader json, string name, FileStretch data)
    {
        string? type = null;
        long[]? shape = null, place = null;
        Expect(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "dtype":
                    json.Read();
                    type = json.GetString();
                    break;
                case "shape":
                    shape = Numbers(ref json);
                    break;
                case "data_offsets":
                    place = Numbers(ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (shape is null || place is not [var from, var to] || from < 0 || from > to || to > data.Length)
        {
            throw file.Refuse($"the tensor '{name}' has no shape, or lies outside of the file: it was cut off or is damaged; download it again");
        }

        var known = Type(type) ?? throw file.Refuse($"the tensor '{name}' is of the type '{type}', which is not read; save it as F32");
        var bytes = to - from;
        var storage = new TensorStorage(name, known, bytes / TensorTypes.Size(known), (0, bytes / TensorTypes.Size(known)));
        if (CheckpointTensor.Make(storage, 0, shape, null, out var tensor) is { } reason || tensor.Count * TensorTypes.Size(known) != bytes)
        {
            throw file.Refuse($"the tensor '{name}' has {bytes} bytes, not those of {type} [{string.Join(",", shape.Take(16))}]: the file is damaged");
        }

        return (tensor, new FileStretch(data.Offset + from, bytes));
    }

    private static TensorType? Type(string? name) => name switch
    {
        "F32" => TensorType.F32,
        "F64" => TensorType.F64,
        "F16" => TensorType.F16,
        "BF16" => TensorType.BF16,
        "I64" => TensorType.I64,
        "I32" => TensorType.I32,
        "I16" => TensorType.I16,
        "I8" => TensorType.I8,
        "U8" => TensorType.U8,
        "BOOL" => TensorType.Bool,
        _ => null,
    };

    private static long[] Numbers(ref Utf8JsonReader json)
    {
        var numbers = new List<long>();
        Expect(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(json.GetInt64());
            if (numbers.Count > 64)
            {
                throw new FormatException("a shape of more than 64 numbers");
            }
        }

        return [.. numbers];
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type)
        {
            throw new FormatException($"{json.TokenType} where {type} must be");
        }
    }
}
