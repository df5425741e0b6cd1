using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using RealtimeSsl.Capture;
using RealtimeSsl.Cli.Verbs;
using RealtimeSsl.Evaluation;
using RealtimeSsl.Inference;
using RealtimeSsl.Outputs;
using RealtimeSsl.Pipeline;
using RealtimeSsl.Training.Data;
using RealtimeSsl.Training.Import;
using RealtimeSsl.Training.Train;

namespace RealtimeSsl.Cli;

/// <summary>
/// The command line: one verb, one file in <c>Verbs/</c>. Exit codes: 0 done, 1 failed while running, 2 wrong use or configuration.
/// Ctrl-C asks the verb to end cleanly; a second one ends it at once.
/// </summary>
internal static class Program
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    internal static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        try
        {
            return await RunAsync(args, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Interrupted before there was anything to finish.
            return 0;
        }
        catch (Exception e) when (e is UsageException or InferenceException or OutputException or SourceException or ImportException or EvaluationException
            or TrainingException or TrainingDataException)
        {
            return Tell(e.Message, e.Data.Contains(Engine.WhileRunning) ? Failed : WrongUse);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk: full, gone, or not ours. The message names the file.
            return Tell(e.Message, Failed);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("REALTIMESSL_TRACE") is null)
        {
            return Tell($"this should not happen: {e.GetType().Name}: {e.Message}; with REALTIMESSL_TRACE=1 in the environment you get the trace, please report it", Failed);
        }
    }

    internal static Task<int> RunAsync(string[] args, CancellationToken stop)
    {
        var (plain, settings) = Arguments.Split(args);
        var root = new RootCommand("Shows where a sound comes from in a live picture.")
        {
            DemoVerb.Make(settings),
            RunVerb.Make(settings),
            DevicesVerb.Make(),
            DoctorVerb.Make(),
            EvaluateVerb.Make(),
            TrainVerb.Make(settings),
            ImportVerb.Make(),
            ExportVerb.Make(),
            ModelsVerb.Make(),
            BenchVerb.Make(),
            ConfigVerb.Make(),
        };
        var parsed = root.Parse(plain);
        if (parsed.Action is ParseErrorAction)
        {
            var verb = parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ";
            throw new UsageException(string.Join('\n', parsed.Errors.Select(e => e.Message)) + $"\nSee ./realtimessl {verb}--help");
        }

        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return parsed.InvokeAsync(configuration, stop);
    }

    private static int Tell(string message, int code)
    {
        foreach (var line in message.Split('\n'))
        {
            Console.Error.WriteLine($"realtimessl: {line}");
        }

        return code;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            if (!stop.IsCancellationRequested)
            {
                context.Cancel = true;
                stop.Cancel();
            }
        });
}
