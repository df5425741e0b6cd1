using RealtimeSsl.Examples;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
var (host, port, prefix) = (args.ElementAtOrDefault(0) ?? "127.0.0.1", args.ElementAtOrDefault(1) ?? "1883", args.ElementAtOrDefault(2) ?? "realtimessl");
await EventSubscriber.RunAsync(host, int.Parse(port), prefix, Console.Out, stop.Token);
