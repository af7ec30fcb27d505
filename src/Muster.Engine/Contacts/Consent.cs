using System.Net;

namespace Muster.Contacts;

/// <summary>Ways of reaching a contact, each with a consent of its own. The JSON names are the lower-case words.</summary>
public enum ConsentChannel : byte { Email = 0, Sms = 1, Phone = 2 }

/// <summary>What a contact has said about one channel, and how that is known. A channel that nobody has said anything about has no such record.</summary>
/// <param name="Status">opted_in or opted_out.</param>
/// <param name="Time">When the contact said so, or when Muster was told.</param>
/// <param name="Source">Such as webform, api, or import followed by the import's id.</param>
/// <param name="Evidence">What the contact agreed to, or any text that proves it.</param>
/// <param name="Ip">Address that the contact said it from.</param>
public sealed record ConsentRecord(string Status, DateTimeOffset? Time = null, string? Source = null, string? Evidence = null, string? Ip = null)
{
    public const string OptedIn = "opted_in";
    public const string OptedOut = "opted_out";

    /// <summary>Whether evidence may name this address: IPv4 in four decimal parts, or IPv6; or none.</summary>
    public static bool IsAddress(string? ip) => ip is null || (IPAddress.TryParse(ip, out _) && (ip.Contains(':', StringComparison.Ordinal) || ip.Count(static c => c == '.') == 3));
}

/// <summary>What an import says about the consent of all its contacts.</summary>
/// <param name="Channels">email, sms, phone; null: all of them.</param>
public sealed record ConsentOption(
    string Status, IReadOnlyList<string>? Channels = null, DateTimeOffset? Time = null, string? Source = null, string? Evidence = null, string? Ip = null);

/// <summary>What a row says about consent, as bits: opt-outs in 0–2 and opt-ins in 3–5 by <see cref="ConsentChannel"/>, and how it is meant.</summary>
public static class RowConsent
{
    public const byte Out = 0b000_111;
    public const byte In = 0b111_000;

    /// <summary>An opt-out of no channel in particular: a contact that is opted out of all it can be reached by says the same already.</summary>
    public const byte OfNoneInParticular = 0b1_000_000;

    public static byte OutOf(ConsentChannel channel) => (byte)(1 << (int)channel);

    public static byte InTo(ConsentChannel channel) => (byte)(8 << (int)channel);
}

/// <summary>An address, number or domain that nobody may be imported with.</summary>
/// <param name="Kind">phone, email or domain.</param>
/// <param name="Value">Canonical: E.164 with its plus, a folded address, a domain in lower case.</param>
public sealed record Suppression(string Kind, string Value, string? Reason, DateTimeOffset CreatedAt)
{
    /// <summary>Names it within the account.</summary>
    public string Id => $"{Kind}:{Value}";
}
