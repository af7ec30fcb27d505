using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Validation;

namespace Muster.Sqlite;

/// <summary>An identity in the form under which contacts are found: what the key table and the bulk writer agree on.</summary>
/// <param name="Text">E.164 digits, the address as <see cref="EmailAddress.TryGetKey"/> writes it, or the external id as it is.</param>
/// <param name="Hash"><see cref="KeyHash.IndexKey"/> of the text's UTF-8.</param>
readonly record struct ContactKey(KeyKind Kind, string Text, long Hash)
{
    public static ContactKey OfPhone(long phone, KeyHashSeed seed) => Of(KeyKind.Phone, phone.ToString(CultureInfo.InvariantCulture), seed);

    public static ContactKey OfExternalId(string id, KeyHashSeed seed) => Of(KeyKind.ExternalId, id, seed);

    /// <param name="address">One that <see cref="EmailAddress.IsValid"/> accepts, as every contact's is.</param>
    public static ContactKey? OfEmail(string address, KeyHashSeed seed)
    {
        Span<byte> key = stackalloc byte[EmailAddress.KeyBytesMax];
        var utf8 = Encoding.UTF8.GetBytes(address);
        if (!EmailAddress.TryGetKey(utf8, key, out var written))
            return null;
        return Of(KeyKind.Email, Encoding.UTF8.GetString(key[..written]), seed);
    }

    static ContactKey Of(KeyKind kind, string text, KeyHashSeed seed) =>
        new(kind, text, (long)KeyHash.Of(kind, Encoding.UTF8.GetBytes(text), seed).IndexKey(kind));
}
