using Muster.Contacts;

namespace Muster.Sqlite.Bulk;

/// <summary>A row gives a key back (the change that says so), or claims one.</summary>
readonly record struct KeyMove(long Key, int Row, KeyKind Kind, int Change)
{
    /// <summary>Stands for no change, and after all changes of its row.</summary>
    public const int Claim = int.MaxValue;

    public static int Compare(KeyMove a, KeyMove b) => (a.Key, a.Row, a.Change).CompareTo((b.Key, b.Row, b.Change));
}
