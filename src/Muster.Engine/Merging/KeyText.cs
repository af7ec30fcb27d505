using System.Buffers.Text;
using System.Text;
using Muster.Contacts;
using Muster.Validation;

namespace Muster.Merging;

/// <summary>The canonical bytes of a key: the phone's E.164 digits, the address as <see cref="EmailAddress.TryGetKey"/> folds it, the external id as it is.</summary>
public static class KeyText
{
    /// <summary>Longest key in bytes.</summary>
    public const int BytesMax = 512;

    public static int WritePhone(long e164, Span<byte> key)
    {
        Utf8Formatter.TryFormat(e164, key, out var written);
        return written;
    }

    public static bool IsSameEmail(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (Ascii.EqualsIgnoreCase(a, b))
            return true;
        if (Ascii.IsValid(a) && Ascii.IsValid(b))
            return false;
        Span<byte> keyA = stackalloc byte[BytesMax], keyB = stackalloc byte[BytesMax];
        return EmailAddress.TryGetKey(a, keyA, out var lengthA) && EmailAddress.TryGetKey(b, keyB, out var lengthB) && keyA[..lengthA].SequenceEqual(keyB[..lengthB]);
    }

    /// <summary>Hashes the keys of every row that is not rejected; a row without its match key is rejected unless <paramref name="matchKeyRequired"/> is false.</summary>
    /// <param name="kinds">What rows are matched by when it is more than <paramref name="match"/>, in order: one of them must be there.</param>
    public static void HashAll(RowBlock rows, KeyKind match, KeyHashSeed seed, bool matchKeyRequired = true, KeyKind[]? kinds = null)
    {
        if (kinds is { Length: > 1 })
            rows.KeepAllHighs();
        else
            kinds = null;
        Span<byte> key = stackalloc byte[BytesMax];
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows.Fault[row] != ErrorCode.None)
                continue;
            if (rows.Phone[row] is > 0 and var phone)
                Set(rows, row, KeyKind.Phone, match, key[..WritePhone(phone, key)], seed, kinds);
            if (rows.Cell(row, BuiltInField.Email) is { HasValue: true } email && EmailAddress.TryGetKey(rows.Utf8(email), key, out var length))
                Set(rows, row, KeyKind.Email, match, key[..length], seed, kinds);
            if (rows.Cell(row, BuiltInField.ExternalId) is { HasValue: true } externalId)
                Set(rows, row, KeyKind.ExternalId, match, rows.Utf8(externalId), seed, kinds);
            if (matchKeyRequired && (kinds is null ? rows.KeyOf(row, match) == 0 : !HasAny(rows, row, kinds)))
                rows.Reject(row, -1, ErrorCode.MissingMatchKey);
        }
    }

    static bool HasAny(RowBlock rows, int row, KeyKind[] kinds)
    {
        foreach (var kind in kinds)
        {
            if (rows.KeyOf(row, kind) != 0)
                return true;
        }
        return false;
    }

    static void Set(RowBlock rows, int row, KeyKind kind, KeyKind match, ReadOnlySpan<byte> key, KeyHashSeed seed, KeyKind[]? kinds)
    {
        var hash = KeyHash.Of(kind, key, seed);
        rows.KeyOf(row, kind) = hash.IndexKey(kind);
        if (kind == match)
            rows.KeyHigh[row] = hash.High;
        if (kinds is not null)
            rows.KeyHighs[row * 3 + (int)kind] = hash.High;
    }
}
