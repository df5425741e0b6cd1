using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;

namespace RealtimeSsl.Outputs;

/// <summary>Whom to connect to and as whom; everything that may be wrong with it is said before the run begins.</summary>
internal sealed class MqttAddress
{
    private const string UserName = "REALTIMESSL_MQTT_USER";
    private const string PasswordName = "REALTIMESSL_MQTT_PASSWORD";
    private const string PasswordFileName = "REALTIMESSL_MQTT_PASSWORD_FILE";
    private const string Embedded = "embedded";
    private readonly string _host;
    private readonly int? _port;
    private readonly bool _tls;
    private readonly string? _user;
    private readonly string? _password;
    private readonly MqttProtocolVersion _version;
    private readonly X509Certificate2Collection? _authority;
    private readonly X509Certificate2Collection? _own;

    /// <summary>Reads settings and environment.</summary>
    /// <param name="settings">URL, user, certificates.</param>
    /// <param name="environment">Gives the value of a variable, or null.</param>
    /// <exception cref="OutputException">One of them is wrong.</exception>
    public MqttAddress(MqttSettings settings, Func<string, string?> environment)
    {
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || url.Scheme is not ("mqtt" or "mqtts") || url.Host.Length == 0)
        {
            throw new OutputException("mqtt.url: expected mqtt://HOST[:PORT], mqtts://HOST[:PORT] or embedded[:PORT]");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new OutputException($"mqtt.url: user and password do not belong into the URL, where others see them: set {UserName} and {PasswordName}");
        }

        (_host, _port, _tls) = (url.Host, url.IsDefaultPort || url.Port < 0 ? null : url.Port, url.Scheme == "mqtts");
        _version = settings.Version == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311;
        (_user, _password) = (environment(UserName) ?? (settings.User.Length > 0 ? settings.User : null), Password(settings, environment));
        if (_password is not null && _user is null)
        {
            throw new OutputException($"mqtt: there is a password, but no user: set {UserName} or mqtt.user");
        }

        if (settings.Authority.Length > 0)
        {
            _authority = [];
            Read("mqtt.authority", settings.Authority, path =>
            {
                _authority.ImportFromPemFile(path);
                return _authority.Count > 0 ? _authority : throw new CryptographicException("it holds no certificate");
            });
        }

        if (settings.Certificate.Length > 0)
        {
            _own = Read("mqtt.certificate", settings.Certificate, path => OwnCertificate(path, settings.Key));
        }
        else if (settings.Key.Length > 0)
        {
            throw new OutputException("mqtt.key: there is a key, but no mqtt.certificate that it belongs to");
        }
    }

    /// <summary>Whether a broker of our own is asked for, and its port if one is named.</summary>
    /// <exception cref="OutputException">What is named is no port.</exception>
    public static bool IsEmbedded(string url, out int? port)
    {
        port = null;
        if (url != Embedded && !url.StartsWith(Embedded + ":", StringComparison.Ordinal))
        {
            return false;
        }

        if (url.Length > Embedded.Length)
        {
            port = ushort.TryParse(url.AsSpan(Embedded.Length + 1), out var number) && number > 0
                ? number : throw new OutputException($"mqtt.url: {url}: expected embedded or embedded:PORT with a port from 1 to 65535");
        }

        return true;
    }

    /// <summary>For people: host and port, no credentials.</summary>
    public override string ToString() => $"{(_tls ? "mqtts" : "mqtt")}://{_host}:{_port ?? (_tls ? 8883 : 1883)}";

    /// <summary>Adds server, TLS and credentials.</summary>
    public MqttClientOptionsBuilder Apply(MqttClientOptionsBuilder options)
    {
        options.WithTcpServer(_host, _port ?? (_tls ? 8883 : 1883)).WithProtocolVersion(_version);
        if (_user is not null)
        {
            options.WithCredentials(_user, _password);
        }

        if (_tls)
        {
            options.WithTlsOptions(tls =>
            {
                tls.UseTls().WithTargetHost(_host);
                if (_authority is not null)
                {
                    // An authority of one's own publishes no revocation lists.
                    tls.WithTrustChain(_authority).WithRevocationMode(X509RevocationMode.NoCheck);
                }

                if (_own is not null)
                {
                    tls.WithClientCertificates(_own);
                }
            });
        }

        return options;
    }

    private static string? Password(MqttSettings settings, Func<string, string?> environment)
    {
        if (environment(PasswordName) is { } direct)
        {
            return direct;
        }

        var (what, file) = environment(PasswordFileName) is { Length: > 0 } named ? (PasswordFileName, named) : ("mqtt.password_file", settings.PasswordFile);
        return file.Length > 0 ? Read(what, file, File.ReadAllText).TrimEnd('\r', '\n') : null;
    }

    private static X509Certificate2Collection OwnCertificate(string path, string key)
    {
        X509Certificate2Collection all = [];
        all.ImportFromPemFile(path);
        var own = X509Certificate2.CreateFromPemFile(path, key.Length > 0 ? key : null);
        if (OperatingSystem.IsWindows())
        {
            // Windows' TLS takes no key that lives in memory only.
            own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }

        return [own, .. all.Skip(1)];
    }

    private static T Read<T>(string what, string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new OutputException($"{what}: {path} cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
