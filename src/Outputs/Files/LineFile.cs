namespace RealtimeSsl.Outputs;

/// <summary>
/// A file of lines that is whole up to its last line whenever the process ends, and however: each line reaches the operating system in one write,
/// and half a line that a full disk took is cut off again, so that the file goes on well when there is room.
/// </summary>
internal sealed class LineFile(string path) : IDisposable
{
    private readonly FileStream _file = RunFolder.CreateFile(path);
    private long _whole;

    /// <summary>Appends a line.</summary>
    /// <param name="line">With its line feed.</param>
    /// <exception cref="OutputException">It could not be written, and is lost.</exception>
    public void Write(ReadOnlySpan<byte> line)
    {
        try
        {
            _file.Write(line);
            _whole += line.Length;
        }
        catch (IOException e)
        {
            _file.SetLength(_whole);
            _file.Position = _whole;
            throw new OutputException($"{_file.Name}: a line could not be written: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
