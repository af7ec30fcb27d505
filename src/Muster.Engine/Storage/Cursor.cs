using System.Buffers.Binary;
using System.Buffers.Text;

namespace Muster.Storage;

/// <summary>Where the next page of a list begins: the last key of this page as 11 characters of base64url (RFC 4648 §5), opaque to callers.</summary>
public static class Cursor
{
    public static string Of(long key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for any text that <see cref="Of"/> never made.</summary>
    public static bool TryRead(string? cursor, out long key)
    {
        key = 0;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (cursor is not { Length: 11 } || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != sizeof(long))
            return false;
        key = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return key >= 0;
    }

    /// <summary>The key of a cursor, or <paramref name="start"/> when there is no cursor yet.</summary>
    public static long Read(string? cursor, long start)
    {
        if (cursor is null)
            return start;
        return TryRead(cursor, out var key) ? key : throw new ArgumentException("The cursor is not one that an earlier page ended with.", nameof(cursor));
    }
}
