namespace RealtimeSsl.Training.Data.Layouts;

/// <summary>Any videos below a folder: from each, frames at a stride, and the sound around each.</summary>
internal static class ClipFolder
{
    public static ClipList List(string folder, LayoutOptions options, FileProbe probe)
    {
        var notes = new Notes();
        var files = MediaFiles.Below(folder);
        probe.Ahead(files.Videos);
        var build = new PairBuilder();
        foreach (var video in files.Videos)
        {
            var name = files.Relative(video);
            if (probe.Usable(video, name, notes) is not { } facts)
            {
                continue;
            }

            foreach (var at in Moments(facts.Seconds, options.Stride))
            {
                build.Add(video, at, video, at, name, name, null);
            }
        }

        return build.List(folder, notes);
    }

    /// <summary>Moments a stride apart, the first and the last half a stride (or less) from the ends; the middle of what is shorter.</summary>
    internal static IEnumerable<double> Moments(double seconds, double stride)
    {
        var count = Math.Max(1, (int)(seconds / stride));
        var first = (seconds - (count - 1) * stride) / 2;
        return Enumerable.Range(0, count).Select(i => first + i * stride);
    }
}
