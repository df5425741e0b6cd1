using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Outputs;

/// <summary>What of the recordings is kept, and for how long.</summary>
/// <param name="Bytes">All recordings together.</param>
/// <param name="Count">How many.</param>
/// <param name="Oldest">The one that would go first; null if there is none.</param>
/// <param name="OldestUtc">When that one was begun.</param>
internal readonly record struct Kept(long Bytes, int Count, string? Oldest, DateTime OldestUtc);

/// <summary>
/// Deletes the oldest segments and events, by age, by size together and by room left on the disk. Only files that lie where recordings lie, are
/// called as recordings are, and have the sidecar that a recorder wrote; none that grows; nothing behind a link.
/// </summary>
internal sealed partial class Retention(string folder, RecordingSettings settings, Disk disk, IClock clock, Counters counters, ILog log)
{
    // Another process may be writing it.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly EnumerationOptions Plain = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
    private readonly Counter _deleted = counters["record.deleted"];
    private readonly Counter _failed = counters["record.deletions_failed"];

    /// <summary>Whether anything is ever deleted.</summary>
    public bool IsOn => settings.KeepDays > 0 || settings.KeepGb > 0 || settings.KeepFreeGb > 0;

    /// <summary>Deletes what has to go.</summary>
    /// <returns>What is left.</returns>
    public Kept Run()
    {
        var now = clock.ToUtc(clock.Now);
        var files = Find();
        var bytes = files.Sum(f => f.Length);
        var gone = 0;
        foreach (var (file, begun) in files.Select(f => (f, Begun(f.FullName))))
        {
            var why = settings.KeepDays > 0 && now - begun > TimeSpan.FromDays(settings.KeepDays) ? "older than recording.keep_days"
                : settings.KeepGb > 0 && bytes > settings.KeepGb * 1e9 ? "more than recording.keep_gb in all"
                : settings.KeepFreeGb > 0 && disk.Free() < settings.KeepFreeGb * 1e9 ? "less than recording.keep_free_gb left on the disk"
                : null;
            if (why is null)
            {
                return new Kept(bytes, files.Count - gone, Path.GetRelativePath(folder, file.FullName), begun);
            }

            // What cannot be deleted must not stop what can.
            var length = file.Length;
            if (Delete(file, length, now, why))
            {
                bytes -= length;
                gone++;
            }
        }

        return new Kept(bytes, files.Count - gone, null, default);
    }

    /// <summary>All recordings, the oldest first.</summary>
    internal List<FileInfo> Find() =>
        [.. Find(folder, "*.mp4").OrderBy(f => Begun(f.FullName)).ThenBy(f => f.FullName, StringComparer.Ordinal)];

    /// <summary>What a recorder wrote under a folder, by the end of its name.</summary>
    internal static IEnumerable<FileInfo> Find(string folder, string pattern) =>
        Folders(folder).SelectMany(Folders).SelectMany(Folders).SelectMany(camera => new DirectoryInfo(camera).EnumerateFiles(pattern, Plain))
            .Where(f => Place().IsMatch(Path.GetRelativePath(folder, f.FullName).Replace('\\', '/')) && IsOurs(f));

    private static IEnumerable<string> Folders(string path) => Directory.Exists(path) ? Directory.EnumerateDirectories(path, "*", Plain) : [];

    private static bool IsOurs(FileInfo file)
    {
        try
        {
            using var sidecar = JsonDocument.Parse(File.ReadAllBytes(Stem(file.FullName) + ".json"));
            return sidecar.RootElement.TryGetProperty("schema", out var schema) && schema.ValueEquals(Sidecar.Schema);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // Whatever it is, no recorder's word says that it is ours.
            return false;
        }
    }

    private bool Delete(FileInfo file, long length, DateTime now, string why)
    {
        if (RecordingFile.IsGrowing(file.FullName) || (file.Name.EndsWith(RecordingFile.PartEnding, StringComparison.Ordinal) && now - file.LastWriteTimeUtc < Fresh))
        {
            return false;
        }

        try
        {
            file.Delete();
            File.Delete(Stem(file.FullName) + ".json");
            _deleted.Add();
            log.Info($"recordings: deleted {Path.GetRelativePath(folder, file.FullName)} ({Megabytes(length)}): {why}");

            // The folders of an hour and of a day go with their last recording.
            for (var (above, level) = (file.DirectoryName!, 0); level < 3 && !Directory.EnumerateFileSystemEntries(above).Any(); level++)
            {
                Directory.Delete(above);
                above = Path.GetDirectoryName(above)!;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failed.Add();
            log.Warn($"recordings: {file.FullName} cannot be deleted: {e.Message.TrimEnd('.')}");
            return false;
        }
    }

    /// <summary>The path of a recording or part file without its ending.</summary>
    internal static string Stem(string path) => path.EndsWith(RecordingFile.PartEnding, StringComparison.Ordinal)
        ? path[..^RecordingFile.PartEnding.Length]
        : path[..^".mp4".Length];

    private DateTime Begun(string path)
    {
        var parts = Path.GetRelativePath(folder, path).Split('/', '\\');
        return DateTime.TryParseExact(
            $"{parts[0]} {parts[1]} {parts[3][..5]}", "yyyy-MM-dd HH mm.ss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var begun) ? begun : DateTime.MaxValue;
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d/\d\d/[A-Za-z0-9_-]{1,64}/\d\d\.\d\d(\.source)?(-\d{1,6})?(\.part)?\.mp4$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
