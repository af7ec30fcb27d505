using Microsoft.Data.Sqlite;

namespace Muster.Load.Measuring;

/// <summary>A table of ledgers alone, in a database of its own, with the settings of the bulk writer.</summary>
sealed class LedgerTable : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("muster-ledger-").FullName;
    readonly SqliteConnection connection;
    readonly SqliteCommand insert;
    int batch;

    public LedgerTable()
    {
        connection = new($"Data Source={Path.Combine(folder, "ledger.db")};Pooling=False");
        connection.Open();
        using (var begin = connection.CreateCommand())
        {
            begin.CommandText = """
                PRAGMA page_size = 16384;
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                CREATE TABLE import_batch (import_no INTEGER NOT NULL, batch_no INTEGER NOT NULL, ledger BLOB NOT NULL, PRIMARY KEY (import_no, batch_no)) STRICT;
                """;
            begin.ExecuteNonQuery();
        }
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO import_batch VALUES (1, $batch, $ledger)";
        insert.Parameters.Add("$batch", SqliteType.Integer);
        insert.Parameters.Add("$ledger", SqliteType.Blob);
    }

    /// <summary>One transaction.</summary>
    public void Write(byte[] ledger)
    {
        insert.Parameters[0].Value = batch++;
        insert.Parameters[1].Value = ledger;
        insert.ExecuteNonQuery();
    }

    public void Dispose()
    {
        insert.Dispose();
        connection.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
