using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet;

/// <summary>Whom to trust, and with which certificate to be trusted.</summary>
public sealed class MqttClientTlsOptions
{
    public bool UseTls { get; set; }

    /// <summary>The name that the broker's certificate has to have; by default the host that is connected to.</summary>
    public string? TargetHost { get; set; }

    /// <summary>The roots to trust instead of the system's.</summary>
    public X509Certificate2Collection? TrustChain { get; set; }

    public IMqttClientCertificatesProvider? ClientCertificatesProvider { get; set; }

    /// <summary>Has the last word, for and against.</summary>
    public Func<MqttClientCertificateValidationEventArgs, bool>? CertificateValidationHandler { get; set; }

    public bool IgnoreCertificateChainErrors { get; set; }

    public bool IgnoreCertificateRevocationErrors { get; set; }

    public X509RevocationMode RevocationMode { get; set; } = X509RevocationMode.Online;

    public SslProtocols SslProtocol { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;
}

public interface IMqttClientCertificatesProvider
{
    X509CertificateCollection? GetCertificates();
}

public sealed class MqttClientCertificateValidationEventArgs(
    X509Certificate? certificate, X509Chain? chain, SslPolicyErrors sslPolicyErrors, IMqttClientChannelOptions clientOptions) : EventArgs
{
    public X509Certificate? Certificate { get; } = certificate;

    public X509Chain? Chain { get; } = chain;

    public IMqttClientChannelOptions ClientOptions { get; } = clientOptions;

    public SslPolicyErrors SslPolicyErrors { get; } = sslPolicyErrors;
}

public sealed class MqttClientTlsOptionsBuilder
{
    private readonly MqttClientTlsOptions options = new() { UseTls = true };

    public MqttClientTlsOptions Build() => options;

    public MqttClientTlsOptionsBuilder UseTls(bool useTls = true)
    {
        options.UseTls = useTls;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithTargetHost(string? targetHost)
    {
        options.TargetHost = targetHost;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithTrustChain(X509Certificate2Collection? chain)
    {
        options.TrustChain = chain;
        return this;
    }

    /// <summary>The first that has a private key identifies the client; the others are sent along as its chain.</summary>
    public MqttClientTlsOptionsBuilder WithClientCertificates(IEnumerable<X509Certificate2> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        return WithClientCertificates(new X509Certificate2Collection(certificates.ToArray()));
    }

    public MqttClientTlsOptionsBuilder WithClientCertificates(X509Certificate2Collection certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        return WithClientCertificatesProvider(new Given(certificates));
    }

    public MqttClientTlsOptionsBuilder WithClientCertificatesProvider(IMqttClientCertificatesProvider? clientCertificatesProvider)
    {
        options.ClientCertificatesProvider = clientCertificatesProvider;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithCertificateValidationHandler(
        Func<MqttClientCertificateValidationEventArgs, bool> certificateValidationHandler)
    {
        ArgumentNullException.ThrowIfNull(certificateValidationHandler);
        options.CertificateValidationHandler = certificateValidationHandler;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithIgnoreCertificateChainErrors(bool ignoreCertificateChainErrors = true)
    {
        options.IgnoreCertificateChainErrors = ignoreCertificateChainErrors;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithIgnoreCertificateRevocationErrors(bool ignoreCertificateRevocationErrors = true)
    {
        options.IgnoreCertificateRevocationErrors = ignoreCertificateRevocationErrors;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithRevocationMode(X509RevocationMode revocationMode)
    {
        options.RevocationMode = revocationMode;
        return this;
    }

    public MqttClientTlsOptionsBuilder WithSslProtocols(SslProtocols sslProtocols)
    {
        options.SslProtocol = sslProtocols;
        return this;
    }

    private sealed class Given(X509Certificate2Collection certificates) : IMqttClientCertificatesProvider
    {
        public X509CertificateCollection GetCertificates() => certificates;
    }
}
