using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;
using Muster.Sources;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Lists with a limit, lists whose members are left alone, and what dynamic lists keep of their members.</summary>
public abstract class ListImportContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1_000)]
    [InlineData(3)]
    [InlineData(1)]
    public async Task Rows_beyond_a_lists_limit_are_rejected_and_the_rest_goes_in(int batchRows)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("Full", MembersMax: 5));
        await RunAsync(scene, "email\na@x.test\nb@x.test\n", new() { ListIds = [list] }, batchRows);
        // Of four strangers three fit; a member, a broken row and a repeat take no room.
        var import = await RunAsync(scene, "email,first_name\nc@x.test,C\nb@x.test,B\nnone,N\nd@x.test,D\nc@x.test,C\ne@x.test,E\nf@x.test,F\nF@x.test,G\na@x.test,A\n", new() { ListIds = [list] }, batchRows);
        Assert.Equal((ImportStatus.Completed, 3, 2, 1, 3), (import.Status, import.Counts.Created, import.Counts.Updated, import.Counts.Duplicate, import.Counts.Rejected));
        Assert.Equal([(4L, ErrorCode.InvalidEmail), (8L, ErrorCode.ListFull), (9L, ErrorCode.ListFull)], await ErrorsAsync(scene, import.Id));
        Assert.Equal(5, (await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None)).Single().Members);
        Assert.DoesNotContain(await scene.ContactsAsync(), c => c.Email == "f@x.test");
    }

    [Theory]
    [InlineData(null, 5L)]
    [InlineData(5L, null)]
    [InlineData(5L, 9L)]
    [InlineData(9L, 5L)]
    public async Task An_imports_own_limit_of_members_holds_beside_the_lists(long? ofTheList, long? ofTheImport)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("Full", MembersMax: ofTheList));
        await RunAsync(scene, "email\na@x.test\nb@x.test\n", new() { ListIds = [list] });
        var import = await RunAsync(scene, "email\nb@x.test\nc@x.test\nd@x.test\ne@x.test\nf@x.test\ng@x.test\n", new() { ListIds = [list], ListMembersMax = ofTheImport }, batchRows: 2);
        Assert.Equal((3, 2), (import.Counts.Created, import.Counts.Rejected));
        Assert.Equal([(6L, ErrorCode.ListFull), (7L, ErrorCode.ListFull)], await ErrorsAsync(scene, import.Id));
        Assert.Equal(5, (await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None)).Single().Members);
    }

    [Fact]
    public async Task A_raised_limit_takes_the_rejected_rows()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("Full", MembersMax: 1));
        const string Csv = "email\na@x.test\nb@x.test\n";
        Assert.Equal(1, (await RunAsync(scene, Csv, new() { ListIds = [list] })).Counts.Rejected);
        Assert.True(await scene.Stores.Contacts.ChangeListAsync(scene.Account.Id, list, new(MembersMax: 2), None));
        Assert.Equal((1, 1, 0), Of((await RunAsync(scene, Csv, new() { ListIds = [list] })).Counts));
        Assert.True(await scene.Stores.Contacts.ChangeListAsync(scene.Account.Id, list, new(MembersMax: 0), None));
        Assert.Null((await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None)).Single().MembersMax);

        static (long, long, long) Of(ImportCounts c) => (c.Created, c.Unchanged, c.Rejected);
    }

    [Fact]
    public async Task Members_can_be_left_alone_and_strangers_are_linked()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("L"));
        await RunAsync(scene, "email,first_name\na@x.test,Ann\n", new() { ListIds = [list] });
        await RunAsync(scene, "email,first_name\nb@x.test,Bo\n", new());
        var import = await RunAsync(scene, "email,first_name\na@x.test,Other\nb@x.test,Bo\nc@x.test,Cy\na@x.test,Third\n", new() { ListIds = [list], OnListMember = "skip" });
        Assert.Equal((1, 1, 2, 4), (import.Counts.Created, import.Counts.Updated, import.Counts.Duplicate, import.Counts.Read));
        Assert.Equal("Ann", (await scene.ContactsAsync()).Single(c => c.Email == "a@x.test").FirstName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Any_cut_into_batches_fills_a_list_alike(int seed)
    {
        using var few = await ImportScene.EmptyAsync(Open());
        using var many = await ImportScene.EmptyAsync(Open());
        var random = new Random(seed);
        var options = new ImportOptions { ListIds = [await ListAsync(few, new("L", MembersMax: 25))], OnListMember = seed == 1 ? "skip" : null };
        Assert.Equal(options.ListIds[0], await ListAsync(many, new("L", MembersMax: 25)));
        for (var round = 0; round < 4; round++)
        {
            var csv = new StringBuilder("email,first_name\n");
            for (var row = 0; row < 30; row++)
                csv.Append(CultureInfo.InvariantCulture, $"{(random.Next(12) == 0 ? "no" : $"a{random.Next(40)}@x.test")},N{random.Next(3)}\n");
            var (a, b) = (await RunAsync(few, csv.ToString(), options), await RunAsync(many, csv.ToString(), options, batchRows: 1 + random.Next(4)));
            Assert.Equal(a.Counts, b.Counts);
            Assert.Equal(await ErrorsAsync(few, a.Id), await ErrorsAsync(many, b.Id));
            Assert.InRange((await few.Stores.Contacts.ListsAsync(few.Account.Id, None)).Single().Members, 0, 25);
        }
    }

    [Fact]
    public async Task A_dynamic_list_keeps_variables_of_each_member()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("D", Kind: ListKinds.Dynamic, Variables: ["code", "Größe"]));
        var options = new ImportOptions { ListIds = [list], OnListMember = "skip", Mapping = new Dictionary<string, string> { ["c1"] = "variable:code", ["c2"] = "variable:größe" } };
        await RunAsync(scene, "email,c1,c2\na@x.test,\"say \"\"hi\"\"\nthere\",Ünï\nb@x.test,,XL\nc@x.test,,\n", options);
        await RunAsync(scene, "email,c1,c2\na@x.test,changed,\n", options);
        var members = await scene.Stores.Contacts.MembersAsync(scene.Account.Id, list, 0, 10, None);
        Assert.Equal(3, members.Count);
        Assert.Equal(("say \"hi\"\nthere", "Ünï"), (members[0].Variables["code"], members[0].Variables["größe"]));
        Assert.Equal(["größe"], members[1].Variables.Keys);
        Assert.Empty(members[2].Variables);
        Assert.All(await scene.ContactsAsync(), c => Assert.Empty(c.Fields));
        Assert.Equal([members[1].ContactId, members[2].ContactId], (await scene.Stores.Contacts.MembersAsync(scene.Account.Id, list, members[0].ContactId, 10, None)).Select(m => m.ContactId));
    }

    [Theory]
    [InlineData("code", "static", "skip", "list_ids")]
    [InlineData("code", "dynamic", "update", "on_list_member")]
    [InlineData("other", "dynamic", "skip", "mapping")]
    public async Task Variables_that_no_list_could_keep_are_refused(string variable, string kind, string onListMember, string option)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("D", Kind: kind, Variables: ["code"]));
        var options = new ImportOptions { ListIds = [list], OnListMember = onListMember, Mapping = new Dictionary<string, string> { ["c"] = "variable:" + variable } };
        var spooled = Assert.IsType<SpoolResult.Spooled>(await scene.Spool.ReceiveAsync(new MemoryStream("email,c\na@x.test,1\n"u8.ToArray()), None)).Source;
        var intake = new ImportIntake(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var refused = Assert.IsType<IntakeResult.Refused>(await intake.AcceptAsync(new(scene.Account, spooled, "file", null, options, null, "test"), None));
        Assert.Equal((ErrorCode.InvalidOption, option), (refused.Code, refused.Option));
    }

    [Fact]
    public async Task A_member_taken_out_leaves_room_and_may_come_back()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("L", MembersMax: 1));
        await RunAsync(scene, "email\na@x.test\n", new() { ListIds = [list] });
        var contact = (await scene.ContactsAsync()).Single();
        Assert.Equal(1, await scene.Stores.Contacts.RemoveMembersAsync(scene.Account.Id, list, [contact.Id], None));
        Assert.Equal(1, (await RunAsync(scene, "email\na@x.test\n", new() { ListIds = [list], OnListMember = "skip" })).Counts.Updated);
    }

    [Fact]
    public async Task Many_contacts_are_changed_and_brought_into_a_list_at_once()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var list = await ListAsync(scene, new("L", MembersMax: 2));
        await RunAsync(scene, "email,first_name\na@x.test,A\nb@x.test,B\nc@x.test,C\n", new());
        var ids = (await scene.ContactsAsync()).Select(c => c.Id).ToArray();
        var writer = new ContactWriter(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);

        var joined = await writer.JoinAsync(scene.Account, list, [ids[1], ids[0], 999_999, ids[2]], None);
        Assert.Equal(new ContactWriteResult.Written(ids[1], Outcome.Updated), joined[0]);
        Assert.IsType<ContactWriteResult.Written>(joined[1]);
        Assert.IsType<ContactWriteResult.NotFound>(joined[2]);
        Assert.Equal(ErrorCode.ListFull, Assert.IsType<ContactWriteResult.Rejected>(joined[3]).Errors.Single().Code);

        var changed = await writer.PatchAsync(
            scene.Account,
            [(ids[0], Change("first_name", "Ann")), (ids[1], Change("email", "no address")), (ids[2], Change("last_name", "Cook")), (ids[2], Change("last_name", "Kook")), (999_999, Change("last_name", "X")), (ids[1], Change("first_name", "a\0"))],
            None);
        Assert.Equal(["Written", "Rejected", "Written", "Written", "NotFound", "Rejected"], changed.Select(r => r.GetType().Name));
        Assert.Equal(["Ann", "B", "C"], (await scene.ContactsAsync()).Select(c => c.FirstName));
        Assert.Equal([null, null, "Kook"], (await scene.ContactsAsync()).Select(c => c.LastName));

        static ContactChange Change(string field, string? text) => new(new Dictionary<string, string?> { [field] = text });
    }

    [Fact]
    public async Task A_slice_counts_orders_and_filters()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,first_name,last_name\na@x.test,Zoe,Q\nb@x.test,bea,Z\nc@x.test,Ann,M\n", new() { Lists = ["One"], Tags = ["t"] });
        await RunAsync(scene, "email,first_name,last_name\nd@x.test,Bea,A\n", new() { Lists = ["Two"] });
        var contacts = scene.Stores.Contacts;
        var lists = (await contacts.ListsAsync(scene.Account.Id, None)).Select(l => l.Id).ToArray();
        var tag = (await contacts.TagsAsync(scene.Account.Id, None)).Single().Id;

        Assert.Equal("bc 4", await SliceAsync(new(), new(1, 2)));
        Assert.Equal("dc 4", await SliceAsync(new(), new(0, 2, Descending: true)));
        Assert.Equal("cdba 4", await SliceAsync(new(), new(0, 9, ContactOrder.Name)));
        Assert.Equal("abdc 4", await SliceAsync(new(), new(0, 9, ContactOrder.Name, Descending: true)));
        Assert.Equal("abcd 4", await SliceAsync(new(lists), new(0, 9)));
        Assert.Equal("d 1", await SliceAsync(new([lists[1]]), new(0, 9)));
        Assert.Equal("b 3", await SliceAsync(new([lists[0]]), new(1, 1)));
        Assert.Equal(" 0", await SliceAsync(new([]), new(0, 9)));
        Assert.Equal("abc 3", await SliceAsync(new(TagIds: [tag]), new(0, 9)));
        Assert.Equal(" 0", await SliceAsync(new([lists[1]], [tag]), new(0, 9)));
        Assert.Equal("bd 2", await SliceAsync(new(Name: "BEA"), new(0, 9)));
        Assert.Equal("c 1", await SliceAsync(new(Name: "ann m"), new(0, 9)));
        Assert.Equal(" 0", await SliceAsync(new(Name: "%"), new(0, 9)));
        Assert.Equal(" 4", await SliceAsync(new(), new(4, 9)));

        async Task<string> SliceAsync(ContactSelection selection, ContactPlace place)
        {
            var slice = await contacts.SliceAsync(scene.Account.Id, selection, place, None);
            return $"{string.Concat(slice.Items.Select(c => c.Email![0]))} {slice.Total}"; // all contacts here have an address
        }
    }

    [Fact]
    public async Task Columns_that_the_caller_maps_are_taken_as_they_are()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var spooled = Assert.IsType<SpoolResult.Spooled>(await scene.Spool.ReceiveAsync(new MemoryStream("mail,mail,phone\nx,a@x.test,b@x.test\n"u8.ToArray()), None)).Source;
        var seen = Assert.IsType<LookResult.Seen>(new SourceLook(scene.Settings, scene.Spool).At(spooled, new()));
        Assert.Equal(3, seen.Shape.Columns.Count);
        var map = new ColumnMap(
        [
            new(0, "mail", FieldTarget.Ignored, 1, "said"), new(1, "mail", FieldTarget.To(BuiltInField.Email), 1, "said"),
            new(2, "phone", FieldTarget.ToCustom("other"), 1, "said"),
        ]);
        var intake = new ImportIntake(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var accepted = await intake.AcceptAsync(new(scene.Account, spooled, "file", null, new(), null, "test") { Columns = map, IsAwaited = true }, None);
        Assert.Equal(["ignore", "email", "field:other"], Assert.IsType<IntakeResult.Accepted>(accepted).Import.Mapping.Select(m => m.Field));
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var contact = Assert.Single(await scene.ContactsAsync());
        Assert.Equal(("a@x.test", (object)"b@x.test"), (contact.Email, contact.Fields["other"]));
    }

    static async Task<int> ListAsync(ImportScene scene, ListChange list) =>
        (await scene.Stores.Contacts.CreateListAsync(scene.Account.Id, list.Name ?? "", list with { Name = null }, None))!.Id; // no other list has the name

    static async Task<Import> RunAsync(ImportScene scene, string csv, ImportOptions options, int batchRows = 1_000)
    {
        var id = await scene.AcceptAsync(csv, options);
        var claim = (await scene.Stores.Imports.ClaimAsync("test", smallOnly: false, None))!.Value; // accepted above
        await new ImportPipeline(scene.Settings with { BatchRowsMax = batchRows }, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System)
            .RunAsync(claim.Import, claim.Lease, None);
        return await scene.ImportAsync(id);
    }

    static async Task<List<(long Row, ErrorCode Code)>> ErrorsAsync(ImportScene scene, Guid import) =>
        [.. from batch in await scene.LedgerAsync(import) from error in batch.Ledger.Errors where error.Severity == Severity.Error select (batch.Ledger.RowNumber[error.Row], error.Code)];
}
