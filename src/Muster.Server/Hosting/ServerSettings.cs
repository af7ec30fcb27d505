using System.ComponentModel.DataAnnotations;

namespace Muster.Server.Hosting;

/// <summary>Every limit and every knob of the HTTP host, each with its default. Set as <see cref="MusterSettings"/> are.</summary>
public sealed record ServerSettings
{
    /// <summary>Addresses to listen at, separated by semicolons. The default answers this machine alone; a proxy with TLS belongs before any other.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Largest body, in bytes, of a request that brings no source.</summary>
    [Range(1L << 10, 1L << 30)] public long BodyBytesMax { get; init; } = 1L << 20;

    /// <summary>Longest request line, in bytes.</summary>
    [Range(1 << 10, 1 << 20)] public int RequestLineBytesMax { get; init; } = 64 << 10;

    /// <summary>All headers of a request, in bytes.</summary>
    [Range(1 << 10, 1 << 20)] public int HeadersBytesMax { get; init; } = 64 << 10;

    /// <summary>Connections at once; more wait in the system's queue.</summary>
    [Range(1, 1_000_000)] public int ConnectionsMax { get; init; } = 2_000;

    /// <summary>Longest time that <c>Prefer: wait</c> may ask for.</summary>
    [Range(0, 600)] public int WaitSecondsMax { get; init; } = 60;

    /// <summary>How long an event stream may be silent before a comment keeps it alive.</summary>
    [Range(1, 600)] public int HeartbeatSeconds { get; init; } = 15;

    /// <summary>The vendors' façades that are switched on: netcore, exotel, dotmailer, cellcast, separated by commas, or none.</summary>
    public string Facades { get; init; } = "netcore,exotel,dotmailer,cellcast";

    /// <summary>Region of national numbers that come through the Netcore façade; empty: the account's.</summary>
    public string NetcoreRegion { get; init; } = "";

    /// <summary>What the Netcore façade does with attributes that no field is known for: create_field or ignore.</summary>
    public string NetcoreUnknownColumns { get; init; } = "create_field";

    /// <summary>Form of the Netcore façade's callbacks: json or form.</summary>
    public string NetcoreCallbackFormat { get; init; } = "json";

    /// <summary>Whether the Netcore façade answers errors with status 200, for clients that look at the body alone.</summary>
    public bool NetcoreLegacy200Errors { get; init; }

    /// <summary>Largest file of an import through the dotmailer façade, in bytes: 10 MB in 2015, 50 MB today.</summary>
    [Range(1L, 1L << 40)] public long DotmailerFileBytesMax { get; init; } = 50L << 20;

    /// <summary>Imports through the dotmailer façade that an account may have under way at once.</summary>
    [Range(1, 1_000_000)] public int DotmailerImportsActiveMax { get; init; } = 25;

    /// <summary>Members of the dotmailer façade's import report: 15 as today, or the 14 of 2016, beyond which strict clients of that time fail.</summary>
    [Range(14, 15)] public int DotmailerReportFields { get; init; } = 15;

    /// <summary>How the dotmailer façade reads dates with slashes: dmy, mdy or ymd.</summary>
    public string DotmailerDateOrder { get; init; } = "dmy";

    /// <summary>How long a key is believed without asking the store. Revoking in another process takes this long.</summary>
    [Range(0, 5)] public int KeyCacheSeconds { get; init; } = 2;

    /// <summary>How long a façade's synchronous call waits for its import before it answers 503.</summary>
    [Range(0, 600)] public int FacadeWaitSeconds { get; init; } = 60;

    /// <summary>Largest JSON body of a façade's call, in bytes.</summary>
    [Range(1L << 10, 1L << 30)] public long FacadeBodyBytesMax { get; init; } = 16L << 20;

    /// <summary>Region of national numbers that come through the Exotel façade, whatever the account's is.</summary>
    public string ExotelRegion { get; init; } = "IN";

    /// <summary>Members that a static list made through the Exotel façade may have; 0: no limit.</summary>
    [Range(0L, 2_147_483_647L)] public long ExotelStaticListMax { get; init; } = 100_000;

    /// <summary>Members that a dynamic list made through the Exotel façade may have; 0: no limit.</summary>
    [Range(0L, 2_147_483_647L)] public long ExotelDynamicListMax { get; init; } = 500_000;

    /// <summary>Variables of a dynamic list of the Exotel façade.</summary>
    [Range(0, 1_000)] public int ExotelVariablesMax { get; init; } = 5;

    /// <summary>Largest CSV file of the Exotel façade, in bytes.</summary>
    [Range(1L << 10, 1L << 40)] public long ExotelFileBytesMax { get; init; } = 60_000_000;

    /// <summary>Contacts or lists in one bulk call of the Exotel façade, and the longest page.</summary>
    [Range(1, 100_000)] public int ExotelItemsMax { get; init; } = 5_000;

    /// <summary>Requests a minute that an account may send to the Exotel façade; 0: no limit.</summary>
    [Range(0, 1_000_000)] public int ExotelRequestsPerMinute { get; init; }

    /// <summary>Region of national numbers that come through the Cellcast façade, whatever the account's is.</summary>
    public string CellcastRegion { get; init; } = "AU";

    /// <summary>Contacts in one call of the Cellcast façade.</summary>
    [Range(1, 100_000)] public int CellcastContactsMax { get; init; } = 5_000;

    /// <summary>Requests a second that an account may send to the Cellcast façade; 0: no limit.</summary>
    [Range(0, 1_000_000)] public int CellcastRequestsPerSecond { get; init; }
}
