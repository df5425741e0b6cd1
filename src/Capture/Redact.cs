using System.Text.RegularExpressions;

namespace RealtimeSsl.Capture;

/// <summary>Takes credentials out of whatever a person, a log or a message will see: camera URLs carry passwords.</summary>
public static partial class Redact
{
    /// <summary>
    /// The text with <c>user:password@</c> of every URL in it replaced by <c>***@</c>, and the values of query parameters that are secrets
    /// by their name (password, token, key, ...) by <c>***</c>.
    /// </summary>
    public static string Urls(string text) => SecretParameter().Replace(UserInfo().Replace(text, "$1***@"), "$1***");

    // Up to the last @ before the path: a password may hold an @ itself.
    [GeneratedRegex(@"([a-z][a-z0-9+.\-]*://)[^\s/?#'""]*@", RegexOptions.IgnoreCase)]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        @"([?&](?:passphrase|password|passwd|pass|pwd|token|access_token|auth|secret|api_?key|key|user|username|usr)=)[^&\s'""#]+",
        RegexOptions.IgnoreCase)]
    private static partial Regex SecretParameter();
}
