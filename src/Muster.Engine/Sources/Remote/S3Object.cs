using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>An object named <c>s3://bucket/key</c>, fetched with the operator's credentials. The key is taken as it stands: <c>s3://</c> knows no escapes.</summary>
public sealed record S3Object(string Bucket, string Key)
{
    const string Scheme = "s3://";

    /// <summary>SHA-256 of an empty body.</summary>
    const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public string Shown => Scheme + Bucket + "/" + Key;

    public static S3Object? Parse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || url.IndexOf('/', Scheme.Length) is not (> 0 and var slash))
            return null;
        var (bucket, key) = (url[Scheme.Length..slash], url[(slash + 1)..]);
        // S3's rules for bucket names, and its longest key.
        return bucket.Length is >= 3 and <= 63 && bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
            && char.IsAsciiLetterOrDigit(bucket[0]) && char.IsAsciiLetterOrDigit(bucket[^1]) && !bucket.Contains("..", StringComparison.Ordinal)
            && key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= 1024 && !key.Any(char.IsControl)
            ? new(bucket, key) : null;
    }

    public (ErrorCode Code, string Detail)? Refuse(MusterSettings settings)
    {
        if (settings.S3AccessKey.Length == 0 || settings.S3SecretKey.Length == 0)
            return (ErrorCode.S3NotConfigured, ErrorCode.S3NotConfigured.Message());
        var buckets = settings.S3Buckets.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return buckets.Contains("*") || buckets.Contains(Bucket)
            ? null : (ErrorCode.ForbiddenAddress, $"Imports from the bucket {Bucket} are not open here. The operator lists buckets in s3_buckets.");
    }

    /// <summary>Where the object is: at a configured endpoint by path, at AWS by a host of the bucket's own where its name allows one.</summary>
    public WebAddress Address(MusterSettings settings)
    {
        var key = "/" + string.Join('/', Key.Split('/').Select(Escape));
        if (settings.S3Endpoint.Length > 0)
        {
            var endpoint = WebAddress.Parse(settings.S3Endpoint) ?? throw new InvalidOperationException("s3_endpoint was checked at the start.");
            return endpoint with { PathAndQuery = endpoint.Path.TrimEnd('/') + "/" + Bucket + key };
        }
        var host = $"s3.{settings.S3Region}.amazonaws.com";
        return Bucket.Contains('.', StringComparison.Ordinal)
            ? new("https", host, 443, "/" + Bucket + key, null)
            : new("https", $"{Bucket}.{host}", 443, key, null);
    }

    /// <summary>Signs a GET by AWS Signature Version 4, in its header.</summary>
    public static void Sign(HttpRequestMessage request, WebAddress address, MusterSettings settings, DateTimeOffset now)
    {
        var date = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var moment = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = address.Origin[(address.Scheme.Length + 3)..],
            ["x-amz-content-sha256"] = EmptyBody,
            ["x-amz-date"] = moment,
        };
        if (request.Headers.Range is { } range)
            signed["range"] = range.ToString();
        if (settings.S3SessionToken.Length > 0)
            signed["x-amz-security-token"] = settings.S3SessionToken;
        var names = string.Join(';', signed.Keys);
        var canonical = $"GET\n{address.Path}\n\n{string.Concat(signed.Select(h => $"{h.Key}:{h.Value}\n"))}\n{names}\n{EmptyBody}";
        var scope = $"{date}/{settings.S3Region}/s3/aws4_request";
        var text = $"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + settings.S3SecretKey);
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        foreach (var (name, value) in signed.Where(h => h.Key.StartsWith("x-amz-", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.Authorization = new AuthenticationHeaderValue("AWS4-HMAC-SHA256", $"Credential={settings.S3AccessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
    }

    /// <summary>As SigV4 escapes: everything but RFC 3986's unreserved characters.</summary>
    static string Escape(string segment) => Uri.EscapeDataString(segment);
}
