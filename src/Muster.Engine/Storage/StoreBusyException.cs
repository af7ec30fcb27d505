namespace Muster.Storage;

/// <summary>Another process holds the database for longer than the store waits. Nothing was written; the same call may succeed later.</summary>
public sealed class StoreBusyException() : IOException("Another process holds the database.");
