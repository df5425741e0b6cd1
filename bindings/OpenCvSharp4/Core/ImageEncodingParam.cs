namespace OpenCvSharp;

/// <summary>One setting of an encoder, such as JPEG's quality.</summary>
public record ImageEncodingParam
{
    public ImageEncodingParam(ImwriteFlags id, int value) => (EncodingId, Value) = (id, value);

    public ImwriteFlags EncodingId { get; }
    public int Value { get; }
}
