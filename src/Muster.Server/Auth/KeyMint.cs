using System.Security.Cryptography;
using System.Text;
using Muster.Contacts;

namespace Muster.Server.Auth;

/// <summary>A key just made. Secret and token exist here and nowhere else.</summary>
/// <param name="Token"><c>muster_&lt;id&gt;_&lt;secret&gt;</c>.</param>
public sealed record MintedKey(ApiKey Key, byte[] SecretSha256, string Secret, string Token);

/// <summary>Makes keys and takes tokens apart.</summary>
/// <remarks>Id (64 random bits) and secret (256) are lower-case hex, so that a token has exactly two underscores and survives every header, query and form.</remarks>
public static class KeyMint
{
    const string Prefix = "muster_";
    const int IdLength = 16;
    const int SecretLength = 64;

    public static MintedKey Create(int accountId, KeyScope scope, TimeProvider time)
    {
        var id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        var secret = RandomNumberGenerator.GetHexString(SecretLength, lowercase: true);
        return new(new(id, accountId, scope, time.GetUtcNow(), null, null), Hash(secret), secret, $"{Prefix}{id}_{secret}");
    }

    public static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Takes <c>muster_&lt;id&gt;_&lt;secret&gt;</c> apart.</summary>
    public static bool TrySplit(ReadOnlySpan<char> token, out string id, out string secret)
    {
        id = secret = "";
        if (!token.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var rest = token[Prefix.Length..];
        if (rest.Length != IdLength + 1 + SecretLength || rest[IdLength] != '_')
            return false;
        id = rest[..IdLength].ToString();
        secret = rest[(IdLength + 1)..].ToString();
        return true;
    }
}
