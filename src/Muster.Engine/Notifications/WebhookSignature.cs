using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Contacts;

namespace Muster.Notifications;

/// <summary>Signs webhooks after Standard Webhooks 1.0.0: HMAC-SHA256 over <c>id.timestamp.body</c>, as <c>v1,Base64</c>.</summary>
public static class WebhookSignature
{
    const string Prefix = "whsec_";
    const int SecretBytes = 32;

    /// <summary>The specification asks for 24 to 64 bytes.</summary>
    const int SecretBytesMin = 24, SecretBytesMax = 64;

    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    public static bool IsSecret(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && TryKey(text, out var key) && key.Length is >= SecretBytesMin and <= SecretBytesMax;

    /// <summary>The value of webhook-signature: one signature for the secret in force, and while it lasts one for the secret before it.</summary>
    public static string Of(SigningSecrets secrets, DateTimeOffset now, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var signature = Of(secrets.Secret, id, timestamp, body);
        return secrets.Former is { } former && secrets.FormerUntil > now ? $"{signature} {Of(former, id, timestamp, body)}" : signature;
    }

    /// <param name="timestamp">Seconds since 1970-01-01 UTC.</param>
    public static string Of(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        if (!TryKey(secret, out var key))
            throw new ArgumentException("The secret is not whsec_ and Base64.", nameof(secret));
        byte[] content = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content));
    }

    static bool TryKey(string secret, out byte[] key)
    {
        var text = secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret;
        key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var written))
            return false;
        key = key[..written];
        return true;
    }
}
