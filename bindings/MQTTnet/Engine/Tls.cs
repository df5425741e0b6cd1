using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet;

/// <summary>
/// The OpenSSL context that libmosquitto makes its connection with. The broker's certificate is judged here, by .NET's own chain building
/// and the same rules as in the real package, so that trust, names, revocation and the application's handler mean the same; and no key
/// touches the disk.
/// </summary>
internal sealed unsafe class Tls : IDisposable
{
    private readonly MqttClientTcpOptions channel;
    private readonly string targetHost;
    private readonly GCHandle self;

    internal Tls(MqttClientTcpOptions channel, string targetHost)
    {
        this.channel = channel;
        this.targetHost = targetHost;
        self = GCHandle.Alloc(this);
        Context = OpenSsl.NewContext(OpenSsl.ClientMethod());
        try
        {
            Require(Context != 0, "no TLS context");
            OpenSsl.SetVerify(Context, OpenSsl.VerifyPeer, 0);
            OpenSsl.SetCertificateVerify(Context, &Judge, GCHandle.ToIntPtr(self));
            LimitVersions(channel.TlsOptions.SslProtocol);
            Identify(channel.TlsOptions.ClientCertificatesProvider?.GetCertificates());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>SSL_CTX*.</summary>
    internal nint Context { get; private set; }

    /// <summary>Why the broker's certificate was refused, if it was.</summary>
    internal string? Complaint { get; private set; }

    public void Dispose()
    {
        OpenSsl.FreeContext(Context);
        Context = 0;
        self.Free();
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new AuthenticationException($"OpenSSL: {what}");
        }
    }

    private void LimitVersions(SslProtocols allowed)
    {
        if (allowed != SslProtocols.None)
        {
            var least = allowed.HasFlag(SslProtocols.Tls12) ? OpenSsl.Tls12 : OpenSsl.Tls13;
            var most = allowed.HasFlag(SslProtocols.Tls13) ? OpenSsl.Tls13 : OpenSsl.Tls12;
            Require(OpenSsl.Control(Context, OpenSsl.SetMinimumVersion, least, 0) == 1, "the TLS version is not available");
            Require(OpenSsl.Control(Context, OpenSsl.SetMaximumVersion, most, 0) == 1, "the TLS version is not available");
        }
    }

    private void Identify(X509CertificateCollection? certificates)
    {
        var mine = certificates?.OfType<X509Certificate2>().FirstOrDefault(c => c.HasPrivateKey);
        if (mine is null)
        {
            return;
        }

        var certificate = mine.RawData;
        Require(OpenSsl.UseCertificate(Context, certificate.Length, certificate) == 1, $"the certificate {mine.Subject} is not accepted");
        var key = ExportKey(mine);
        try
        {
            fixed (byte* bytes = key)
            {
                var at = bytes;
                var native = OpenSsl.ReadPrivateKey(0, &at, key.Length);
                var used = native != 0 && OpenSsl.UsePrivateKey(Context, native) == 1;
                OpenSsl.FreeKey(native);
                Require(used, $"the private key of {mine.Subject} is not accepted");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        foreach (var other in certificates!.OfType<X509Certificate2>().Where(c => c != mine))
        {
            fixed (byte* bytes = other.RawData)
            {
                var at = bytes;
                var native = OpenSsl.ReadCertificate(0, &at, other.RawData.Length);
                var added = native != 0 && OpenSsl.Control(Context, OpenSsl.AddChainCertificate, 1, native) == 1;
                OpenSsl.FreeCertificate(native);
                Require(added, $"the certificate {other.Subject} is not accepted");
            }
        }
    }

    private static byte[] ExportKey(X509Certificate2 certificate)
    {
        using var key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()
            ?? throw new AuthenticationException($"the private key of {certificate.Subject} is neither RSA nor ECDSA");
        return key.ExportPkcs8PrivateKey();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Judge(nint store, nint self)
    {
        var tls = (Tls)GCHandle.FromIntPtr(self).Target!;
        try
        {
            return tls.Accepts(store) ? 1 : 0;
        }
#pragma warning disable CA1031 // No exception may pass through OpenSSL; it is told as the reason of the refusal.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            tls.Complaint = $"the broker's certificate could not be judged: {exception.Message}";
            return 0;
        }
    }

    private bool Accepts(nint store)
    {
        var options = channel.TlsOptions;
        using var leaf = Copy(OpenSsl.CertificateOf(store));
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.RevocationMode = options.IgnoreCertificateRevocationErrors ? X509RevocationMode.NoCheck : options.RevocationMode;
        if (options.TrustChain is { Count: > 0 } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.VerificationFlags = X509VerificationFlags.IgnoreEndRevocationUnknown;
            policy.CustomTrustStore.AddRange(roots);
        }

        var sent = OpenSsl.ChainOf(store);
        for (var i = 0; i < OpenSsl.Count(sent); i++)
        {
            policy.ExtraStore.Add(Copy(OpenSsl.At(sent, i)));
        }

        var errors = SslPolicyErrors.None;
        if (!chain.Build(leaf))
        {
            errors |= SslPolicyErrors.RemoteCertificateChainErrors;
        }

        if (!leaf.MatchesHostname(targetHost))
        {
            errors |= SslPolicyErrors.RemoteCertificateNameMismatch;
        }

        var status = string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct());
        var ignored = options.IgnoreCertificateChainErrors ? SslPolicyErrors.RemoteCertificateChainErrors : SslPolicyErrors.None;
        var accepted = options.CertificateValidationHandler is { } handler
            ? handler(new MqttClientCertificateValidationEventArgs(leaf, chain, errors, channel))
            : (errors & ~ignored) == SslPolicyErrors.None;
        Complaint = accepted
            ? null
            : $"the broker's certificate \"{leaf.Subject}\" is refused for {targetHost}: {errors} {status}".TrimEnd();
        return accepted;
    }

    private static X509Certificate2 Copy(nint certificate)
    {
        var bytes = new byte[OpenSsl.WriteCertificate(certificate, null)];
        fixed (byte* start = bytes)
        {
            var at = start;
            _ = OpenSsl.WriteCertificate(certificate, &at);
        }

        return X509CertificateLoader.LoadCertificate(bytes);
    }
}
