using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace RealtimeSsl.Outputs;

/// <summary>Whom to connect to and as whom; everything that may be wrong with it is said before the run begins.</summary>
internal sealed class MqttAddress
{
    private const string UserName = "REALTIMESSL_MQTT_USER";
    private const string PasswordName = "REALTIMESSL_MQTT_PASSWORD";
    private const string PasswordFileName = "REALTIMESSL_MQTT_PASSWORD_FILE";
    private readonly string _host;
    private readonly int? _port;
    private readonly bool _tls;
    private readonly string? _user;
    private readonly string? _password;
    private readonly X509Certificate2Collection? _authority;

    /// <summary>Reads settings and environment.</summary>
    /// <param name="settings">URL and authority.</param>
    /// <param name="environment">Gives the value of a variable, or null.</param>
    /// <exception cref="OutputException">One of them is wrong.</exception>
    public MqttAddress(MqttSettings settings, Func<string, string?> environment)
    {
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || url.Scheme is not ("mqtt" or "mqtts") || url.Host.Length == 0)
        {
            throw new OutputException("mqtt.url: expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new OutputException($"mqtt.url: user and password do not belong into the URL, where others see them: set {UserName} and {PasswordName}");
        }

        (_host, _port, _tls) = (url.Host, url.IsDefaultPort || url.Port < 0 ? null : url.Port, url.Scheme == "mqtts");
        (_user, _password) = (environment(UserName), environment(PasswordName));
        if (_password is null && environment(PasswordFileName) is { Length: > 0 } file)
        {
            _password = Read(PasswordFileName, file, File.ReadAllText).TrimEnd('\r', '\n');
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
    }

    /// <summary>For people: host and port, no credentials.</summary>
    public override string ToString() => $"{(_tls ? "mqtts" : "mqtt")}://{_host}:{_port ?? (_tls ? 8883 : 1883)}";

    /// <summary>Adds server, TLS and credentials.</summary>
    public MqttClientOptionsBuilder Apply(MqttClientOptionsBuilder options)
    {
        options.WithTcpServer(_host, _port ?? (_tls ? 8883 : 1883));
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
            });
        }

        return options;
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
