using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>A contact's values and last write, as ledgers tell them.</summary>
static class ContactWrites
{
    public static StoredContact? Find(Session session, int accountId, int contactId) => session.One(
        """
        SELECT c.phone, c.email, c.external_id, c.first_name, c.last_name, c.company, c.fields, c.consent, c.rev, i.id, c.write_batch, c.write_row
        FROM contact c LEFT JOIN import i ON i.no = c.write_import WHERE c.id = ?1
        """,
        Read, ContactRow.RowId(accountId, contactId));

    static StoredContact Read(SqliteDataReader r)
    {
        var values = new Dictionary<int, string>();
        if (r.Number(0) is { } phone)
            values[(int)BuiltInField.Phone] = phone.ToString(CultureInfo.InvariantCulture);
        for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
        {
            if (r.Text((int)field) is { } text)
                values[(int)field] = text;
        }
        if (r.Text(7) is { } consent)
            values[FieldChange.Consent] = consent;
        if (r.Text(6) is { } json)
        {
            var utf8 = Encoding.UTF8.GetBytes(json);
            var members = new List<CustomMember>();
            CustomMember.ReadAll(utf8, members);
            foreach (var member in members)
                values[FieldChange.CustomFieldBase + member.FieldId] = Encoding.UTF8.GetString(member.In(utf8));
        }
        return new(r.GetInt32(8), r.IsDBNull(9) ? default : new(r.Id(9), r.GetInt32(10), r.GetInt64(11)), values);
    }
}
