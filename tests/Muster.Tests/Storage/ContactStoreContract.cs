using Muster.Contacts;
using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>What every contact store does, save the batch transaction.</summary>
public abstract class ContactStoreContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Key_seed_stays_and_differs_between_accounts()
    {
        var (mine, theirs) = (Stores.Contacts.KeySeed(1), Stores.Contacts.KeySeed(2));
        Assert.NotEqual(mine, theirs);
        Stores.Reopen();
        Assert.Equal(mine, Stores.Contacts.KeySeed(1));
        Assert.Equal(theirs, Stores.Contacts.KeySeed(2));
    }

    [Fact]
    public async Task Names_that_differ_in_case_only_are_one_list_one_tag_one_field()
    {
        var account = await AccountAsync("main");
        var list = await Stores.Contacts.EnsureListAsync(account, "Zürich ÉTÉ", None);
        var tag = await Stores.Contacts.EnsureTagAsync(account, "VIP Ω", None);
        var field = await Stores.Contacts.FieldAsync(account, "Größe", FieldType.Number);
        Assert.Equal(list, await Stores.Contacts.EnsureListAsync(account, "zÜRICH été", None));
        Assert.Equal(tag, await Stores.Contacts.EnsureTagAsync(account, "vip ω", None));
        Assert.Equal(field, await Stores.Contacts.FieldAsync(account, "GRÖßE", FieldType.Text));
        Assert.Equal(list, Assert.Single(await Stores.Contacts.ListsAsync(account, None)));
        Assert.Equal(tag, Assert.Single(await Stores.Contacts.TagsAsync(account, None)));
        Assert.Equal(field, Assert.Single(await Stores.Contacts.FieldsAsync(account, None)));
    }

    [Fact]
    public async Task List_made_twenty_times_at_once_is_one_list()
    {
        var account = await AccountAsync("main");
        var lists = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Stores.Contacts.EnsureListAsync(account, "Customers", None))));
        Assert.Single(lists.Select(l => l.Id).Distinct());
        Assert.Single(await Stores.Contacts.ListsAsync(account, None));
    }

    [Fact]
    public async Task Ids_are_never_used_again()
    {
        var account = await AccountAsync("main");
        var seen = new HashSet<int>();
        for (var round = 0; round < 3; round++)
        {
            var list = await Stores.Contacts.EnsureListAsync(account, "list", None);
            var tag = await Stores.Contacts.EnsureTagAsync(account, "tag", None);
            Assert.True(seen.Add(list.Id) && seen.Add(tag.Id));
            Assert.True(await Stores.Contacts.DeleteListAsync(account, list.Id, None));
            Assert.True(await Stores.Contacts.DeleteTagAsync(account, tag.Id, None));
            Stores.Reopen();
        }
        Assert.True(seen.Add((await Stores.Contacts.FieldAsync(account, "field", FieldType.Text)).Id));
        Assert.All(seen, id => Assert.True(id > 0));
    }

    [Fact]
    public async Task Accounts_keep_lists_tags_and_fields_to_themselves()
    {
        var mine = await AccountAsync("mine");
        var theirs = await AccountAsync("theirs");
        await Stores.Contacts.EnsureListAsync(mine, "padding", None);
        var list = await Stores.Contacts.EnsureListAsync(mine, "list", None);
        var tag = await Stores.Contacts.EnsureTagAsync(mine, "tag", None);
        await Stores.Contacts.FieldAsync(mine, "field", FieldType.Text);
        Assert.Empty(await Stores.Contacts.ListsAsync(theirs, None));
        Assert.Empty(await Stores.Contacts.TagsAsync(theirs, None));
        Assert.Empty(await Stores.Contacts.FieldsAsync(theirs, None));
        Assert.False(await Stores.Contacts.ChangeListAsync(theirs, list.Id, new("stolen"), None));
        Assert.False(await Stores.Contacts.DeleteListAsync(theirs, list.Id, None));
        Assert.False(await Stores.Contacts.DeleteTagAsync(theirs, tag.Id, None));
        Assert.Equal(2, (await Stores.Contacts.ListsAsync(mine, None)).Count);
        Assert.Single(await Stores.Contacts.TagsAsync(mine, None));
    }

    [Fact]
    public async Task List_is_renamed_unless_another_has_the_name()
    {
        var account = await AccountAsync("main");
        var a = await Stores.Contacts.EnsureListAsync(account, "Älter", None);
        var b = await Stores.Contacts.EnsureListAsync(account, "b", None);
        await Assert.ThrowsAsync<ArgumentException>(() => Stores.Contacts.ChangeListAsync(account, b.Id, new("äLTER"), None));
        Assert.True(await Stores.Contacts.ChangeListAsync(account, a.Id, new("äLTER"), None));
        Assert.True(await Stores.Contacts.ChangeListAsync(account, b.Id, new("c"), None));
        Assert.Equal(["äLTER", "c"], (await Stores.Contacts.ListsAsync(account, None)).Select(l => l.Name));
    }

    [Fact]
    public async Task Empty_account_lists_no_contacts_and_knows_none()
    {
        var account = await AccountAsync("main");
        var page = await Stores.Contacts.ListAsync(account, new(), null, 10, None);
        Assert.Empty(page.Items);
        Assert.Null(page.NextCursor);
        Assert.Null(await Stores.Contacts.GetAsync(account, 1, None));
        Assert.False(await Stores.Contacts.DeleteAsync(account, 1, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Stores.Contacts.ListAsync(account, new(), "no cursor", 10, None));
    }

    [Fact]
    public async Task Lists_and_fields_keep_what_they_were_made_with_and_changed_to()
    {
        var account = await AccountAsync("main");
        var list = await Stores.Contacts.CreateListAsync(account, "News", new(Visibility: Visibility.Public, Tag: "t", MembersMax: 5), None);
        Assert.NotNull(list);
        Assert.Null(await Stores.Contacts.CreateListAsync(account, "nEWS", new(), None));
        Assert.True(await Stores.Contacts.ChangeListAsync(account, list.Id, new(Name: "Letters", MembersMax: 0), None));
        Stores.Reopen();
        var now = Assert.Single(await Stores.Contacts.ListsAsync(account, None));
        Assert.Equal(list with { Name = "Letters", MembersMax = null }, now);
        Assert.True(await Stores.Contacts.ChangeListAsync(account, list.Id, new(Tag: "", Visibility: Visibility.Private), None));
        Assert.Equal(list with { Name = "Letters", MembersMax = null, Tag = null, Visibility = Visibility.Private }, Assert.Single(await Stores.Contacts.ListsAsync(account, None)));
        Assert.False(await Stores.Contacts.ChangeListAsync(account, 999, new(Tag: "x"), None));

        var draft = new FieldDefinition(0, "PLAN", FieldType.Number) { Visibility = Visibility.Public, DefaultValue = "1" };
        var field = Assert.IsType<FieldMaking.Made>(await Stores.Contacts.MakeFieldAsync(account, draft, null, 1, None)).New;
        Assert.Equal(new FieldMaking.Known(field), await Stores.Contacts.MakeFieldAsync(account, new(0, "plan", FieldType.Text), null, 1, None));
        Assert.IsType<FieldMaking.NoRoom>(await Stores.Contacts.MakeFieldAsync(account, new(0, "other", FieldType.Text), null, 1, None));
        Assert.Equal(field, Assert.Single(await Stores.Contacts.FieldsAsync(account, None)));
        Assert.False(await Stores.Contacts.DeleteFieldAsync(await AccountAsync("other"), field.Id, None));
        Assert.True(await Stores.Contacts.DeleteFieldAsync(account, field.Id, None));
        Assert.False(await Stores.Contacts.DeleteFieldAsync(account, field.Id, None));
        Assert.NotEqual(field.Id, (await Stores.Contacts.FieldAsync(account, "PLAN", FieldType.Text)).Id);
    }

    [Fact]
    public async Task However_many_ask_for_fields_at_once_no_account_has_more_than_it_may()
    {
        var account = await AccountAsync("full");
        const int Most = 10;
        var makings = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => Stores.Contacts.MakeFieldAsync(account, new(0, $"field {i / 2}", FieldType.Text), null, Most, None))));
        Assert.Equal(Most, makings.Count(m => m is FieldMaking.Made));
        Assert.Equal(Most, (await Stores.Contacts.FieldsAsync(account, None)).Count);
        Assert.All(makings, m => Assert.Equal(m is FieldMaking.NoRoom, m.Field is null));
    }

    async Task<int> AccountAsync(string name) => (await Stores.Accounts.EnsureAsync(name, null, null, null, None)).Id;
}
