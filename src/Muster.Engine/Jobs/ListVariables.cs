using Muster.Contacts;
using Muster.Mapping;

namespace Muster.Jobs;

/// <summary>Columns that go to the variables of dynamic lists (<c>variable:NAME</c>): what a mapping must keep to.</summary>
/// <remarks>Variables are written when a contact joins a list and never change afterwards, so that taking the import back is taking the membership back.</remarks>
static class ListVariables
{
    /// <summary>Why the variables cannot be kept, or null.</summary>
    public static IntakeResult.Refused? Refuse(ColumnMap map, ImportOptions options, IReadOnlyList<ContactList> lists)
    {
        var names = map.Columns.Where(c => c.Target.Kind == TargetKind.Variable).Select(c => c.Target.Name!).ToList(); // a variable has a name
        if (names.Count == 0)
            return null;
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return ImportChoices.Refused("mapping", $"mapping sends two columns to variable:{twice.Key}.");
        if (options.OnListMember != "skip")
            return ImportChoices.Refused("on_list_member", "A list's variables are written when a contact joins the list. Set on_list_member to skip, so that members keep theirs.");
        var wanted = lists.Where(l => options.ListIds?.Contains(l.Id) == true).ToList();
        if (wanted.Count == 0 || options.Lists is { Count: > 0 } || wanted.Exists(l => l.Kind != ListKinds.Dynamic))
            return ImportChoices.Refused("list_ids", "mapping names variables, which dynamic lists alone keep. Make a list of kind dynamic and name it in list_ids, and no other.");
        foreach (var list in wanted)
        {
            if (names.Find(n => !list.Variables.Contains(n, StringComparer.OrdinalIgnoreCase)) is { } unknown)
                return ImportChoices.Refused("mapping", $"mapping names variable:{unknown}, which list {list.Id} does not have. Add it to the list's variables first.");
        }
        return null;
    }
}
