using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeSsl.Inference;

namespace RealtimeSsl.Cli.Benching.Against;

/// <summary>
/// <c>benchmarks/pytorch_baseline.py</c> as a child: one line of JSON in, one out. It ends when its input closes, so it does not survive us however we end;
/// it is killed when it does not answer in time.
/// </summary>
internal sealed class PyTorchChild : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private readonly string _python;
    private readonly Process _process;
    private readonly Queue<string> _errors = [];

    /// <summary>Starts it.</summary>
    /// <exception cref="UsageException">There is no such interpreter.</exception>
    public PyTorchChild(string python, int threads)
    {
        _python = python;
        var start = new ProcessStartInfo(python) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-u");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "pytorch_baseline.py"));
        start.Environment["OMP_NUM_THREADS"] = $"{threads}";
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new UsageException($"--against pytorch: cannot start {python} ({e.Message}); {HowToGet}");
        }

        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
    }

    private static string HowToGet =>
        "on Debian: apt-get install python3-torch libopenblas0-openmp (some 500 MB), then --python /usr/bin/python3";

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="request">As the script describes it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="UsageException">It has no PyTorch.</exception>
    /// <exception cref="InferenceException">It fails, ends, or does not answer.</exception>
    public async Task<JsonNode> AskAsync(JsonObject request, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        string? line;
        try
        {
            await _process.StandardInput.WriteLineAsync(request.ToJsonString().AsMemory(), limit.Token).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(limit.Token).ConfigureAwait(false);
            line = await _process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It closed its input; what it has said before it went is the reason.
            line = await _process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new InferenceException($"PyTorch has not answered '{request["do"]}' in {Patience.TotalSeconds:0} s");
        }

        var answer = line is null ? null : Parse(line);
        if (answer?["absent"] is { } absent)
        {
            throw new UsageException($"--against pytorch: {_python} has no PyTorch ({absent}); {HowToGet}");
        }

        return answer?["error"] is { } error
            ? throw new InferenceException($"PyTorch, '{request["do"]}': {error}")
            : answer ?? throw new InferenceException($"PyTorch, '{request["do"]}': {LastWords(line)}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone, and what was not sent is of no use to anybody.
        }

        if (!_process.WaitForExit(Farewell))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static JsonNode? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                _errors.Enqueue(line.Trim());
            }

            if (_errors.Count > 3)
            {
                _errors.Dequeue();
            }
        }
    }

    private string LastWords(string? line)
    {
        lock (_errors)
        {
            return line ?? (_errors.Count > 0 ? string.Join(" / ", _errors) : "it ended without a word");
        }
    }
}
