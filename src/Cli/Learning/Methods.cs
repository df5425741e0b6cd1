using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import.Methods;
using RealtimeSsl.Training.Methods;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli.Learning;

/// <summary>A method as the settings have it: its network, what it is fed, how its weights become a package.</summary>
internal static class Methods
{
    /// <summary>Makes it; its weights come of torch's random numbers.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static TrainingMethod Make(TrainSettings settings)
    {
        try
        {
            return TrainingMethods.ById(settings.Method, settings.Options);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--method {settings.Method}: {e.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>How its weights become a package.</summary>
    public static ImportMethod Package(TrainSettings settings)
    {
        var (image, audio) = Inputs(settings);
        return TrainingMethods.Import(settings.Method, settings.Options) with { Image = image, Audio = audio };
    }

    /// <summary>What the networks are fed: as the settings say, else the method's own.</summary>
    /// <exception cref="UsageException">There is no such front end, or the method's networks cannot be fed so.</exception>
    public static (ImageFrontEnd Image, AudioFrontEnd Audio) Inputs(TrainSettings settings)
    {
        var (own, input) = (TrainingMethods.Import(settings.Method, settings.Options), settings.Input);
        try
        {
            var image = input.Image.Length > 0 ? ImageFrontEnds.ById(input.Image) : own.Image;
            var audio = input.Audio.Length > 0 ? AudioFrontEnds.ById(input.Audio) : own.Audio;
            image = input.Size > 0 && input.Size != image.Width ? image with { Id = $"{image.Id}-{input.Size}", Width = input.Size, Height = input.Size } : image;
            audio = input.Columns > 0 && input.Columns != audio.Columns ? audio with { Id = $"{audio.Id}-{input.Columns}", Columns = input.Columns } : audio;
            if (own.OneSize && (image.Width, image.Height) != (own.Image.Width, own.Image.Height))
            {
                throw new UsageException($"input.size {image.Width}: the networks of {settings.Method} know pictures of {own.Image.Width} x {own.Image.Height} only; 0 takes those");
            }

            return (own.Audio.Waveform || audio.Waveform) && audio != own.Audio
                ? throw new UsageException($"input.audio {audio.Id}: {settings.Method} hears {own.Audio.Id} only; leave input.audio and input.columns out")
                : (image, audio);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
