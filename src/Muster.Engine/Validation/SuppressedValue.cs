using System.Globalization;
using System.Text;
using Muster.Validation.Phones;

namespace Muster.Validation;

/// <summary>Addresses, numbers and domains in the one form in which they are compared.</summary>
public static class SuppressedValue
{
    public const string Phone = "phone", Email = "email", Domain = "domain";
    const int KeyBytesMax = 512;
    const int DomainCharsMax = 253;

    /// <summary>The canonical value; null when the text is none of the kind.</summary>
    /// <param name="kind">phone, email or domain; null: what the text looks like.</param>
    public static (string Kind, string Value)? Read(string? kind, string text, PhoneRegion region)
    {
        text = text.Trim();
        kind ??= text.IndexOf('@', StringComparison.Ordinal) switch
        {
            > 0 => Email,
            0 => Domain,
            _ => text.Any(char.IsLetter) ? Domain : Phone,
        };
        var value = kind switch
        {
            Email => ReadEmail(text),
            Phone => PhoneNumber.TryParse(Encoding.UTF8.GetBytes(text), region, PhoneStyle.Any, out var e164, out _) == Contacts.ErrorCode.None ? "+" + e164.ToString(CultureInfo.InvariantCulture) : null,
            _ => ReadDomain(text.TrimStart('@', '*', '.').TrimEnd('.')),
        };
        return value is null ? null : (kind, value);
    }

    static string? ReadEmail(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> key = stackalloc byte[KeyBytesMax];
        return EmailAddress.IsValid(utf8) && EmailAddress.TryGetKey(utf8, key, out var length) ? Encoding.UTF8.GetString(key[..length]) : null;
    }

    static string? ReadDomain(string text)
    {
        // A domain is what may stand behind the at sign of an address, folded as there.
        return text.Length is > 0 and <= DomainCharsMax && ReadEmail("a@" + text) is { } address ? address[2..] : null;
    }
}
