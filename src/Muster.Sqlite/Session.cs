using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muster.Sqlite;

/// <summary>One connection with the statements it has prepared. Not safe for two threads at once.</summary>
/// <remarks>Parameters are numbered: <c>?1</c> is the first value. A statement is prepared once and kept, so SQL texts must be constants.</remarks>
sealed class Session : IDisposable
{
    readonly Dictionary<string, SqliteCommand> commands = [];

    public Session(string connectionString)
    {
        Connection = new(connectionString);
        Connection.Open();
    }

    public SqliteConnection Connection { get; }

    /// <summary>Runs statements once, without keeping them.</summary>
    public void Run(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Returns the number of rows that an INSERT, UPDATE or DELETE changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>The rows of a statement. It has run to its end when this returns.</summary>
    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        using var reader = Bind(sql, values).ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>The first row, or default when there is none.</summary>
    public T? One<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = All(sql, read, values);
        return rows.Count == 0 ? default : rows[0];
    }

    /// <summary>The first column of the first row as an integer, or null when there is no row or it is NULL.</summary>
    public long? Number(string sql, params ReadOnlySpan<object?> values) =>
        One<long?>(sql, static r => r.IsDBNull(0) ? null : r.GetInt64(0), values);

    /// <summary>Runs <paramref name="work"/> in one transaction that may write: committed when it returns, rolled back when it throws.</summary>
    public T Write<T>(Func<Session, T> work)
    {
        Execute("BEGIN IMMEDIATE");
        return Transaction(work);
    }

    /// <summary>Runs <paramref name="work"/> on one snapshot of the database.</summary>
    public T Read<T>(Func<Session, T> work)
    {
        Execute("BEGIN");
        return Transaction(work);
    }

    T Transaction<T>(Func<Session, T> work)
    {
        var committed = false;
        try
        {
            var result = work(this);
            Execute("COMMIT");
            committed = true;
            return result;
        }
        finally
        {
            // Some errors (a full disk, say) roll back by themselves; a second ROLLBACK would hide them behind its own.
            if (!committed && raw.sqlite3_get_autocommit(Connection.Handle) == 0)
                Execute("ROLLBACK");
        }
    }

    SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"?{i}" });
            commands.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    public void Dispose()
    {
        foreach (var command in commands.Values)
            command.Dispose();
        Connection.Dispose();
    }
}

static class ReaderExtensions
{
    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? Number(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Stored times are milliseconds since 1970-01-01 UTC.</summary>
    public static DateTimeOffset Time(this SqliteDataReader reader, int column) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Time(column);

    /// <summary>Ids of imports are stored as 16 bytes in the order of their text, so that they sort by time.</summary>
    public static Guid Id(this SqliteDataReader reader, int column) => new(reader.GetFieldValue<byte[]>(column), bigEndian: true);

    public static Guid? IdOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Id(column);

    public static byte[] ToBlob(this Guid id) => id.ToByteArray(bigEndian: true);
}
