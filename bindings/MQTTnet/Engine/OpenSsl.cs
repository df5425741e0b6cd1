using System.Runtime.InteropServices;

namespace MQTTnet;

/// <summary>What <see cref="Tls"/> needs of OpenSSL 3, the one that libmosquitto is linked to. The constants are those of ssl.h.</summary>
internal static unsafe partial class OpenSsl
{
    internal const int VerifyPeer = 1;
    internal const int AddChainCertificate = 89;
    internal const int SetMinimumVersion = 123;
    internal const int SetMaximumVersion = 124;
    internal const int Tls12 = 0x303;
    internal const int Tls13 = 0x304;

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    [LibraryImport(Ssl, EntryPoint = "TLS_client_method")]
    internal static partial nint ClientMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    internal static partial nint NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    internal static partial void FreeContext(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    internal static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    internal static partial void SetVerify(nint context, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_cert_verify_callback")]
    internal static partial void SetCertificateVerify(nint context, delegate* unmanaged[Cdecl]<nint, nint, int> callback, nint argument);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    internal static partial int UseCertificate(nint context, int length, byte[] bytes);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey")]
    internal static partial int UsePrivateKey(nint context, nint key);

    [LibraryImport(Crypto, EntryPoint = "d2i_AutoPrivateKey")]
    internal static partial nint ReadPrivateKey(nint key, byte** bytes, nint length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    internal static partial void FreeKey(nint key);

    [LibraryImport(Crypto, EntryPoint = "d2i_X509")]
    internal static partial nint ReadCertificate(nint certificate, byte** bytes, nint length);

    [LibraryImport(Crypto, EntryPoint = "i2d_X509")]
    internal static partial int WriteCertificate(nint certificate, byte** bytes);

    [LibraryImport(Crypto, EntryPoint = "X509_free")]
    internal static partial void FreeCertificate(nint certificate);

    /// <summary>The certificate that is to be verified, on loan.</summary>
    [LibraryImport(Crypto, EntryPoint = "X509_STORE_CTX_get0_cert")]
    internal static partial nint CertificateOf(nint store);

    /// <summary>What the peer sent, on loan.</summary>
    [LibraryImport(Crypto, EntryPoint = "X509_STORE_CTX_get0_untrusted")]
    internal static partial nint ChainOf(nint store);

    [LibraryImport(Crypto, EntryPoint = "OPENSSL_sk_num")]
    internal static partial int Count(nint stack);

    [LibraryImport(Crypto, EntryPoint = "OPENSSL_sk_value")]
    internal static partial nint At(nint stack, int index);
}
