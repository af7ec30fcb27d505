using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Merging;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs.Undo;

/// <summary>A store and the model beside it: every operation is done to both, and both are compared after it.</summary>
sealed class UndoScene : IDisposable
{
    public const int BatchRows = 3;
    static readonly CancellationToken None = CancellationToken.None;

    readonly Dictionary<int, int> realOf = [];
    readonly Dictionary<int, Guid> importOf = [];
    readonly ModelContacts model = new(BatchRows);
    readonly List<string> told = [];
    readonly List<string> hidden = [];

    static readonly Dictionary<string, string> Columns = new() { ["in"] = "lists", ["tag"] = "tags", ["out"] = "lists:remove", ["off"] = "tags:remove" };

    UndoScene(ImportScene scene) => Scene = scene;

    public ImportScene Scene { get; }

    /// <summary>How a store is reached by undos and redos: tests put faults in between.</summary>
    public Func<Task>? RunReversal { get; set; }

    /// <summary>What has been done, for a failing test's message.</summary>
    public string Told => string.Join('\n', told);

    public IReadOnlyList<int> Contacts => model.Ids;

    public ModelContacts Model => model;

    public static async Task<UndoScene> CreateAsync(OpenStores stores) => new(await ImportScene.EmptyAsync(stores, BatchRows));

    public void Dispose() => Scene.Dispose();

    public async Task<int> ImportAsync(ModelImport import)
    {
        told.Add($"import by {import.Match} list {import.List} tag {import.Tag}: {string.Join(" | ", import.Rows)}");
        var csv = new StringBuilder("email,phone,first_name,city,in,tag,out,off\n");
        foreach (var row in import.Rows)
            csv.AppendJoin(',', row.Email, row.Phone is null ? "" : "+" + row.Phone, row.FirstName, row.City, row.List, row.Tag, row.OutOfList, row.OffTag).Append('\n');
        var id = await Scene.AcceptAsync(csv.ToString(), new()
        {
            Mapping = Columns, Match = import.Match, Lists = import.List is null ? null : [import.List], Tags = import.Tag is null ? null : [import.Tag],
        });
        var before = await ContactStates.OfAsync(Scene);
        await Scene.RunPipelineAsync(Scene.Stores.Contacts);
        var op = model.Import(import);
        importOf[op] = id;
        await CompareAsync();
        await ContactStates.AssertToldAsync(Scene, id, before, Told);
        return op;
    }

    public async Task PatchAsync(int contact, string field, string? value)
    {
        told.Add($"patch {contact} {field}={value}");
        var writer = new ContactWriter(Scene.Settings, Scene.Stores.Imports, Scene.Stores.Contacts, TimeProvider.System);
        var fields = new Dictionary<string, string?> { [field == "city" ? "field:city" : field] = field == "phone" && value is not null ? "+" + value : value };
        Assert.IsType<ContactWriteResult.Written>(await writer.PatchAsync(Scene.Account, realOf[contact], new(fields), None));
        model.Patch(contact, field, value);
        await CompareAsync();
    }

    public async Task JoinAsync(int contact, string list)
    {
        told.Add($"join {contact} {list}");
        var writer = new ContactWriter(Scene.Settings, Scene.Stores.Imports, Scene.Stores.Contacts, TimeProvider.System);
        Assert.IsType<ContactWriteResult.Written>(await writer.PatchAsync(Scene.Account, realOf[contact], new(new Dictionary<string, string?>(), [list]), None));
        model.Join(contact, list);
        await CompareAsync();
    }

    public async Task TakeOutAsync(int contact, string list)
    {
        told.Add($"take out {contact} {list}");
        if (await ListIdAsync(list) is { } id)
            await Scene.Stores.Contacts.RemoveMembersAsync(Scene.Account.Id, id, [realOf[contact]], None);
        model.TakeOut(contact, list);
        await CompareAsync();
    }

    public async Task LeaveAsync(int contact, string list)
    {
        told.Add($"leave {contact} {list}");
        if (await ListIdAsync(list) is { } id)
            await Scene.Stores.Contacts.LeaveListAsync(Scene.Account.Id, id, realOf[contact], None);
        model.Leave(contact, list);
        await CompareAsync();
    }

    async Task<int?> ListIdAsync(string name) => (await Scene.Stores.Contacts.ListsAsync(Scene.Account.Id, None)).FirstOrDefault(l => l.Name == name)?.Id;

    public async Task DeleteAsync(int contact)
    {
        told.Add($"delete {contact}");
        Assert.True(await Scene.Stores.Contacts.DeleteAsync(Scene.Account.Id, realOf[contact], None));
        model.Delete(contact);
        await CompareAsync();
    }

    public async Task<Import> UndoAsync(int op, bool force = false)
    {
        told.Add($"undo {op}{(force ? " by force" : "")}");
        var preview = Assert.IsType<ReversalResult.Previewed>(await Reversal().UndoAsync(Scene.Account.Id, importOf[op], new(force), preview: true, None)).Preview;
        var undo = Assert.IsType<ReversalResult.Accepted>(await Reversal().UndoAsync(Scene.Account.Id, importOf[op], new(force), preview: false, None)).Import;
        undo = await RunToEndAsync(undo.Id, () => model.Undo(op, force));
        Assert.Equal((preview.Counts, preview.Removed, preview.Conflicts), (undo.Counts, undo.Removed, undo.Counts.Warnings));
        var undone = await Scene.ImportAsync(importOf[op]);
        Assert.Equal((ImportStatus.Undone, undo.Id), (undone.Status, undone.UndoneBy));
        await CompareAsync();
        return undo;
    }

    public async Task<Import> RedoAsync(int op, bool force = false)
    {
        told.Add($"redo {op}{(force ? " by force" : "")}");
        var redo = Assert.IsType<ReversalResult.Accepted>(await Reversal().RedoAsync(Scene.Account.Id, importOf[op], new(force), preview: false, None)).Import;
        redo = await RunToEndAsync(redo.Id, () => model.Redo(op, force));
        var again = await Scene.ImportAsync(importOf[op]);
        Assert.Equal((ImportStatus.Completed, null), (again.Status, again.UndoneBy));
        await CompareAsync();
        return redo;
    }

    public void Tell(string what) => told.Add(what);

    public Guid IdOf(int op) => importOf[op];

    public int RealOf(int contact) => realOf[contact];

    public ImportReversal Reversal() => new(Scene.Settings, Scene.Stores.Imports, Scene.Stores.Contacts, new(), TimeProvider.System);

    /// <summary>Runs an undo or redo, and holds what it says of itself against the model.</summary>
    async Task<Import> RunToEndAsync(Guid id, Func<ModelReversal> expect)
    {
        var before = await ContactStates.OfAsync(Scene);
        await RunAsync();
        var expected = expect();
        var reversal = await Scene.ImportAsync(id);
        await ContactStates.AssertToldAsync(Scene, id, before, Told, hidden);
        Assert.Equal(ImportStatus.Completed, reversal.Status);
        AssertCounts(expected, reversal);
        return reversal;
    }

    Task RunAsync() => RunReversal is { } run ? run() : Scene.RunPipelineAsync(Scene.Stores.Contacts);

    void AssertCounts(ModelReversal expected, Import actual)
    {
        var counts = actual.Counts;
        var found = new ModelReversal
        {
            Removed = (int)actual.Removed, Restored = (int)counts.Created, Changed = (int)(counts.Updated - actual.Removed), Kept = (int)counts.Skipped, Conflicts = (int)counts.Warnings,
        };
        Assert.True(expected.ToString() == found.ToString(), $"expected {expected}\nfound    {found}\n{Told}");
    }

    /// <summary>The store holds what the model holds.</summary>
    public async Task CompareAsync()
    {
        var found = await Scene.ContactsAsync();
        var taken = realOf.Values.ToHashSet();
        foreach (var (id, real) in model.Ids.Where(id => !realOf.ContainsKey(id)).Zip(found.Where(c => !taken.Contains(c.Id))))
            realOf[id] = real.Id;
        var text = new StringBuilder();
        foreach (var c in found)
            text.Append(Text(c)).Append('\n');
        var names = (await Scene.Stores.Contacts.ListsAsync(Scene.Account.Id, None)).Select(l => "l:" + l.Name)
            .Concat((await Scene.Stores.Contacts.TagsAsync(Scene.Account.Id, None)).Select(t => "t:" + t.Name))
            .Concat((await Scene.Stores.Contacts.FieldsAsync(Scene.Account.Id, None)).Select(f => "f:" + f.Name));
        text.AppendJoin(' ', names.Order(StringComparer.Ordinal));
        var expected = model.Text();
        Assert.True(expected == text.ToString(), $"expected\n{expected}\nfound\n{text}\nafter\n{Told}");
    }

    static string Text(Contact c)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("phone", c.Phone?.ToString(CultureInfo.InvariantCulture));
        Add("email", c.Email);
        Add("first_name", c.FirstName);
        foreach (var (name, value) in c.Fields)
            Add(name, (string)value);
        return $"{string.Join(' ', fields.Select(f => $"{f.Key}={f.Value}"))} [{string.Join(',', c.Lists.Order(StringComparer.Ordinal))}] [{string.Join(',', c.Tags.Order(StringComparer.Ordinal))}]";

        void Add(string name, string? value)
        {
            if (value is not null)
                fields[name] = value;
        }
    }
}
