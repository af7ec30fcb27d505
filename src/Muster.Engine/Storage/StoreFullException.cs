namespace Muster.Storage;

/// <summary>The disk under the store is full. Nothing of the batch was written; the import waits at its checkpoint.</summary>
public sealed class StoreFullException() : IOException("The disk under the database is full.");
