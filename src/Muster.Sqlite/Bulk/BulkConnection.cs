using System.Runtime.InteropServices;
using System.Text;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>SQLite refused an operation as a whole: I/O error, damage. Errors of single rows are handled where they occur.</summary>
public sealed class SqliteBulkException(int code, string message) : IOException($"SQLite error {code}: {message}")
{
    /// <summary>Extended result code, https://sqlite.org/rescode.html.</summary>
    public int Code { get; } = code;
}

/// <summary>A connection of the bulk writer's own, without a mutex: one thread at a time.</summary>
sealed unsafe class BulkConnection : IDisposable
{
    readonly List<BulkStatement> statements = [];
    nint handle;
    bool durable = true;

    /// <param name="busySeconds">How long a statement waits while another process holds the database.</param>
    /// <param name="readOnly">Whatever a statement says, nothing is written.</param>
    public BulkConnection(string file, long cacheBytes, int busySeconds, bool readOnly = false)
    {
        var result = NativeSqlite.Open(file, out handle, NativeSqlite.OpenReadWrite | NativeSqlite.OpenNoMutex, 0);
        if (result != NativeSqlite.Ok)
        {
            var failure = Failure();
            _ = NativeSqlite.Close(handle);
            throw failure;
        }
        _ = NativeSqlite.BusyTimeout(handle, busySeconds * 1_000);
        Execute($"PRAGMA cache_size = -{cacheBytes >> 10}; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 16000; PRAGMA foreign_keys = OFF");
        if (readOnly)
            Execute("PRAGMA query_only = ON");
    }

    public nint Handle => handle;

    public void Execute(string sql)
    {
        if (NativeSqlite.Execute(handle, sql, 0, 0, 0) != NativeSqlite.Ok)
            throw Failure();
    }

    public BulkStatement Prepare(string sql)
    {
        var utf8 = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = utf8)
        {
            if (NativeSqlite.Prepare(handle, text, utf8.Length, NativeSqlite.PreparePersistent, out var statement, 0) != NativeSqlite.Ok)
                throw Failure();
            var prepared = new BulkStatement(this, statement);
            statements.Add(prepared);
            return prepared;
        }
    }

    /// <summary>Ends every statement that an error has left in the middle: a bind to one that still runs is ignored, and it would go on with the values it has.</summary>
    public void ResetAll()
    {
        foreach (var statement in statements)
            statement.Reset();
    }

    /// <summary>Whether the next commits are on the disk when they return.</summary>
    public void CommitDurably(bool wanted)
    {
        if (durable == wanted)
            return;
        Execute(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        durable = wanted;
    }

    /// <summary>Since it was opened.</summary>
    public long PagesWritten
    {
        get
        {
            _ = NativeSqlite.DatabaseStatus(handle, NativeSqlite.StatusCacheWrites, out var pages, out _, reset: 0);
            return (uint)pages;
        }
    }

    public int Changes => NativeSqlite.Changes(handle);

    public IOException Failure()
    {
        var code = NativeSqlite.ExtendedErrorCode(handle);
        return (code & 0xFF) switch
        {
            NativeSqlite.Full => new StoreFullException(),
            NativeSqlite.Busy => new StoreBusyException(),
            _ => new SqliteBulkException(code, Marshal.PtrToStringUTF8(NativeSqlite.ErrorMessage(handle)) ?? "unknown"),
        };
    }

    public void Dispose()
    {
        foreach (var statement in statements)
            statement.Dispose();
        statements.Clear();
        if (handle != 0)
            _ = NativeSqlite.Close(handle);
        handle = 0;
    }
}

/// <summary>A prepared statement. Text is bound in place: its buffer must be pinned from the bind until the next <see cref="Reset"/>.</summary>
sealed unsafe class BulkStatement(BulkConnection connection, nint handle) : IDisposable
{
    public void Bind(int index, long value) => NativeSqlite.BindInt64(handle, index, value);

    public void BindNull(int index) => NativeSqlite.BindNull(handle, index);

    /// <summary>0 is bound as NULL: no phone, no import.</summary>
    public void BindNonZero(int index, long value)
    {
        if (value == 0)
            NativeSqlite.BindNull(handle, index);
        else
            NativeSqlite.BindInt64(handle, index, value);
    }

    public void BindText(int index, byte* pinned, int length)
    {
        if (length <= 0)
            NativeSqlite.BindNull(handle, index);
        else
            NativeSqlite.BindText(handle, index, pinned, length, 0);
    }

    public void BindBlob(int index, byte* pinned, int length) => NativeSqlite.BindBlob(handle, index, pinned, length, 0);

    /// <summary>Steps once: true on a row. Throws on any error.</summary>
    public bool Step()
    {
        var result = NativeSqlite.Step(handle);
        if (result is NativeSqlite.Row or NativeSqlite.Done)
            return result == NativeSqlite.Row;
        var failure = connection.Failure();
        _ = NativeSqlite.Reset(handle);
        throw failure;
    }

    /// <summary>Runs a write to its end. False when the database refuses this row's data (constraint, size, type); any other error throws.</summary>
    public bool TryRun()
    {
        var result = NativeSqlite.Step(handle);
        if (result == NativeSqlite.Done)
        {
            _ = NativeSqlite.Reset(handle);
            return true;
        }
        var failure = connection.Failure();
        _ = NativeSqlite.Reset(handle);
        return (result & 0xFF) is NativeSqlite.Constraint or NativeSqlite.TooBig or NativeSqlite.Mismatch ? false : throw failure;
    }

    /// <summary>Runs a write to its end. Any error throws.</summary>
    public void Run()
    {
        if (NativeSqlite.Step(handle) != NativeSqlite.Done)
        {
            var failure = connection.Failure();
            _ = NativeSqlite.Reset(handle);
            throw failure;
        }
        _ = NativeSqlite.Reset(handle);
    }

    public void Reset() => _ = NativeSqlite.Reset(handle);

    public long Int64(int column) => NativeSqlite.ColumnInt64(handle, column);

    /// <summary>UTF-8, valid until the next step or reset. Empty for NULL.</summary>
    /// <remarks>As a blob, since SQLite copies what it gives out as text, to end it with a zero.</remarks>
    public ReadOnlySpan<byte> Text(int column) => Blob(column);

    public ReadOnlySpan<byte> Blob(int column)
    {
        var blob = NativeSqlite.ColumnBlob(handle, column);
        return blob is null ? [] : new(blob, NativeSqlite.ColumnBytes(handle, column));
    }

    public void Dispose() => _ = NativeSqlite.Finalize(handle);
}
