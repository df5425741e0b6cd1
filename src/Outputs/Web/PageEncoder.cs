using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using OpenCvSharp;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>
/// Makes the message that viewers get: the frame message, extended by the heatmap (<c>heatmap{rows,cols,low,high,label,u8}</c>, u8 being the
/// normalised grid, one byte a cell, row-major, in base64), the newest sound (<c>spectrum</c>) and the running figures (<c>live</c>), together with the very frame they belong to.
/// Heatmap and boxes are not drawn into the picture: the browser does that, crisp at any size.
/// </summary>
internal sealed class PageEncoder : IDisposable
{
    /// <summary>Wider frames are scaled down: the page is for looking, the recording keeps every pixel.</summary>
    public const int WidestPicture = 1280;

    private static readonly int[] Quality = [(int)ImwriteFlags.JpegQuality, 80];
    private readonly ObjectPool<PagePicture> _pool = new(8);
    private readonly Mat _small = new();
    private Utf8JsonWriter? _json;
    private byte[] _grid = [];

    /// <summary>Encodes one localization; <paramref name="status"/> has been updated with it.</summary>
    public PagePicture Encode(Localization found, LiveStatus status, SpectrumSink spectrum)
    {
        var picture = PagePicture.Rent(_pool, found);
        WriteHead(picture.Head, found, status, spectrum);
        Cv2.ImEncode(".jpg", Scaled(found.Frame.Image), out var jpeg, Quality);
        picture.Jpeg = jpeg;
        return picture;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _small.Dispose();
        _json?.Dispose();
    }

    private Mat Scaled(Mat image)
    {
        if (image.Width <= WidestPicture)
        {
            return image;
        }

        var height = Math.Max(1, (int)Math.Round((double)image.Height * WidestPicture / image.Width));
        Cv2.Resize(image, _small, new Size(WidestPicture, height), interpolation: InterpolationFlags.Area);
        return _small;
    }

    private void WriteHead(ArrayBufferWriter<byte> head, Localization found, LiveStatus status, SpectrumSink spectrum)
    {
        head.Write(stackalloc byte[sizeof(uint)]);

        // The frame message is an object; ours is the same object with more members.
        head.Write(status.Message.Span[..^1]);
        head.Write(",\"heatmap\":"u8);
        WriteHeatmap(head, found.Heatmap);
        head.Write(",\"spectrum\":"u8);
        _json!.Reset(head);
        spectrum.Write(_json, found.Time);
        _json.Flush();
        head.Write(",\"live\":"u8);
        head.Write(status.Live.Span);
        head.Write("}"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(MemoryMarshal.AsMemory(head.WrittenMemory).Span, (uint)(head.WrittenCount - sizeof(uint)));
    }

    private void WriteHeatmap(ArrayBufferWriter<byte> head, Heatmap map)
    {
        var cells = map.Rows * map.Cols;
        if (_grid.Length < cells)
        {
            _grid = new byte[cells];
        }

        for (var i = 0; i < cells; i++)
        {
            var score = map.Normalised(i);
            _grid[i] = float.IsFinite(score) ? (byte)MathF.Round(score * 255) : (byte)0;
        }

        _json ??= new Utf8JsonWriter(head);
        _json.Reset(head);
        _json.WriteStartObject();
        _json.WriteNumber("rows"u8, map.Rows);
        _json.WriteNumber("cols"u8, map.Cols);
        WriteBound("low"u8, map.Low);
        WriteBound("high"u8, map.High);
        _json.WriteString("label"u8, map.Label);
        _json.WriteBase64String("u8"u8, _grid.AsSpan(0, cells));
        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteBound(ReadOnlySpan<byte> name, float score)
    {
        if (float.IsFinite(score))
        {
            _json!.WriteNumber(name, score);
        }
        else
        {
            _json!.WriteNull(name);
        }
    }
}
