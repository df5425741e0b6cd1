using System.Buffers;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>How a connection ended: an error, the broker's word, or ours.</summary>
internal sealed record Ending(Exception? Exception)
{
    internal MqttClientDisconnectReason Reason { get; init; }

    internal string? ReasonString { get; init; }

    internal MqttClientConnectResult? Refusal { get; init; }
}

/// <summary>What the broker said to one request.</summary>
internal readonly record struct Answer(int PacketIdentifier, int Reason, string? ReasonString);

/// <summary>
/// One connection, from CONNECT to its end. A thread of its own makes every call into the library and gets every callback, so that nothing
/// native is ever shared: requests come to it through a queue, and an eventfd wakes it from poll.
/// </summary>
#pragma warning disable CA1001 // The thread disposes of what it used when it ends; until then nobody else may.
internal sealed unsafe class Connection
#pragma warning restore CA1001
{
    /// <summary>The library looks for due pings whenever poll returns.</summary>
    private const int PollMilliseconds = 500;

    /// <summary>The library's shortest.</summary>
    private const int LeastKeepAliveSeconds = 5;

    private readonly MqttClientOptions options;
    private readonly MqttClientTcpOptions channel;
    private readonly Thread thread;
    private readonly Lock gate = new();
    private readonly Queue<(Action Do, TaskCompletionSource<Answer> Answer)> requests = new();
    private readonly SafeFileHandle wake = LibMosquitto.NewEvent();
    private readonly Dictionary<int, TaskCompletionSource<Answer>> pending = [];
    private readonly Channel<MqttApplicationMessage> received = Channel.CreateUnbounded<MqttApplicationMessage>(
        new() { SingleReader = true });
    private readonly TaskCompletionSource<MqttClientConnectResult> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Ending> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool aborted;
    private volatile bool reached;
    private bool closed;
    private nint client;
    private Tls? tls;
    private TaskCompletionSource<Answer>? leaving;
    private Answer early;
    private Ending? told;

    internal Connection(MqttClientOptions options, MqttClientTcpOptions channel)
    {
        this.options = options;
        this.channel = channel;
        thread = new Thread(Run) { Name = "MQTT", IsBackground = true };
    }

    internal string ClientId => options.ClientId;

    internal ChannelReader<MqttApplicationMessage> Received => received.Reader;

    /// <summary>The broker's answer to CONNECT, or why there is none.</summary>
    internal Task<MqttClientConnectResult> Connected => connected.Task;

    internal Task<Ending> Ended => ended.Task;

    /// <summary>Whether CONNECT is on its way.</summary>
    internal bool Reached => reached;

    internal void Start() => thread.Start();

    /// <summary>Ends it at once and for everybody; the thread lets go of the socket as soon as the library returns to it.</summary>
    internal void Abort(Ending ending)
    {
        aborted = true;
        _ = ended.TrySetResult(ending);
        lock (gate)
        {
            if (!closed)
            {
                LibMosquitto.Signal(wake);
            }
        }
    }

    internal Task<Answer> Publish(MqttApplicationMessage message) => Post(answer => () =>
    {
        var payload = message.Payload.IsSingleSegment ? message.Payload.First : message.Payload.ToArray();
        using var pin = payload.Pin();
        var identifier = 0;
        var qos = (int)message.QualityOfServiceLevel;
        var error = LibMosquitto.Publish(
            client, ref identifier, message.Topic!, payload.Length, (nint)pin.Pointer, qos, message.Retain, 0);
        Await(answer, identifier, error);
    });

    internal Task<Answer> Subscribe(MqttTopicFilter filter) => Post(answer => () =>
    {
        var identifier = 0;
        var flags = (filter.NoLocal ? 4 : 0) | (filter.RetainAsPublished ? 8 : 0) | ((int)filter.RetainHandling << 4);
        var error = LibMosquitto.Subscribe(client, ref identifier, filter.Topic!, (int)filter.QualityOfServiceLevel, flags, 0);
        Await(answer, identifier, error);
    });

    /// <summary>The library has no ping to call; an UNSUBSCRIBE from what nobody subscribed to is answered just so.</summary>
    internal Task<Answer> Ping() => Post(answer => () =>
    {
        var identifier = 0;
        var error = LibMosquitto.Unsubscribe(client, ref identifier, "$ping", 0);
        Await(answer, identifier, error);
    });

    internal Task<Answer> Disconnect(MqttClientDisconnectOptions how) => Post(answer => () =>
    {
        leaving = answer;
        using var properties = new Properties();
        if (options.ProtocolVersion == MqttProtocolVersion.V500)
        {
            properties.Add(Properties.SessionExpiryInterval, how.SessionExpiryInterval);
            properties.Add(Properties.ReasonString, how.ReasonString);
            properties.Add(how.UserProperties);
        }

        var error = LibMosquitto.Disconnect(client, (int)how.Reason, properties.Head);
        if (error != LibMosquitto.Success)
        {
            answer.TrySetException(Failure(error));
        }
    });

    private static Connection Of(nint handle) => (Connection)GCHandle.FromIntPtr(handle).Target!;

    private Task<Answer> Post(Func<TaskCompletionSource<Answer>, Action> request)
    {
        var answer = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (closed)
            {
                answer.SetException(new MqttClientDisconnectedException(null));
            }
            else
            {
                requests.Enqueue((request(answer), answer));
                LibMosquitto.Signal(wake);
            }
        }

        return answer.Task;
    }

    private void Await(TaskCompletionSource<Answer> answer, int identifier, int error)
    {
        if (error is LibMosquitto.ErrorNotConnected or LibMosquitto.ErrorConnectionLost)
        {
            answer.TrySetException(new MqttClientDisconnectedException(told?.Exception ?? Failure(error)));
        }
        else if (error != LibMosquitto.Success)
        {
            answer.TrySetException(Failure(error));
        }
        else if (early.PacketIdentifier == identifier)
        {
            // The library may answer from within the call, when it was written at once.
            answer.TrySetResult(early);
        }
        else
        {
            pending[identifier] = answer;
        }

        early = default;
    }

    private void Run()
    {
        var self = GCHandle.Alloc(this);
        Exception? failure = null;
        try
        {
            Open(GCHandle.ToIntPtr(self));
            Loop();
        }
#pragma warning disable CA1031 // Nothing may escape a thread of ours: whatever it was is told to those who wait.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        if (client != 0)
        {
            LibMosquitto.Destroy(client);
        }

        tls?.Dispose();
        self.Free();
        Finish(failure);
    }

    private void Finish(Exception? failure)
    {
        lock (gate)
        {
            closed = true;
            wake.Dispose();
        }

        if (leaving is not null && failure is null)
        {
            _ = leaving.TrySetResult(default);
        }

        var gone = new MqttClientDisconnectedException(failure);
        _ = connected.TrySetException(failure ?? new MqttCommunicationException("Connection closed."));
        _ = connected.Task.Exception; // Nobody waits for it after a time-out.
        foreach (var answer in pending.Values.Concat(requests.Select(r => r.Answer)))
        {
            _ = answer.TrySetException(gone);
        }

        _ = received.Writer.TryComplete();
        _ = ended.TrySetResult(told ?? new Ending(failure));
    }

    private void Open(nint self)
    {
        var endpoint = (DnsEndPoint)channel.RemoteEndpoint!;
        var name = string.IsNullOrEmpty(options.ClientId) ? null : options.ClientId;
        client = LibMosquitto.New(name, options.CleanSession, self);
        if (client == 0)
        {
            throw new MqttCommunicationException(
                $"mosquitto_new refused the client identifier \"{name}\" (CleanSession = {options.CleanSession})");
        }

        Check(LibMosquitto.IntOption(client, LibMosquitto.OptionProtocolVersion, (int)options.ProtocolVersion));
        Check(LibMosquitto.IntOption(client, LibMosquitto.OptionTcpNoDelay, 1));
        LibMosquitto.OnConnect(client, &WhenConnected);
        LibMosquitto.OnDisconnect(client, &WhenDisconnected);
        LibMosquitto.OnPublish(client, &WhenPublished);
        LibMosquitto.OnSubscribe(client, &WhenSubscribed);
        LibMosquitto.OnUnsubscribe(client, &WhenUnsubscribed);
        LibMosquitto.OnMessage(client, &WhenReceived);
        if (options.Credentials is { } credentials && credentials.GetUserName(options) is { } user)
        {
            byte[]? password = credentials.GetPassword(options) is { } secret ? [.. secret, 0] : null;
            Check(LibMosquitto.UserNameAndPassword(client, user, password));
        }

        if (options.WillTopic is { Length: > 0 } will)
        {
            var payload = options.WillPayload ?? [];
            using var properties = new Properties();
            properties.Add(Properties.WillDelayInterval, options.WillDelayInterval);
            var qos = (int)options.WillQualityOfServiceLevel;
            Check(LibMosquitto.Will(client, will, payload.Length, payload, qos, options.WillRetain, properties.Take()));
        }

        if (channel.TlsOptions.UseTls)
        {
            tls = new Tls(channel, channel.TlsOptions.TargetHost is { Length: > 0 } target ? target : endpoint.Host);
            Check(LibMosquitto.VoidOption(client, LibMosquitto.OptionSslContext, tls.Context));
            Check(LibMosquitto.IntOption(client, LibMosquitto.OptionSslContextWithDefaults, 0));
        }

        var seconds = (int)Math.Ceiling(options.KeepAlivePeriod.TotalSeconds);
        var keepAlive = seconds <= 0 ? 0 : Math.Clamp(seconds, LeastKeepAliveSeconds, ushort.MaxValue);
        Check(LibMosquitto.Connect(client, Address(endpoint), endpoint.Port, keepAlive, 0, 0));
        reached = true;
    }

    /// <summary>The library resolves names itself, but cannot be told which family to take.</summary>
    private static string Address(DnsEndPoint endpoint) =>
        endpoint.AddressFamily == AddressFamily.Unspecified
            ? endpoint.Host
            : Dns.GetHostAddresses(endpoint.Host, endpoint.AddressFamily).FirstOrDefault()?.ToString()
              ?? throw new MqttCommunicationException(new SocketException((int)SocketError.HostNotFound));

    private void Loop()
    {
        var polled = stackalloc LibMosquitto.Polled[2];
        while (!aborted)
        {
            RunRequests();
            var socket = LibMosquitto.Socket(client);
            if (socket < 0)
            {
                Check(LibMosquitto.ErrorConnectionLost);
                return;
            }

            var wanted = LibMosquitto.PollIn | (LibMosquitto.WantWrite(client) ? LibMosquitto.PollOut : 0);
            polled[0] = new LibMosquitto.Polled { File = socket, Events = (short)wanted };
            polled[1] = new LibMosquitto.Polled { File = (int)wake.DangerousGetHandle(), Events = LibMosquitto.PollIn };
            _ = LibMosquitto.Poll(polled, 2, PollMilliseconds);
            if (polled[1].Returned != 0)
            {
                LibMosquitto.Reset(wake);
            }

            var happened = polled[0].Returned;
            if ((happened & ~LibMosquitto.PollOut) != 0)
            {
                Check(LibMosquitto.LoopRead(client, 1));
            }

            if ((happened & LibMosquitto.PollOut) != 0)
            {
                Check(LibMosquitto.LoopWrite(client, 1));
            }

            if (leaving is null)
            {
                Check(LibMosquitto.LoopMisc(client));
            }
        }
    }

    private void RunRequests()
    {
        while (!aborted)
        {
            Action request;
            lock (gate)
            {
                if (!requests.TryDequeue(out var next))
                {
                    return;
                }

                request = next.Do;
            }

            request();
        }
    }

    /// <summary>An error ends the connection, unless we are leaving or the broker told us why: then it is only the echo of that.</summary>
    private void Check(int error)
    {
        if (error != LibMosquitto.Success && leaving is null && told is null)
        {
            throw Failure(error);
        }
    }

    private MqttCommunicationException Failure(int error)
    {
        var errno = Marshal.GetLastPInvokeError();
        Exception? cause = error switch
        {
            LibMosquitto.ErrorTls => new AuthenticationException(
                tls?.Complaint ?? "the TLS handshake failed: is this a TLS port, and does the broker accept the client's certificate?"),
            LibMosquitto.ErrorName => new SocketException((int)SocketError.HostNotFound),
            LibMosquitto.ErrorErrno => errno switch
            {
                101 => new SocketException((int)SocketError.NetworkUnreachable),
                110 => new SocketException((int)SocketError.TimedOut),
                111 => new SocketException((int)SocketError.ConnectionRefused),
                113 => new SocketException((int)SocketError.HostUnreachable),
                _ => new Win32Exception(errno),
            },
            _ => null,
        };
        var endpoint = (DnsEndPoint)channel.RemoteEndpoint!;
        return new MqttCommunicationException(
            $"{cause?.Message ?? LibMosquitto.ErrorText(error)} ({endpoint.Host}:{endpoint.Port})", cause);
    }

    private void Complete(int identifier, int reason, nint properties)
    {
        var answer = new Answer(identifier, reason, Properties.Text(properties, Properties.ReasonString));
        if (pending.Remove(identifier, out var waiting))
        {
            _ = waiting.TrySetResult(answer);
        }
        else
        {
            early = answer;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenConnected(nint client, nint self, int code, int flags, nint properties)
    {
        var connection = Of(self);
        // The return codes of MQTT 3 are small; the reason codes of MQTT 5 begin at 128.
        var result = code switch
        {
            1 => MqttClientConnectResultCode.UnsupportedProtocolVersion,
            2 => MqttClientConnectResultCode.ClientIdentifierNotValid,
            3 => MqttClientConnectResultCode.ServerUnavailable,
            4 => MqttClientConnectResultCode.BadUserNameOrPassword,
            5 => MqttClientConnectResultCode.NotAuthorized,
            _ => (MqttClientConnectResultCode)code,
        };
        var answer = new MqttClientConnectResult
        {
            ResultCode = result,
            IsSessionPresent = (flags & 1) != 0,
            ReasonString = Properties.Text(properties, Properties.ReasonString),
            AssignedClientIdentifier = Properties.Text(properties, Properties.AssignedClientIdentifier),
        };
        connection.told = result == MqttClientConnectResultCode.Success ? null : new Ending(null) { Refusal = answer };
        _ = connection.connected.TrySetResult(answer);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenDisconnected(nint client, nint self, int code, nint properties)
    {
        // Below 128 it is the library's own error, which the call that saw it returns.
        if (code >= 128)
        {
            var text = Properties.Text(properties, Properties.ReasonString);
            Of(self).told = new Ending(
                new MqttCommunicationException($"The broker ended the connection: {(MqttClientDisconnectReason)code} {text}".TrimEnd()))
            {
                Reason = (MqttClientDisconnectReason)code,
                ReasonString = text,
            };
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenPublished(nint client, nint self, int identifier, int reason, nint properties) =>
        Of(self).Complete(identifier, reason, properties);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenSubscribed(nint client, nint self, int identifier, int count, int* granted, nint properties) =>
        Of(self).Complete(identifier, count > 0 ? granted[0] : (int)MqttClientSubscribeResultCode.UnspecifiedError, properties);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenUnsubscribed(nint client, nint self, int identifier, nint properties) =>
        Of(self).Complete(identifier, 0, properties);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WhenReceived(nint client, nint self, LibMosquitto.Message* message, nint properties) =>
        Of(self).received.Writer.TryWrite(new MqttApplicationMessage
        {
            Topic = Marshal.PtrToStringUTF8(message->Topic),
            Payload = new ReadOnlySequence<byte>(new ReadOnlySpan<byte>((void*)message->Payload, message->Length).ToArray()),
            QualityOfServiceLevel = (Protocol.MqttQualityOfServiceLevel)message->Qos,
            Retain = message->Retain != 0,
        });
}
