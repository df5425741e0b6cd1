using RealtimeSsl.Inference;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data.Layouts;

namespace RealtimeSsl.Training.Data;

/// <summary>
/// What <c>--data</c> names: <c>PATH</c>, whose layout is recognised, or <c>KIND:PATH</c>. Kinds: <c>runs</c> (our own recordings), <c>classes</c>
/// (CLASS/audio and CLASS/images), <c>list</c> (VGGSound, Flickr-SoundNet, MUSIC: a list and media, or the list itself), <c>clips</c> (any videos).
/// </summary>
/// <param name="Kind">The layout.</param>
/// <param name="Path">Folder, or the list in it.</param>
/// <param name="Why">How the layout was recognised; for people.</param>
public sealed record DataSpec(string Kind, string Path, string Why)
{
    private static readonly string[] Kinds = ["runs", "classes", "list", "clips"];
    private static readonly string[] Lists = ["vggsound", "flickr", "music"];

    /// <summary>Reads the text after <c>--data</c> and looks at what is there.</summary>
    /// <exception cref="TrainingDataException">It does not exist, or its layout is not one that we know.</exception>
    public static DataSpec Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var kind = colon > 1 ? text[..colon] : "";
        if (Kinds.Contains(kind) || Lists.Contains(kind))
        {
            var named = text[(colon + 1)..];
            Require(named);
            return new DataSpec(Lists.Contains(kind) ? "list" : kind, named, "as told");
        }

        Require(text);
        return File.Exists(text)
            ? new DataSpec("list", text, "a list")
            : Recognise(text);
    }

    /// <summary>Lists what is there; nothing but lengths is read from the media.</summary>
    /// <param name="options">How pairs are cut out of recordings.</param>
    /// <param name="reader">Looks at the files.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="TrainingDataException">There is nothing to train on; the message says what is missing.</exception>
    public ClipList List(LayoutOptions options, IMediaReader reader, Action<DataProgress>? progress = null, CancellationToken token = default)
    {
        var probe = new FileProbe(reader, progress, token);
        try
        {
            var list = Kind switch
            {
                "runs" => RunFolders.List(Path, options),
                "classes" => ClassPairs.List(Path),
                "list" => ListedClips.List(Path, options, probe),
                _ => ClipFolder.List(Path, options, probe),
            };
            return list.Pairs.Count > 0 ? list : throw new TrainingDataException(
                $"{Path}: nothing to train on as '{Kind}' ({(list.Notes.Count > 0 ? string.Join("; ", list.Notes) : "no media in it")})");
        }
        catch (Exception e) when (e is InferenceException or SourceException)
        {
            throw new TrainingDataException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingDataException($"{Path}: cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static DataSpec Recognise(string folder)
    {
        if (RunFolders.Is(folder))
        {
            return new DataSpec("runs", folder, "has detections.jsonl");
        }

        if (ClassFolder.Is(folder))
        {
            return new DataSpec("classes", folder, "has CLASS/audio and CLASS/images");
        }

        if (ListedClips.Is(folder))
        {
            return new DataSpec("list", folder, "has a list of clips, or pictures and sounds of the same names");
        }

        return MediaFiles.Below(folder).Videos.Count > 0
            ? new DataSpec("clips", folder, "has videos")
            : throw new TrainingDataException(
                $"{folder}: holds none of the layouts that we know (run folders with detections.jsonl; CLASS/audio and CLASS/images; "
                + "a list of clips and their media; videos); name the layout with KIND:PATH, KIND one of " + string.Join(", ", Kinds));
    }

    private static void Require(string path)
    {
        if (!Directory.Exists(path) && !File.Exists(path))
        {
            throw new TrainingDataException(path.Length == 0 ? "--data names no folder" : $"{path}: no such folder or list");
        }
    }
}
