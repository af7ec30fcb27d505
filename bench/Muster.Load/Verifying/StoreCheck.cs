using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Merging;
using Muster.Sqlite.Keys;

namespace Muster.Load.Verifying;

/// <summary>Raised when a program under measure got a row wrong: then its time means nothing.</summary>
sealed class WrongResultException(string message) : Exception(message);

/// <summary>Compares what an import left behind with what the generator knows, to the last row.</summary>
static class StoreCheck
{
    /// <summary>The counts of an import's JSON, as the API and <c>--json</c> tell them.</summary>
    /// <param name="again">The file's contacts were there already.</param>
    public static void Counts(JsonElement import, Truth truth, bool again)
    {
        Same("status", import.GetProperty("status").GetString(), "completed");
        var counts = import.GetProperty("counts");
        foreach (var (name, expected) in new[]
        {
            ("read", truth.Rows), ("created", again ? 0 : truth.Good), ("unchanged", again ? truth.Good : 0), ("updated", 0), ("duplicate", truth.Repeats),
            ("suppressed", 0), ("skipped", 0), ("rejected", truth.Invalid),
        })
            Same($"counts.{name}", counts.GetProperty(name).GetInt64(), expected);
    }

    public static void Rejects(string file, Truth truth)
    {
        using var stream = File.OpenRead(file);
        Same("rejects (SHA-256)", Convert.ToHexStringLower(SHA256.HashData(stream)), truth.RejectsSha256);
    }

    /// <summary>Every contact with every value, its keys, and every row's entry in the ledger of the newest import.</summary>
    public static void Database(string data, Truth truth, bool again, bool inList)
    {
        using var connection = Open(Path.Combine(data, "muster.db"));
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, name) in Query(connection, "SELECT id, name FROM field", r => (r.GetInt64(0), r.GetString(1))))
            names[id.ToString(CultureInfo.InvariantCulture)] = Array.FindIndex(ContactFile.Columns, c => c.Equals(name, StringComparison.OrdinalIgnoreCase));

        var contacts = default(Fingerprint);
        var cells = new string[ContactFile.Columns.Length];
        foreach (var fields in Query(connection, "SELECT email, phone, first_name, last_name, company, fields FROM contact", reader =>
        {
            cells[0] = Text(reader, 0);
            cells[1] = reader.IsDBNull(1) ? "" : $"+{reader.GetInt64(1)}";
            for (var i = 2; i < 5; i++)
                cells[i] = Text(reader, i);
            return Text(reader, 5);
        }))
        {
            cells.AsSpan(5).Fill("");
            if (fields.Length > 0)
            {
                using var document = JsonDocument.Parse(fields);
                foreach (var field in document.RootElement.EnumerateObject())
                {
                    if (names.TryGetValue(field.Name, out var column) && column >= 0)
                        cells[column] = field.Value.ToString();
                }
            }
            contacts.Add(cells);
        }
        Same("contacts in the database", contacts, truth.Contacts);
        Same("keys in the database", Query(connection, "SELECT entries FROM contact_key_page UNION ALL SELECT entries FROM contact_key_recent", r => (long)KeyPage.CountOf((byte[])r[0])).Sum() + Scalar(connection, "SELECT count(*) FROM contact_key_collision"), 2 * truth.Good);
        if (inList)
            Same("members of the list", Scalar(connection, "SELECT count(*) FROM list_member WHERE status = 1"), truth.Good);

        Ledger(connection, "SELECT max(no) FROM import WHERE kind = 0", truth, again);
    }

    /// <summary>Every row's entry in the ledger of the largest import of a data folder, which others share with it.</summary>
    public static void Ledger(string data, Truth truth)
    {
        using var connection = Open(Path.Combine(data, "muster.db"));
        Ledger(connection, "SELECT import_no FROM import_batch GROUP BY import_no ORDER BY sum(length(ledger)) DESC LIMIT 1", truth, again: false);
    }

    static void Ledger(SqliteConnection connection, string import, Truth truth, bool again)
    {
        var row = 0L;
        foreach (var blob in Query(connection, $"SELECT ledger FROM import_batch WHERE import_no = ({import}) ORDER BY batch_no", r => (byte[])r[0]))
        {
            var ledger = Merging.Ledger.Decode(blob);
            for (var i = 0; i < ledger.Count; i++, row++)
            {
                var expected = truth.File.KindOf(row) switch
                {
                    RowKind.Invalid => Outcome.Rejected,
                    RowKind.Repeat => Outcome.Duplicate,
                    _ => again ? Outcome.Unchanged : Outcome.Created,
                };
                if (ledger.Outcome[i] != expected || ledger.RowNumber[i] != row + 2)
                    throw new WrongResultException($"The ledger says {ledger.Outcome[i]} of row {ledger.RowNumber[i]}; it should say {expected} of row {row + 2}.");
            }
        }
        Same("rows in the ledger", row, truth.Rows);
    }

    /// <summary>Bytes that all ledgers take.</summary>
    public static long LedgerBytes(string data)
    {
        using var connection = Open(Path.Combine(data, "muster.db"));
        return Scalar(connection, "SELECT coalesce(sum(length(ledger)), 0) FROM import_batch");
    }

    /// <summary>The ledgers of the newest import, as they are stored.</summary>
    public static IReadOnlyList<byte[]> Ledgers(string data)
    {
        using var connection = Open(Path.Combine(data, "muster.db"));
        return [.. Query(connection, "SELECT ledger FROM import_batch WHERE import_no = (SELECT max(no) FROM import WHERE kind = 0) ORDER BY batch_no", r => (byte[])r[0])];
    }

    /// <summary>Nothing is left of an import into an empty folder but its own record: no contact, no key, no field.</summary>
    /// <param name="undo">File with the undo as <c>--json</c> tells it.</param>
    public static void Undone(string data, string undo, Truth truth)
    {
        using (var told = JsonDocument.Parse(File.ReadAllText(undo)))
        {
            Same("status of the undo", told.RootElement.GetProperty("status").GetString(), "completed");
            var reversal = told.RootElement.GetProperty("reversal");
            Same("reversal.removed", reversal.GetProperty("removed").GetInt64(), truth.Good);
            Same("reversal.conflicts", reversal.GetProperty("conflicts").GetInt64(), 0);
        }
        using var connection = Open(Path.Combine(data, "muster.db"));
        Same("contacts after the undo", Scalar(connection, "SELECT count(*) FROM contact"), 0);
        Same("keys after the undo", Query(connection, "SELECT entries FROM contact_key_page UNION ALL SELECT entries FROM contact_key_recent", r => (long)KeyPage.CountOf((byte[])r[0])).Sum() + Scalar(connection, "SELECT count(*) FROM contact_key_collision"), 0);
        Same("fields after the undo", Scalar(connection, "SELECT count(*) FROM field"), 0);
    }

    /// <summary>A table of the nine columns in which every address is unique: of the anchor, which takes bad addresses too, or of a rival, which does not.</summary>
    public static void Table(string database, Truth truth, bool withInvalid)
    {
        using var connection = Open(database);
        Same("rows of the table", Scalar(connection, "SELECT count(*) FROM contact"), truth.Good + (withInvalid ? truth.Invalid : 0));
        Same("e-mail addresses of the table", Scalar(connection, "SELECT count(DISTINCT email) FROM contact WHERE email IS NOT NULL"), truth.Good + (withInvalid ? truth.Invalid : 0));
    }

    static void Same<T>(string what, T found, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(found, expected))
            throw new WrongResultException($"{what}: {found}; the file has {expected}.");
    }

    static string Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    static SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    static long Scalar(SqliteConnection connection, string sql) => Query(connection, sql, r => r.GetInt64(0)).Single();

    static IEnumerable<T> Query<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every statement is a literal of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return read(reader);
    }
}
