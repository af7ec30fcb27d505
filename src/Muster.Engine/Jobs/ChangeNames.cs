using System.Globalization;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>The names of fields, lists and tags as an import's changes tell them: as they are now, else as the undo knew them that took them away, else as the import knew them.</summary>
sealed class ChangeNames
{
    readonly Dictionary<int, string> lists = [];
    readonly Dictionary<int, string> tags = [];

    ChangeNames() { }

    public Dictionary<int, string> Fields { get; } = [];

    public string List(int id) => lists.GetValueOrDefault(id, Gone(id));

    public string Tag(int id) => tags.GetValueOrDefault(id, Gone(id));

    /// <param name="told">The import whose changes are told.</param>
    /// <param name="import">The import that read a source: of an undo or redo, the one that it turns round in the end.</param>
    public static async Task<ChangeNames> ReadAsync(Import told, Import import, IImportStore imports, IContactStore contacts, CancellationToken cancellationToken)
    {
        var names = new ChangeNames();
        var options = import.Options;
        if (import.Kind == ImportKind.Plan)
        {
            // What a plan would make has a number by its place: see ImportPlan.
            Planned(names.lists, options.Lists, options.ListIds?.Count ?? 0);
            Planned(names.tags, options.Tags, 0);
        }
        else
        {
            Made(names.lists, options.Lists, options.ListIds);
            Made(names.tags, options.Tags, options.TagIds);
        }
        foreach (var field in options.Fields ?? [])
            names.Fields[field.Id] = field.Name;
        if (import.UndoneBy is { } undoneBy && await imports.GetAsync(import.AccountId, undoneBy, cancellationToken) is { } undo)
            await names.TakenAwayAsync(undo, imports, cancellationToken);
        await names.TakenAwayAsync(told, imports, cancellationToken);
        foreach (var list in await contacts.ListsAsync(import.AccountId, cancellationToken))
            names.lists[list.Id] = list.Name;
        foreach (var tag in await contacts.TagsAsync(import.AccountId, cancellationToken))
            names.tags[tag.Id] = tag.Name;
        foreach (var field in await contacts.FieldsAsync(import.AccountId, cancellationToken))
            names.Fields[field.Id] = field.Name;
        return names;
    }

    /// <summary>What an undo took away because nothing was left in it: its last batch tells.</summary>
    async Task TakenAwayAsync(Import undo, IImportStore imports, CancellationToken cancellationToken)
    {
        if (undo.Kind != ImportKind.Undo || undo.NextBatch == 0 || await imports.BatchAsync(undo.AccountId, undo.Id, undo.NextBatch - 1, cancellationToken) is not { } last)
            return;
        foreach (var name in Ledger.Decode(last.Ledger).Revert?.Names ?? [])
            (name.Kind switch { NameKind.List => lists, NameKind.Tag => tags, _ => Fields })[name.Id] = name.Name;
    }

    /// <summary>What the rows of a plan's batch would make.</summary>
    public void Take(IReadOnlyList<PlannedName> planned)
    {
        foreach (var name in planned)
            (name.Kind == NameKind.List ? lists : tags)[name.Id] = name.Name;
    }

    static void Planned(Dictionary<int, string> names, IReadOnlyList<string>? named, int before)
    {
        for (var i = 0; i < named?.Count; i++)
            names[ImportPlan.PlannedIds + before + i] = named[i].Trim();
    }

    /// <summary>The last of an import's ids are those of its names, in their order.</summary>
    static void Made(Dictionary<int, string> names, IReadOnlyList<string>? named, IReadOnlyList<int>? ids)
    {
        if (named is null || ids is null || ids.Count < named.Count)
            return;
        for (var i = 0; i < named.Count; i++)
            names[ids[ids.Count - named.Count + i]] = named[i].Trim();
    }

    static string Gone(int id) => "#" + id.ToString(CultureInfo.InvariantCulture);
}
