using System.Buffers.Binary;
using System.Text.Json;
using OpenCvSharp;
using RealtimeSsl.Evaluation.Running;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Evaluation.Benchmarks;

/// <summary>
/// Writes planned scenes as a set like IS3: <c>SCENE.jpg</c>, <c>SCENE_CLASS.wav</c> (16 kHz, mono) for each thing in it, and <c>mosaicN_bbox.json</c> with
/// where it is, on a 224 grid. With it anybody can measure interaction without a download.
/// </summary>
/// <param name="media">Decoder.</param>
public sealed class MosaicWriter(ISampleMedia media)
{
    private const int Rate = 16000;
    private const double LongestSeconds = 10;
    private const double Grid = 224.0 / MosaicPlan.Side;
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    /// <summary>Writes the set.</summary>
    /// <param name="scenes">The plan.</param>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="progress">(done, all).</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The annotation file, and what could not be used.</returns>
    public (string Annotations, Problems Problems) Write(IReadOnlyList<MosaicScene> scenes, string folder, Action<int, int> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        var (entries, problems) = (new List<object>(), new Problems());
        foreach (var (i, scene) in scenes.Index())
        {
            stop.ThrowIfCancellationRequested();
            progress(i, scenes.Count);
            try
            {
                var sounds = scene.Objects.Select(o => Sound(o.Sound.Path, stop)).ToArray();
                using var picture = scene.Draw(Load);
                if (!Cv2.ImEncode(".jpg", picture, out var jpeg, [(int)ImwriteFlags.JpegQuality, 92]))
                {
                    throw new EvaluationException($"{scene.Name}: OpenCV cannot encode JPEG here");
                }

                File.WriteAllBytes(Path.Combine(folder, scene.Name + ".jpg"), jpeg);
                foreach (var (thing, sound) in scene.Objects.Zip(sounds))
                {
                    var name = scene.SampleName(thing);
                    File.WriteAllBytes(Path.Combine(folder, name + ".wav"), Wave(sound));
                    entries.Add(new
                    {
                        image = name + ".jpg", audio = name + ".wav", gt_box = Box(thing), @class = thing.Picture.Class,
                        source_picture = Path.GetFileName(thing.Picture.Path), source_picture_group = thing.Picture.Group,
                        source_sound = Path.GetFileName(thing.Sound.Path), source_sound_group = thing.Sound.Group,
                    });
                }
            }
            catch (SourceException e)
            {
                problems.Add("scene_left_out", $"{scene.Name} ({e.Message})");
            }
        }

        progress(scenes.Count, scenes.Count);
        var annotations = Path.Combine(folder, $"mosaic{scenes.Count}_bbox.json");
        File.WriteAllBytes(annotations, JsonSerializer.SerializeToUtf8Bytes(entries, Options));
        return (annotations, problems);
    }

    private unsafe Mat Load(string path)
    {
        var picture = media.ReadPicture(path, null, CancellationToken.None);
        fixed (byte* pixels = picture.Bgr)
        {
            using var view = Mat.FromPixelData(picture.Height, picture.Width, MatType.CV_8UC3, (nint)pixels);
            return view.Clone();
        }
    }

    private float[] Sound(string path, CancellationToken stop)
    {
        var sound = media.ReadSound(path, Rate, stop);
        return sound.Length > 0 ? sound[..Math.Min(sound.Length, (int)(LongestSeconds * Rate))] : throw new SourceException($"{path}: no sound in it");
    }

    private static double[] Box(MosaicObject thing) =>
        [Math.Round(thing.Place.Left * Grid), Math.Round(thing.Place.Top * Grid), Math.Round(thing.Place.Right * Grid), Math.Round(thing.Place.Bottom * Grid)];

    /// <summary>RIFF/WAVE, 16 bits, mono, 16 kHz.</summary>
    /// <param name="samples">Full scale = 1; beyond it they are clipped.</param>
    public static byte[] Wave(float[] samples)
    {
        var bytes = new byte[44 + 2 * samples.Length];
        "RIFF"u8.CopyTo(bytes);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        "data"u8.CopyTo(bytes.AsSpan(36));
        foreach (var (at, value) in new[] { (4, bytes.Length - 8), (16, 16), (20, 1 | 1 << 16), (24, Rate), (28, 2 * Rate), (32, 2 | 16 << 16), (40, 2 * samples.Length) })
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        }

        for (var i = 0; i < samples.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(44 + 2 * i), (short)Math.Round(Math.Clamp(samples[i], -1, 1) * short.MaxValue));
        }

        return bytes;
    }
}
