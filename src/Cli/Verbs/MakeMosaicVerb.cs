using System.CommandLine;
using System.Globalization;
using RealtimeSsl.Cli.Running;
using RealtimeSsl.Evaluation.Benchmarks;
using RealtimeSsl.Inference.Scenes;
using RealtimeSsl.Pipeline;

namespace RealtimeSsl.Cli.Verbs;

/// <summary><c>evaluate make-mosaic</c>: an interactive set from a folder of pictures and sounds.</summary>
internal static class MakeMosaicVerb
{
    private const string Text = """
        Makes a set like IS3 from pictures and sounds by class: scenes of 2 to 4 things, each of which sounds in turn, with known boxes.

        Examples:
          ./realtimessl evaluate make-mosaic --data pictures-and-sounds --out scenes --scenes 200 --split test
          ./realtimessl evaluate --data scenes --model mine
        """;

    public static Command Make()
    {
        var data = new Option<string>("--data") { HelpName = "DIR", Required = true, Description = "CLASS/images/* and CLASS/audio/*; a manifest.csv (file,group) says what belongs together" };
        var folder = new Option<string>("--out", "-o") { HelpName = "DIR", Required = true, Description = "where to; must not be there yet, or be empty" };
        var scenes = new Option<int>("--scenes") { HelpName = "N", DefaultValueFactory = _ => 100, Description = "how many (100)" };
        var seed = new Option<int>("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "another one gives other scenes (1)" };
        var objects = new Option<string>("--objects") { HelpName = "A-B", DefaultValueFactory = _ => "2-4", Description = "things in a scene (2-4)" };
        var split = new Option<FolderSplit>("--split") { HelpName = "S", DefaultValueFactory = _ => FolderSplit.Test, Description = "test (the default: a fifth of the groups), train (the others), all" };
        var verb = new Command("make-mosaic", Text) { data, folder, scenes, seed, objects, split };
        verb.SetAction((parsed, stop) =>
        {
            var (least, most) = Range(parsed.GetValue(objects)!);
            var (target, count) = (parsed.GetValue(folder)!, parsed.GetValue(scenes));
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                throw new UsageException($"--out {target}: there are files already; name another folder");
            }

            if (count < 1)
            {
                throw new UsageException($"--scenes {count}: must be at least 1");
            }

            var plan = MosaicPlan.Make(ClassFolder.Read(parsed.GetValue(data)!, parsed.GetValue(split)), count, least, most, parsed.GetValue(seed));
            var clock = new MonotonicClock();
            var countdown = new Countdown(new ConsoleLog(clock, LogLevel.Info), clock, "scenes");
            var (annotations, problems) = new MosaicWriter(new FileMedia()).Write(plan, target, countdown.Show, stop);
            foreach (var line in problems.Lines())
            {
                Console.WriteLine("! " + line);
            }

            Console.WriteLine($"{annotations}: {plan.Count - problems["scene_left_out"]} scenes, {plan.Sum(s => s.Objects.Count)} sounds planned");
            Console.WriteLine($"Measure a model on it: ./realtimessl evaluate --data {target} --model NAME");
            return Task.FromResult(0);
        });
        return verb;
    }

    private static (int Least, int Most) Range(string text)
    {
        var parts = text.Split('-');
        var numbers = parts.Select(p => int.TryParse(p, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray();
        return numbers is [>= 2 and <= 4] ? (numbers[0], numbers[0])
            : numbers is [>= 2, <= 4] && numbers[0] <= numbers[1] ? (numbers[0], numbers[1])
            : throw new UsageException($"--objects {text}: expected a number or a range within 2 to 4, e.g. 2-4");
    }
}
