using System.CommandLine;
using RealtimeSsl.Cli.Learning;
using RealtimeSsl.Cli.Settings;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Import.Methods;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>import</c>: a published checkpoint becomes a model package.</summary>
internal static class ImportVerb
{
    private static readonly string Text = $"""
        Makes a model package of a published checkpoint (PyTorch, safetensors). Nothing in the file is run.

        Methods: {string.Join(", ", ImportMethods.Names)}

        Examples:
          ./realtimessl import ours_sup_previs.pth.tar --method sslalign --out models/sslalign
          ./realtimessl import ezvsl_vggss.pth --method ez-vsl --out models/ezvsl --licence Apache-2.0
          ./realtimessl import slavc.pth --method slavc --momentum --out models/slavc
          ./realtimessl import frame_best.pth sound_best.pth pcm_best.pth --method sspl --out models/sspl
          ./realtimessl import resnet18-f37072fd.pth --method resnet18 --out models/objects
          ./realtimessl import ezvsl_vggss.pth --method ez-vsl --out models/base --keep-weights    to train further: train --from base
          ./realtimessl run --source 0 --model sslalign                   and see it live
          ./realtimessl import --method attention --tensors               what a checkpoint must have: names and shapes
        """;

    public static Command Make()
    {
        var file = new Argument<string[]>("CKPT")
        {
            Arity = ArgumentArity.ZeroOrMore, Description = "the checkpoint: .pth, .pth.tar, .pt, .ckpt, .safetensors; all of its parts where there are several",
        };
        var method = new Option<string>("--method", "-m") { HelpName = "M", Required = true, Description = "what it is a checkpoint of; one of the methods above" };
        var folder = new Option<string?>("--out", "-o") { HelpName = "DIR", Description = "the package's folder, e.g. models/NAME; must not be there yet" };
        var licence = new Option<string>("--licence") { HelpName = "L", DefaultValueFactory = _ => "unknown", Description = "SPDX identifier of the weights' licence" };
        var extra = new Option<bool>("--allow-extra") { Description = "ignore tensors that the method does not know" };
        var missing = new Option<bool>("--allow-missing") { Description = "set what a batch normalisation lacks as before training" };
        var momentum = new Option<bool>("--momentum") { Description = "slavc: take the momentum networks" };
        var online = new Option<bool>("--online") { Description = "slavc: take the trained networks (the default)" };
        var image = new Option<string?>("--image-front-end")
        {
            HelpName = "ID", Description = $"feed pictures another way than the method's own code: {string.Join(", ", ImageFrontEnds.All.Select(f => f.Id))}",
        };
        var audio = new Option<string?>("--audio-front-end")
        {
            HelpName = "ID", Description = $"feed sound another way than the method's own code: {string.Join(", ", AudioFrontEnds.All.Select(f => f.Id))}",
        };
        var keep = new Option<bool>("--keep-weights") { Description = "keep the weights beside the networks, so that train --from NAME can go on from them" };
        var tensors = new Option<bool>("--tensors") { Description = "only list the tensors that the method needs, with their shapes" };
        var verb = new Command("import", Text) { file, method, folder, licence, extra, missing, momentum, online, image, audio, keep, tensors };
        verb.SetAction((parsed, stop) =>
        {
            var wanted = Method(
                parsed.GetValue(method)!, parsed.GetValue(momentum), parsed.GetValue(online), parsed.GetValue(image), parsed.GetValue(audio));
            if (parsed.GetValue(tensors))
            {
                foreach (var key in wanted.Required)
                {
                    Console.WriteLine($"{key.Name} {string.Join(',', key.Shape)}");
                }

                foreach (var key in wanted.Projections?.Keys ?? [])
                {
                    Console.WriteLine($"{key.Name} {string.Join(',', key.Shape)} (for retrieval, if there)");
                }

                return Task.FromResult(0);
            }

            var files = parsed.GetValue(file)!;
            if (files.Length == 0)
            {
                throw new UsageException("CKPT: missing; give the checkpoint's path, or --tensors to see what it must have");
            }

            var request = new ImportRequest(files[0], wanted, parsed.GetValue(folder) ?? throw new UsageException("--out: missing; give the package's folder, e.g. models/NAME"))
            {
                Others = files[1..],
                Licence = parsed.GetValue(licence)!,
                AllowExtra = parsed.GetValue(extra),
                AllowMissing = parsed.GetValue(missing),
                KeepWeights = parsed.GetValue(keep),
                Files = parsed.GetValue(keep)
                    ? new Dictionary<string, byte[]> { [PastTraining.FileName] = PastTraining.Published(wanted.Id, files[0], (wanted.Image.Id, wanted.Audio.Id), parsed.GetValue(momentum)).ToBytes() } : [],
            };
            var package = Importer.Run(request, new ConsoleLog(new MonotonicClock(), LogLevel.Info), stop);
            var inModels = Path.GetFullPath(Path.Combine(package.Folder, "..")) == Path.GetFullPath(new RunSettings().Inference.Models);
            Console.WriteLine($"{request.Out}: ready, sha256 {package.Sha256}");
            Console.WriteLine($"See it live: ./realtimessl run --source 0 --model {(inModels ? package.Manifest.Name : package.Folder)}");
            return Task.FromResult(0);
        });
        return verb;
    }

    private static ImportMethod Method(string id, bool momentum, bool online, string? image, string? audio)
    {
        if ((momentum || online) && id != "slavc")
        {
            throw new UsageException($"--{(momentum ? "momentum" : "online")}: only slavc has momentum networks, not {id}");
        }

        if (momentum && online)
        {
            throw new UsageException("--momentum and --online: give one of them");
        }

        var method = ImportMethods.ById(id, momentum);
        try
        {
            var hears = audio is null ? method.Audio : AudioFrontEnds.ById(audio);
            return hears.Rows == method.Audio.Rows
                ? method with { Image = image is null ? method.Image : ImageFrontEnds.ById(image), Audio = hears }
                : throw new UsageException($"--audio-front-end {audio}: it gives {hears.Rows} rows, {id} was trained on {method.Audio.Rows}");
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
