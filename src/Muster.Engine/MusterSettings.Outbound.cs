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

    /// <summary>How long a receiver of a webhook may take to answer.</summary>
    [Range(1, 300)] public int WebhookSecondsMax { get; init; } = 15;

    /// <summary>Webhooks and mails that are under way at once.</summary>
    [Range(1, 1_024)] public int WebhooksConcurrent { get; init; } = 16;

    /// <summary>How long a webhook or mail is tried again before it is given up.</summary>
    [Range(1, 720)] public int WebhookHoursMax { get; init; } = 24;

    /// <summary>How long a webhook is signed with its former secret, too, after that was changed.</summary>
    [Range(0, 8_760)] public int WebhookOverlapHours { get; init; } = 24;

    /// <summary>Webhooks an account may have.</summary>
    [Range(0, 10_000)] public int WebhooksMax { get; init; } = 50;

    /// <summary>Days that the log of deliveries is kept.</summary>
    [Range(1, 3_650)] public int DeliveryDays { get; init; } = 30;

    /// <summary>The mail server. Without one, an import with notify_email warns that nobody is told.</summary>
    public string SmtpHost { get; init; } = "";

    [Range(1, 65_535)] public int SmtpPort { get; init; } = 587;

    /// <summary>starttls (refuses to go on without), tls (from the first byte, port 465), or none.</summary>
    public string SmtpSecurity { get; init; } = "starttls";

    /// <summary>PEM file of the authorities whose certificates the mail server may show, in place of the system's.</summary>
    public string SmtpCaFile { get; init; } = "";

    public string SmtpUser { get; init; } = "";
    public string SmtpPassword { get; init; } = "";

    /// <summary>How long the mail server may take for one answer.</summary>
    [Range(1, 600)] public int SmtpSecondsMax { get; init; } = 30;

    /// <summary>Address that mails come from.</summary>
    public string MailFrom { get; init; } = "";

    /// <summary>Mails to one address within an hour; those beyond wait.</summary>
    [Range(1, 100_000)] public int MailsPerRecipientHour { get; init; } = 20;

    /// <summary>Where people and clients reach this server, for links in mails and addresses in answers, such as https://muster.example.org.</summary>
    public string PublicUrl { get; init; } = "";
}
