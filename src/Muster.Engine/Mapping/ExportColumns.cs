namespace Muster.Mapping;

/// <summary>The columns of Muster's own export of contacts: these, then the custom fields, then the times.</summary>
public static class ExportColumns
{
    public static readonly IReadOnlyList<string> Before = ["id", "phone", "email", "external_id", "first_name", "last_name", "company", "status", "lists", "tags"];
    public static readonly IReadOnlyList<string> After = ["created_at", "updated_at"];

    /// <summary>Whether a source with these columns is such an export.</summary>
    public static bool AreThese(IReadOnlyList<string> columns) =>
        columns.Count >= Before.Count + After.Count && columns.Take(Before.Count).SequenceEqual(Before) && columns.Skip(columns.Count - After.Count).SequenceEqual(After);
}
