using System.Collections.Frozen;
using System.Text;

namespace Muster.Validation;

/// <summary>Tells addresses that belong to a role from those of a person, by their local part. RFC 2142 names the first of them.</summary>
public static class RoleAddress
{
    const int LocalPartMax = 32;

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Roles = FrozenSet.Create(
        StringComparer.Ordinal,
        "abuse", "admin", "administrator", "all", "billing", "contact", "enquiries", "everyone", "finance", "help", "helpdesk", "hello", "hostmaster", "hr", "info",
        "information", "inquiries", "it", "jobs", "legal", "mail", "mailer-daemon", "marketing", "media", "news", "newsletter", "no-reply", "noc", "noreply", "office",
        "orders", "postmaster", "press", "privacy", "reception", "root", "sales", "security", "service", "spam", "staff", "subscribe", "support", "sysadmin", "team",
        "unsubscribe", "usenet", "uucp", "webmaster", "www",
        "bestellung", "buchhaltung", "buero", "kontakt", "vertrieb", "contacto", "ventas", "contatto", "ufficio", "contato", "vendas", "contactez").GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Is(ReadOnlySpan<byte> address)
    {
        var at = address.IndexOf((byte)'@');
        if (at is <= 0 or > LocalPartMax)
            return false;
        Span<char> local = stackalloc char[LocalPartMax];
        return Ascii.ToLower(address[..at], local, out var length) == System.Buffers.OperationStatus.Done && Roles.Contains(local[..length]);
    }
}
