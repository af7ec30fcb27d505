using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Muster.Storage;
using SQLitePCL;

namespace Muster.Sqlite;

/// <summary>The database file of a data folder: its schema, its one gate for writing, its connections.</summary>
/// <remarks>
/// WAL, 16 KiB pages. Short writes go over one connection with <c>synchronous=FULL</c>: they are on the disk when their call returns.
/// Reads go over pooled connections and wait for nobody.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    const int CheckpointPages = 4_000;
    const int JournalBytesMax = 64 << 20;
    const int IdleReadersMax = 8;

    readonly string connectionString;
    readonly ConcurrentBag<Session> idleReaders = [];
    readonly Session writer;
    volatile bool disposed;

    SqliteDatabase(string file, string connectionString, Session writer, byte[] keySeed, int busySeconds)
    {
        File = file;
        BusySeconds = busySeconds;
        this.connectionString = connectionString;
        this.writer = writer;
        KeySeed = keySeed;
    }

    public string File { get; }

    /// <summary>How long a statement waits while another process holds the database.</summary>
    internal int BusySeconds { get; }

    /// <summary>Every write of the process, bulk writes included, holds this gate.</summary>
    public WriteGate Gate { get; } = new();

    /// <summary>16 random bytes, drawn when the database was made: the root of all accounts' key hashes.</summary>
    internal byte[] KeySeed { get; }

    /// <summary>Opens the database, makes it when missing, and brings its schema up to date.</summary>
    /// <exception cref="DatabaseTooNewException">A later Muster wrote it.</exception>
    /// <exception cref="IOException">The file is damaged, may not be written, or is held by another process; the message names the remedy.</exception>
    public static SqliteDatabase Open(MusterSettings settings)
    {
        try
        {
            return OpenOrMake(settings);
        }
        catch (SqliteException e)
        {
            throw new IOException(
                e.SqliteErrorCode switch
                {
                    raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => "The database file muster.db is damaged, or is none. Restore a backup in its place.",
                    raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
                        "The database file muster.db cannot be opened for writing. Check who may write to it, its folder and its -wal and -shm files.",
                    raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another process holds the database file muster.db. Try again when it has finished.",
                    raw.SQLITE_FULL => "The disk under the database is full.",
                    raw.SQLITE_IOERR => $"The disk under the database is full, or cannot be read or written (SQLite error {e.SqliteExtendedErrorCode}). Free some space, or check the disk.",
                    _ => $"The database file muster.db cannot be opened (SQLite error {e.SqliteExtendedErrorCode}).",
                },
                e);
        }
    }

    static SqliteDatabase OpenOrMake(MusterSettings settings)
    {
        Directory.CreateDirectory(settings.Data);
        var file = Path.GetFullPath(settings.DatabaseFile);
        // DefaultTimeout: seconds for which Microsoft.Data.Sqlite itself repeats a statement that found the database locked by another process.
        var connectTo = new SqliteConnectionStringBuilder
        {
            DataSource = file, Pooling = false, ForeignKeys = true, DefaultTimeout = settings.StoreBusySeconds,
        }.ToString();
        var session = new Session(connectTo);
        try
        {
            session.Run($"PRAGMA busy_timeout = {settings.StoreBusySeconds * 1_000}");
            Migrations.Refuse(Migrations.VersionOf(session));
            // The page size can be chosen only before the first page is written.
            session.Run("PRAGMA page_size = 16384");
            session.Run("PRAGMA journal_mode = WAL");
            // What is deleted or replaced over this connection is overwritten with zeros: erased contacts leave nothing in free pages.
            session.Run("PRAGMA secure_delete = ON");
            session.Run($"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {CheckpointPages}; PRAGMA journal_size_limit = {JournalBytesMax}; PRAGMA cache_size = -8192");
            Migrations.Apply(session);
            return new(file, connectTo, session, SeedOf(session), settings.StoreBusySeconds);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Writes a consistent copy of the database while it serves, and puts it on the disk. The spool is not part of it.</summary>
    /// <exception cref="IOException">The file is there already, or cannot be written. Nothing is left behind.</exception>
    public Task BackupAsync(string file, CancellationToken cancellationToken) => Task.Run(() => Backup(Path.GetFullPath(file), cancellationToken), cancellationToken);

    /// <summary>Runs a short transaction behind the gate. When this returns, it is on the disk.</summary>
    /// <exception cref="StoreFullException">The disk is full. Nothing was written.</exception>
    /// <exception cref="StoreBusyException">Another process holds the database. Nothing was written.</exception>
    internal async Task<T> WriteAsync<T>(Func<Session, T> work, CancellationToken cancellationToken)
    {
        using var entered = await Gate.EnterAsync(cancellationToken);
        ObjectDisposedException.ThrowIf(disposed, this);
        try
        {
            return writer.Write(work);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_FULL)
        {
            throw new StoreFullException();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_BUSY)
        {
            throw new StoreBusyException();
        }
    }

    /// <summary>Runs queries on one snapshot.</summary>
    /// <remarks>Synchronous, as SQLite is; the task only fits the stores' interfaces.</remarks>
    internal Task<T> ReadAsync<T>(Func<Session, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!idleReaders.TryTake(out var session))
            session = OpenReader();
        try
        {
            return Task.FromResult(session.Read(work));
        }
        catch (SqliteException)
        {
            session.Dispose();
            session = null;
            throw;
        }
        finally
        {
            if (session is not null)
                Return(session);
        }
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        while (idleReaders.TryTake(out var session))
            session.Dispose();
        // Last, so that closing it moves the journal's pages into the database.
        writer.Dispose();
    }

    Session OpenReader()
    {
        var session = new Session(connectionString);
        session.Run($"PRAGMA busy_timeout = {BusySeconds * 1_000}; PRAGMA query_only = 1; PRAGMA cache_size = -4096");
        session.Connection.CreateFunction<string?, string, bool>(
            "text_contains", static (text, part) => text is not null && text.Contains(part, StringComparison.OrdinalIgnoreCase), isDeterministic: true);
        return session;
    }

    void Return(Session session)
    {
        if (disposed || idleReaders.Count >= IdleReadersMax)
            session.Dispose();
        else
            idleReaders.Add(session);
    }

    void Backup(string file, CancellationToken cancellationToken)
    {
        if (Path.Exists(file))
            throw new IOException("The backup's file is there already. Name another one, or remove it.");
        if (!Directory.Exists(Path.GetDirectoryName(file)))
            throw new IOException("The backup's folder does not exist. Make it, or name another one.");
        var unfinished = $"{file}.{Guid.CreateVersion7():N}.part";
        try
        {
            using (var session = new Session(connectionString))
            {
                var handle = session.Connection.Handle!; // open until the end of this block
                using var registration = cancellationToken.Register(() => raw.sqlite3_interrupt(handle));
                try
                {
                    session.Execute("VACUUM INTO ?1", unfinished);
                }
                catch (SqliteException) when (cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancellationToken);
                }
                catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_CANTOPEN or raw.SQLITE_FULL or raw.SQLITE_IOERR)
                {
                    throw new IOException("The backup cannot be written. Check that its folder may be written to and has room.", e);
                }
            }
            // VACUUM INTO leaves its file in the operating system's cache.
            using (var copy = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                copy.Flush(flushToDisk: true);
            System.IO.File.Move(unfinished, file, overwrite: false);
        }
        catch
        {
            System.IO.File.Delete(unfinished);
            throw;
        }
    }

    static byte[] SeedOf(Session session) => session.Write(static s =>
    {
        s.Execute("INSERT OR IGNORE INTO meta (name, value) VALUES ('key_seed', ?1)", RandomNumberGenerator.GetBytes(16));
        return s.One("SELECT value FROM meta WHERE name = 'key_seed'", static r => r.GetFieldValue<byte[]>(0))!; // just made when it was missing
    });
}
