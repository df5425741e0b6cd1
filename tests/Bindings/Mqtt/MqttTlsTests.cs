using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;
using RealtimeSsl.Tests.Support;
using Xunit;

namespace RealtimeSsl.Tests.Bindings.Mqtt;

/// <summary>TLS against a real broker, with an authority of our own.</summary>
public sealed class MqttTlsTests : MqttTestBase
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    [InlineData(SslProtocols.None)]
    public async Task Messages_pass_over_TLS(SslProtocols protocol)
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });
        using var client = await Connect(Secure(broker, certificates, o => o.WithSslProtocols(protocol)));
        var inbox = Inbox(client);
        await client.SubscribeAsync("t", MqttQualityOfServiceLevel.AtLeastOnce, Token);

        var payload = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 17)).ToArray();
        await client.PublishBinaryAsync("t", payload, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: Token);

        Assert.Equal(payload, System.Buffers.BuffersExtensions.ToArray((await Next(inbox)).Payload));
        Assert.True(await client.TryPingAsync(Token));
    }

    [Fact]
    public async Task An_authority_that_we_do_not_trust_is_refused()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });

        var error = await Refused(Secure(broker, others));

        Says(error, "CN=localhost", nameof(SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public async Task The_system_does_not_trust_our_authority()
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });

        await Refused(Options(broker).WithTlsOptions(o => o.WithRevocationMode(X509RevocationMode.NoCheck)).Build());
        using var careless = await Connect(Options(broker).WithTlsOptions(
            o => o.WithRevocationMode(X509RevocationMode.NoCheck).WithIgnoreCertificateChainErrors()).Build());
        Assert.True(careless.IsConnected);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });

        var error = await Refused(Secure(broker, certificates, o => o.WithTargetHost("elsewhere.example")));

        Says(error, "elsewhere.example", nameof(SslPolicyErrors.RemoteCertificateNameMismatch));
        using var client = await Connect(Secure(broker, certificates, o => o.WithTargetHost("localhost")));
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task The_application_has_the_last_word()
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token, new MosquittoSettings { Certificates = certificates });
        var seen = SslPolicyErrors.None;
        var allowed = Secure(broker, certificates, o => o.WithTargetHost("elsewhere.example").WithCertificateValidationHandler(e =>
        {
            seen = e.SslPolicyErrors;
            return e.Certificate!.Subject == "CN=localhost" && e.Chain!.ChainElements.Count == 2;
        }));

        using var client = await Connect(allowed);

        Assert.Equal(SslPolicyErrors.RemoteCertificateNameMismatch, seen);
        await Refused(Secure(broker, certificates, o => o.WithCertificateValidationHandler(_ => false)));
        using var failing = new MqttClientFactory().CreateMqttClient();
        var options = Secure(
            broker, certificates, o => o.WithCertificateValidationHandler(_ => throw new InvalidDataException("the handler's own")));
        var failed = await Assert.ThrowsAsync<MqttCommunicationException>(() => failing.ConnectAsync(options, Token));
        Assert.Contains("the handler's own", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_known_by_its_certificate()
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(
            Token, new MosquittoSettings { Certificates = certificates, RequireClientCertificate = true });

        using var known = await Connect(
            Secure(broker, certificates, o => o.WithClientCertificates([certificates.Client, certificates.Authority])));
        Assert.True(await known.TryPingAsync(Token));

        using var unknown = new MqttClientFactory().CreateMqttClient();
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => unknown.ConnectAsync(Secure(broker, certificates), Token));
    }

    [Fact]
    public async Task A_port_without_TLS_is_not_mistaken_for_one_with()
    {
        using var certificates = new TestCertificates();
        await using var broker = await MosquittoBroker.StartAsync(Token);

        using var client = new MqttClientFactory().CreateMqttClient();
        var error = await Assert.ThrowsAsync<MqttCommunicationException>(() => client.ConnectAsync(Secure(broker, certificates), Token));

        Says(error, "TLS");
    }

    /// <summary>Only our own errors name the certificate and what is wrong with it.</summary>
    private static void Says(Exception error, params string[] words) =>
        Assert.All(words, word => Assert.True(!Flavour.IsSystem || error.Message.Contains(word, StringComparison.Ordinal), error.Message));

    private static MqttClientOptions Secure(
        MosquittoBroker broker, TestCertificates trusted, Action<MqttClientTlsOptionsBuilder>? more = null) =>
        Options(broker).WithTlsOptions(o =>
        {
            o.UseTls().WithTrustChain(trusted.TrustChain).WithRevocationMode(X509RevocationMode.NoCheck);
            more?.Invoke(o);
        }).Build();

    private static async Task<MqttCommunicationException> Refused(MqttClientOptions options)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var error = await Assert.ThrowsAsync<MqttCommunicationException>(() => client.ConnectAsync(options, Token));
        Assert.IsType<AuthenticationException>(error.InnerException);
        return error;
    }
}
