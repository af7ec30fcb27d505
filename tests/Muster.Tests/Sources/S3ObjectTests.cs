using System.Net.Http.Headers;
using Muster.Contacts;
using Muster.Sources.Outbound;
using Muster.Sources.Remote;

namespace Muster.Tests.Sources;

public sealed class S3ObjectTests
{
    static readonly MusterSettings Settings = new() { S3AccessKey = "AKIAIOSFODNN7EXAMPLE", S3SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

    /// <summary>The example "GET Object" of AWS's page on signature calculations for the Authorization header.</summary>
    [Fact]
    public void A_request_is_signed_as_in_the_documentation_of_AWS()
    {
        var address = new WebAddress("https", "examplebucket.s3.amazonaws.com", 443, "/test.txt", null);
        using var request = new HttpRequestMessage(HttpMethod.Get, address.ToUri());
        request.Headers.Range = new RangeHeaderValue(0, 9);
        S3Object.Sign(request, address, Settings, new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            request.Headers.Authorization?.ToString());
    }

    [Theory]
    [InlineData("s3://bucket/a/b c+d.csv", "https://bucket.s3.us-east-1.amazonaws.com/a/b%20c%2Bd.csv")]
    [InlineData("s3://my.bucket/x.csv", "https://s3.us-east-1.amazonaws.com/my.bucket/x.csv")]
    public void An_object_is_looked_for_where_its_bucket_lives(string url, string at)
    {
        var address = S3Object.Parse(url)?.Address(Settings);
        Assert.Equal(at, address?.Origin + address?.PathAndQuery);
    }

    [Fact]
    public void A_configured_endpoint_is_asked_by_path()
    {
        var address = S3Object.Parse("s3://bucket/x.csv")?.Address(Settings with { S3Endpoint = "http://minio.example:9000/" });
        Assert.Equal("http://minio.example:9000/bucket/x.csv", address?.Origin + address?.PathAndQuery);
    }

    [Theory]
    [InlineData("s3://bucket")]
    [InlineData("s3://bucket/")]
    [InlineData("s3://Bucket/x")]
    [InlineData("s3://b/x")]
    [InlineData("s3:///x")]
    public void What_names_no_object_is_refused(string url) => Assert.Equal(ErrorCode.InvalidUrl, RemoteAddress.Refuse(url, Settings)?.Code);

    [Fact]
    public void Without_credentials_or_for_another_bucket_s3_is_refused()
    {
        Assert.Equal(ErrorCode.S3NotConfigured, RemoteAddress.Refuse("s3://bucket/x", new())?.Code);
        Assert.Equal(ErrorCode.ForbiddenAddress, RemoteAddress.Refuse("s3://bucket/x", Settings with { S3Buckets = "mine, ours" })?.Code);
        Assert.Null(RemoteAddress.Refuse("s3://ours/x", Settings with { S3Buckets = "mine, ours" }));
    }
}
