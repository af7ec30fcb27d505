using Muster.Contacts;
using Muster.Merging;
using Muster.Validation;

namespace Muster.Sqlite.Bulk;

/// <summary>Finds the rows of a batch whose address, number or domain is suppressed. Asked only when the account suppresses anything.</summary>
static class Suppressions
{
    /// <summary>As the table's kinds are numbered.</summary>
    public const int PhoneKind = 0, EmailKind = 1, DomainKind = 10;

    /// <returns>By row.</returns>
    public static bool[] Find(BulkSql sql, int accountId, RowBlock rows, RowDecider decider)
    {
        var found = new bool[rows.Count];
        for (var row = 0; row < rows.Count; row++)
            found[row] = decider.NeedsContact(row) && (IsNumber(sql, accountId, rows, row) || IsAddress(sql, accountId, rows, row));
        return found;
    }

    static bool IsNumber(BulkSql sql, int accountId, RowBlock rows, int row)
    {
        if (rows.Phone[row] == 0)
            return false;
        Span<byte> number = stackalloc byte[24];
        number[0] = (byte)'+';
        return sql.IsSuppressed(accountId, PhoneKind, number[..(1 + KeyText.WritePhone(rows.Phone[row], number[1..]))]);
    }

    /// <summary>The address itself, its domain, or a domain that this one is part of.</summary>
    static bool IsAddress(BulkSql sql, int accountId, RowBlock rows, int row)
    {
        if (rows.Cell(row, BuiltInField.Email) is not { HasValue: true } email)
            return false;
        Span<byte> key = stackalloc byte[KeyText.BytesMax];
        if (!EmailAddress.TryGetKey(rows.Utf8(email), key, out var length))
            return false;
        ReadOnlySpan<byte> address = key[..length];
        if (sql.IsSuppressed(accountId, EmailKind, address))
            return true;
        for (var domain = address[(address.LastIndexOf((byte)'@') + 1)..]; !domain.IsEmpty;)
        {
            if (sql.IsSuppressed(accountId, DomainKind, domain))
                return true;
            var dot = domain.IndexOf((byte)'.');
            domain = dot < 0 ? [] : domain[(dot + 1)..];
        }
        return false;
    }
}
