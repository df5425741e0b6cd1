namespace RealtimeSsl.Outputs;

/// <summary>
/// The disk that a folder lies on. A disk that is unplugged or unmounted leaves its empty mount point behind, on another disk: recordings must not
/// go there, so a disk is known by its size and format.
/// </summary>
internal sealed class Disk
{
    private readonly string _folder;
    private readonly (long Size, string Format) _known;

    /// <summary>Takes the disk that the folder lies on now for the right one.</summary>
    /// <param name="folder">A full path; it need not exist yet.</param>
    /// <exception cref="IOException">There is no such disk.</exception>
    public Disk(string folder) => (_folder, _known) = (folder, Identify(folder));

    /// <summary>Bytes that may still be written.</summary>
    /// <exception cref="IOException">The disk is gone: the folder is, or lies on another one.</exception>
    public long Free()
    {
        if (Identify(_folder) != _known)
        {
            throw new IOException($"the disk of {_folder} is gone");
        }

        return At(_folder).AvailableFreeSpace;
    }

    private static (long, string) Identify(string folder)
    {
        var drive = At(folder);
        return (drive.TotalSize, drive.DriveFormat);
    }

    private static DriveInfo At(string folder)
    {
        // The folder itself may have to be made first.
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder);
    }
}
