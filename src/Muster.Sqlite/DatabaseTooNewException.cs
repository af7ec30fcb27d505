namespace Muster.Sqlite;

/// <summary>The database was written by a later Muster. Nothing was read or changed.</summary>
/// <param name="found">Schema version of the database (<c>PRAGMA user_version</c>).</param>
/// <param name="known">Latest schema version that this program knows.</param>
public sealed class DatabaseTooNewException(int found, int known) : Exception(
    $"The database has schema version {found}, and this Muster knows versions up to {known}. Run the Muster that last used this data folder or a later one, or restore a backup that was made before the upgrade.")
{
    public int Found { get; } = found;

    public int Known { get; } = known;
}
