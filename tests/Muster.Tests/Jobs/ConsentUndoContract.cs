using Muster.Contacts;
using Muster.Jobs;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Taking imports back widens no consent.</summary>
public abstract class ConsentUndoContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly ImportOptions Plain = new() { Hold = HoldRules.Off };
    static readonly ImportOptions OptIn = Plain with { Consent = new("opted_in", Evidence: "ticked a box"), AllowResubscribe = true };

    static async Task<Guid> ImportAsync(ImportScene scene, string csv, ImportOptions? options = null)
    {
        var id = await scene.AcceptAsync(csv, options ?? Plain);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(ImportStatus.Completed, (await scene.ImportAsync(id)).Status);
        return id;
    }

    static async Task<(Import Import, List<ErrorCode> Conflicts)> ReverseAsync(ImportScene scene, Guid id, ReversalChoices choices = default, bool redo = false)
    {
        var reversal = new ImportReversal(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var result = redo ? await reversal.RedoAsync(scene.Account.Id, id, choices, preview: false, None) : await reversal.UndoAsync(scene.Account.Id, id, choices, preview: false, None);
        var accepted = Assert.IsType<ReversalResult.Accepted>(result).Import.Id;
        var before = await ContactStates.OfAsync(scene);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        await ContactStates.AssertToldAsync(scene, accepted, before, "");
        return (await scene.ImportAsync(accepted), [.. (await scene.LedgerAsync(accepted)).SelectMany(b => b.Ledger.Errors).Select(e => e.Code)]);
    }

    /// <summary>Such as: ann Anna email:opted_out sms:opted_in; a contact a line.</summary>
    static async Task<string[]> StateAsync(ImportScene scene) =>
        [.. (await scene.ContactsAsync()).Select(c => $"{c.Email?.Split('@')[0]}{(c.Phone is null ? "" : "+phone")} {c.FirstName} {string.Join(' ', c.Consent.Select(p => $"{p.Key}:{p.Value.Status}"))}".TrimEnd())];

    static async Task SetAsync(ImportScene scene, string email, ConsentChannel channel, string status)
    {
        var contact = (await scene.ContactsAsync()).Single(c => c.Email == email);
        var writer = new ContactWriter(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);
        var consent = new Dictionary<ConsentChannel, ConsentRecord> { [channel] = new(status, Source: "in person") };
        Assert.IsType<ContactWriteResult.Written>(await writer.PatchAsync(scene.Account, contact.Id, new(new Dictionary<string, string?>()) { Consent = consent }, None));
    }

    [Fact]
    public async Task Opt_outs_of_an_undone_import_stay_and_everything_else_is_taken_back()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await ImportAsync(scene, "email,first_name\nann@x.test,Ann\nbob@x.test,Bob\n", Plain with { Consent = new("opted_in", Evidence: "form") });
        var id = await ImportAsync(scene, "email,first_name,unsubscribed\nann@x.test,Anna,yes\nbob@x.test,Rob,\ncid@x.test,Cid,yes\ndan@x.test,Dan,\n");
        var (undo, conflicts) = await ReverseAsync(scene, id);
        Assert.Equal(["ann Ann email:opted_out phone:opted_out sms:opted_out", "bob Bob email:opted_in phone:opted_in sms:opted_in", "cid  email:opted_out phone:opted_out sms:opted_out"], await StateAsync(scene));
        Assert.Equal([ErrorCode.UndoOptOutKept, ErrorCode.UndoOptOutKept], conflicts);
        Assert.Equal((1, 2L), (undo.Removed, undo.Counts.Warnings));

        // Neither comes back in by the next import.
        var again = await ImportAsync(scene, "email,first_name\nann@x.test,A\ncid@x.test,C\n");
        Assert.Equal(2, (await scene.ImportAsync(again)).Counts.Suppressed);
        await ReverseAsync(scene, id, redo: true);
        Assert.Equal(["ann Anna email:opted_out phone:opted_out sms:opted_out", "bob Rob email:opted_in phone:opted_in sms:opted_in", "cid Cid email:opted_out phone:opted_out sms:opted_out", "dan Dan"], await StateAsync(scene));
    }

    [Fact]
    public async Task Opt_outs_are_taken_back_when_that_is_asked_for()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await ImportAsync(scene, "email\nann@x.test\nbob@x.test\n", Plain with { Consent = new("opted_in", Evidence: "form", Source: "shop") });
        var id = await ImportAsync(scene, "email\nann@x.test\nbob@x.test\ncid@x.test\n", Plain with { Consent = new("opted_out") });
        Assert.Empty((await ReverseAsync(scene, id, new(MayResubscribe: true))).Conflicts);
        Assert.Equal(["ann  email:opted_in phone:opted_in sms:opted_in", "bob  email:opted_in phone:opted_in sms:opted_in"], await StateAsync(scene));
        Assert.All(await scene.ContactsAsync(), c => Assert.Equal(("shop", "form"), (c.Consent["email"].Source, c.Consent["email"].Evidence)));
    }

    [Fact]
    public async Task An_opt_out_of_one_channel_stays_with_what_it_is_reached_by()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var mapping = new Dictionary<string, string> { ["no sms"] = "opt_out:sms" };
        var id = await ImportAsync(scene, "email,phone,first_name,no sms\nann@x.test,+61412345678,Ann,yes\n", Plain with { Mapping = mapping });
        await ReverseAsync(scene, id);
        Assert.Equal(["ann+phone  sms:opted_out"], await StateAsync(scene));
    }

    [Fact]
    public async Task Opt_ins_of_an_undone_import_go_and_its_redo_brings_them_again()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await ImportAsync(scene, "email\nann@x.test\n", Plain with { Consent = new("opted_out") });
        var id = await ImportAsync(scene, "email\nann@x.test\nbob@x.test\n", OptIn);
        Assert.Empty((await ReverseAsync(scene, id)).Conflicts);
        Assert.Equal(["ann  email:opted_out phone:opted_out sms:opted_out"], await StateAsync(scene));
        Assert.Empty((await ReverseAsync(scene, id, redo: true)).Conflicts);
        Assert.Equal(["ann  email:opted_in phone:opted_in sms:opted_in", "bob  email:opted_in phone:opted_in sms:opted_in"], await StateAsync(scene));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_later_opt_out_survives_undo_and_redo_by_force(bool removes)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        if (!removes)
            await ImportAsync(scene, "email,first_name\nann@x.test,Ann\n");
        var id = await ImportAsync(scene, "email,first_name\nann@x.test,Anna\n", OptIn);
        await SetAsync(scene, "ann@x.test", ConsentChannel.Email, "opted_out");
        Assert.Contains(ErrorCode.UndoOptOutKept, (await ReverseAsync(scene, id, new(Force: true))).Conflicts);
        Assert.Equal(removes ? "ann  email:opted_out phone:opted_in sms:opted_in" : "ann Ann email:opted_out", Assert.Single(await StateAsync(scene)));
        await SetAsync(scene, "ann@x.test", ConsentChannel.Sms, "opted_out");
        await ReverseAsync(scene, id, new(Force: true), redo: true);
        Assert.StartsWith("ann Anna email:opted_out", Assert.Single(await StateAsync(scene)));
        Assert.EndsWith("sms:opted_out", Assert.Single(await StateAsync(scene)));
    }

    [Fact]
    public async Task A_contact_that_stays_for_its_opt_out_alone_loses_its_lists_and_tags_by_force()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, "email,first_name\nann@x.test,Ann\n", Plain with { Lists = ["First"], Tags = ["first"], Consent = new("opted_out") });
        var later = new ImportOptions { Hold = HoldRules.Off, Lists = ["Later"], Tags = ["later"], AllowResubscribe = true, Consent = new("opted_in", Evidence: "form") };
        await ImportAsync(scene, "email,company\nann@x.test,Acme\n", later);
        await SetAsync(scene, "ann@x.test", ConsentChannel.Email, "opted_out");

        Assert.Equal([ErrorCode.UndoOptOutKept, ErrorCode.UndoConflict], (await ReverseAsync(scene, id, new(Force: true))).Conflicts);
        var stays = Assert.Single(await scene.ContactsAsync());
        Assert.Equal(("ann@x.test", null, null), (stays.Email, stays.FirstName, stays.Company));
        Assert.Empty(stays.Lists);
        Assert.Empty(stays.Tags);
        await ReverseAsync(scene, id, redo: true);
        var back = Assert.Single(await scene.ContactsAsync());
        Assert.Equal(("Ann", "Acme", "Later", "first,later"), // who is opted out by a row joins no list
             (back.FirstName, back.Company, string.Join(',', back.Lists.Order()), string.Join(',', back.Tags.Order())));
    }

    [Fact]
    public async Task Suppressions_are_nothing_that_an_import_made_and_stay()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await scene.Stores.Contacts.Suppressions.AddAsync(scene.Account.Id, [new("email", "ann@x.test", null, TimeProvider.System.GetUtcNow())], None);
        var id = await ImportAsync(scene, "email\nann@x.test\nbob@x.test\n");
        Assert.Equal((1L, 1L), ((await scene.ImportAsync(id)).Counts.Suppressed, (await scene.ImportAsync(id)).Counts.Created));
        await ReverseAsync(scene, id);
        Assert.Empty(await scene.ContactsAsync());
        Assert.NotNull(await scene.Stores.Contacts.Suppressions.FindAsync(scene.Account.Id, "email", "ann@x.test", None));
        await ReverseAsync(scene, id, redo: true);
        Assert.Equal(["bob"], await StateAsync(scene));
    }

    [Fact]
    public async Task A_preview_tells_the_opt_outs_that_will_stay()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, "email\nann@x.test\nbob@x.test\n", Plain with { Consent = new("opted_out") });
        var reversal = new ImportReversal(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var kept = Assert.IsType<ReversalResult.Previewed>(await reversal.UndoAsync(scene.Account.Id, id, new(), preview: true, None)).Preview;
        Assert.Equal((0L, 2L), (kept.Removed, kept.Conflicts));
        Assert.All(kept.Shown, c => Assert.Equal(ErrorCode.UndoOptOutKept, c.Code));
        var gone = Assert.IsType<ReversalResult.Previewed>(await reversal.UndoAsync(scene.Account.Id, id, new(MayResubscribe: true), preview: true, None)).Preview;
        Assert.Equal((2L, 0L), (gone.Removed, gone.Conflicts));
    }
}
