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

    /// <summary>How long a key is believed without asking the store. Revoking in another process takes this long.</summary>
    [Range(0, 5)] public int KeyCacheSeconds { get; init; } = 2;
}
