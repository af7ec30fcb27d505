using System.ComponentModel.DataAnnotations;

namespace Muster;

/// <summary>What concerns connections that Muster makes: fetching sources, webhooks, mail.</summary>
public sealed partial record MusterSettings
{
    /// <summary>Ports of public addresses that fetches and webhooks may connect to, separated by commas.</summary>
    public string OutboundPorts { get; init; } = "80,443";

    /// <summary>What fetches and webhooks may connect to besides: CIDR:port, separated by commas ([IPv6 range]:port; * for every port), or none.</summary>
    public string OutboundAllow { get; init; } = "none";

    /// <summary>How long a connection may take to come about, its name's look-up included.</summary>
    [Range(1, 300)] public int ConnectSeconds { get; init; } = 10;

    /// <summary>Longest time for fetching one source, retries included.</summary>
    [Range(1, 604_800)] public int FetchSecondsMax { get; init; } = 3_600;

    /// <summary>How long a server may send nothing before the connection is taken for broken.</summary>
    [Range(1, 3_600)] public int FetchStallSeconds { get; init; } = 30;

    /// <summary>Redirects that a fetch follows; each is judged like the first address.</summary>
    [Range(0, 20)] public int FetchRedirectsMax { get; init; } = 3;

    /// <summary>Tries after a broken connection or a passing error; the count begins anew whenever bytes have come.</summary>
    [Range(0, 100)] public int FetchRetriesMax { get; init; } = 3;

    /// <summary>Fastest rate of one fetch, in bytes a second; 0: as fast as it comes.</summary>
    [Range(0L, 1L << 40)] public long FetchBytesPerSecond { get; init; }

    /// <summary>How many times its size a body with a Content-Encoding may inflate to; beside it, source_bytes_max holds.</summary>
    [Range(1, 100_000)] public int FetchInflateRatioMax { get; init; } = 200;

    /// <summary>Fetches that run at once.</summary>
    [Range(1, 256)] public int FetchesConcurrent { get; init; } = 8;

    /// <summary>Of these, fetches of one account.</summary>
    [Range(1, 256)] public int FetchesPerAccount { get; init; } = 2;

    /// <summary>Where s3:// sources are, when not at AWS: an http or https URL.</summary>
    public string S3Endpoint { get; init; } = "";

    public string S3Region { get; init; } = "us-east-1";

    /// <summary>Credentials for s3:// sources. Without them, s3:// is refused.</summary>
    public string S3AccessKey { get; init; } = "";
    public string S3SecretKey { get; init; } = "";
    public string S3SessionToken { get; init; } = "";

    /// <summary>Buckets that accounts may import from with these credentials, separated by commas; * for every one.</summary>
    public string S3Buckets { get; init; } = "*";
}
