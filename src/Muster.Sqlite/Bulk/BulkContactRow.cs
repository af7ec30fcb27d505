using Muster.Merging;

namespace Muster.Sqlite.Bulk;

/// <summary>A contact's row as imports and undos read it, in bulk.</summary>
static class BulkContactRow
{
    public const string Columns = "id, phone, email, external_id, first_name, last_name, company, fields, consent, rev, write_import, write_batch, write_row";

    /// <summary>The first column behind <see cref="Columns"/>, for whoever reads more.</summary>
    public const int Next = 13;

    /// <summary>Valid until the next step or reset.</summary>
    public static StoredValues Values(BulkStatement row) => new(row.Int64(1))
    {
        Email = row.Text(2), ExternalId = row.Text(3), FirstName = row.Text(4), LastName = row.Text(5), Company = row.Text(6), Fields = row.Text(7), Consent = row.Text(8),
    };

    public static int Rev(BulkStatement row) => (int)row.Int64(9);

    public static WriteRef LastWrite(BulkStatement row, ImportIds importIds) => new(importIds.Of(row.Int64(10)), (int)row.Int64(11), row.Int64(12));
}
