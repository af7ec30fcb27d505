using Muster.Contacts;
using Muster.Sqlite;
using Muster.Sqlite.Keys;
using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>Reading, finding and erasing contacts, put into the tables as the bulk writer leaves them.</summary>
public sealed class SqliteContactReadTests : IDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    readonly OpenSqliteStores stores = new();
    readonly int account;

    public SqliteContactReadTests() => account = Account("main");

    public void Dispose() => stores.Dispose();

    [Fact]
    public async Task Contact_comes_back_with_typed_fields_lists_and_tags()
    {
        var fields = new Dictionary<string, FieldDefinition>();
        foreach (var (name, type) in new[] { ("Größe", FieldType.Number), ("Seit", FieldType.Date), ("VIP", FieldType.Boolean), ("Notiz", FieldType.Text), ("Preis", FieldType.Number), ("Masse", FieldType.Number) })
            fields[name] = await stores.Contacts.FieldAsync(account, name, type);
        var list = await stores.Contacts.EnsureListAsync(account, "Kunden", None);
        var left = await stores.Contacts.EnsureListAsync(account, "Verlassen", None);
        var tag = await stores.Contacts.EnsureTagAsync(account, "neu", None);
        var json = $$"""
            {"{{fields["Größe"].Id}}":180,"{{fields["Seit"].Id}}":"2026-01-31","{{fields["VIP"].Id}}":true,"{{fields["Notiz"].Id}}":"a \"b\" 😀","{{fields["Preis"].Id}}":1.50,"{{fields["Masse"].Id}}":5.9722e24,"2147483000":1}
            """;
        var id = Add(4915112345678, "Zoë@Example.org", "x-1", "Zoë", "Øst", "Ärzte & Söhne", json);
        Join(list.Id, id);
        Join(left.Id, id, status: 2);
        Mark(tag.Id, id);

        var contact = await stores.Contacts.GetAsync(account, id, None);
        Assert.NotNull(contact);
        Assert.Equal((4915112345678, "Zoë@Example.org", "x-1", "Zoë", "Øst", "Ärzte & Söhne"), (contact.Phone, contact.Email, contact.ExternalId, contact.FirstName, contact.LastName, contact.Company));
        Assert.Equal(["Kunden"], contact.Lists);
        Assert.Equal(["neu"], contact.Tags);
        Assert.Equal(
            new Dictionary<string, object> { ["Größe"] = 180L, ["Seit"] = "2026-01-31", ["VIP"] = true, ["Notiz"] = "a \"b\" 😀", ["Preis"] = 1.50m, ["Masse"] = "5.9722e24" },
            contact.Fields);
        Assert.Equal(1, (await stores.Contacts.ListsAsync(account, None))[0].Members);
        Assert.Equal(0, (await stores.Contacts.ListsAsync(account, None))[1].Members);
        Assert.Equal(1, (await stores.Contacts.EnsureListAsync(account, "kunden", None)).Members);
        Assert.Equal(1, Assert.Single(await stores.Contacts.TagsAsync(account, None)).Contacts);
    }

    [Fact]
    public async Task Pages_hold_every_contact_once_while_others_come_and_go()
    {
        var ids = Enumerable.Range(0, 10).Select(_ => Add()).ToList();
        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = await stores.Contacts.ListAsync(account, new(), cursor, 3, None);
            seen.AddRange(page.Items.Select(c => c.Id));
            cursor = page.NextCursor;
            await stores.Contacts.DeleteAsync(account, seen[^1], None);
        }
        while (cursor is not null);
        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task Last_full_page_has_no_cursor()
    {
        Add();
        Add();
        Assert.Null((await stores.Contacts.ListAsync(account, new(), null, 2, None)).NextCursor);
    }

    [Fact]
    public async Task Contacts_of_other_accounts_are_never_found()
    {
        var before = Account("before");
        var theirs = Account("theirs");
        Add(4915112345678, "a@example.org", "x", owner: theirs);
        var mine = Add(owner: before);
        Assert.Empty((await stores.Contacts.ListAsync(account, new(), null, 10, None)).Items);
        Assert.Equal(mine, Assert.Single((await stores.Contacts.ListAsync(before, new(), null, 10, None)).Items).Id);
        Assert.Empty(await FindAsync(new(Phone: 4915112345678)));
        Assert.Empty(await FindAsync(new(Email: "a@example.org")));
        Assert.Empty(await FindAsync(new(ExternalId: "x")));
        Assert.Empty(await FindAsync(new(Search: "example")));
        Assert.Null(await stores.Contacts.GetAsync(account, 1, None));
    }

    [Fact]
    public async Task Lists_and_tags_narrow_each_other_and_who_left_is_out()
    {
        var list = (await stores.Contacts.EnsureListAsync(account, "l", None)).Id;
        var tag = (await stores.Contacts.EnsureTagAsync(account, "t", None)).Id;
        var ids = Enumerable.Range(0, 6).Select(i => Add(email: $"p{i}@example.org")).ToArray();
        foreach (var id in ids[..4])
            Join(list, id);
        Join(list, ids[4], status: 2);
        foreach (var id in ids[2..])
            Mark(tag, id);
        Assert.Equal(ids[..4], await FindAsync(new(ListId: list)));
        Assert.Equal(ids[2..], await FindAsync(new(TagId: tag)));
        Assert.Equal(ids[2..4], await FindAsync(new(ListId: list, TagId: tag)));
        Assert.Equal([ids[3]], await FindAsync(new(ListId: list, Search: "P3@")));
        Assert.Equal([ids[3]], await FindAsync(new(ListId: list, Email: "p3@example.org")));
        Assert.Empty(await FindAsync(new(ListId: list, Email: "p5@example.org")));
        Assert.Empty(await FindAsync(new(ListId: list + 1_000)));

        var page = await stores.Contacts.ListAsync(account, new(ListId: list), null, 3, None);
        Assert.Equal(ids[3], Assert.Single((await stores.Contacts.ListAsync(account, new(ListId: list), page.NextCursor, 3, None)).Items).Id);
    }

    [Fact]
    public async Task Identity_finds_its_owner_and_those_who_show_it_too()
    {
        var owner = Add(4915112345678, "Family@Example.org", "x-1");
        var child = Add(email: "family@example.ORG", shared: true);
        Add(email: "other@example.org");
        Assert.Equal([owner, child], await FindAsync(new(Email: "FAMILY@example.org")));
        Assert.Equal([owner], await FindAsync(new(Phone: 4915112345678)));
        Assert.Equal([owner], await FindAsync(new(ExternalId: "x-1")));
        Assert.Empty(await FindAsync(new(ExternalId: "X-1")));
        Assert.Equal([owner], await FindAsync(new(Phone: 4915112345678, Email: "family@example.org", ExternalId: "x-1")));
        Assert.Empty(await FindAsync(new(Phone: 4915112345679)));
        Assert.Empty(await FindAsync(new(Email: "not an address")));
        var page = await stores.Contacts.ListAsync(account, new(Email: "family@example.org"), null, 1, None);
        Assert.Equal(owner, Assert.Single(page.Items).Id);
        Assert.Equal(child, Assert.Single((await stores.Contacts.ListAsync(account, new(Email: "family@example.org"), page.NextCursor, 1, None)).Items).Id);
    }

    [Fact]
    public async Task Contact_that_no_longer_shows_the_value_is_not_found_by_it()
    {
        var id = Add(email: "old@example.org");
        await stores.Stores.Database.WriteAsync(s => s.Execute("UPDATE contact SET email = 'new@example.org' WHERE id = ?1", ContactRow.RowId(account, id)), None);
        Assert.Empty(await FindAsync(new(Email: "old@example.org")));
    }

    [Theory]
    [InlineData("ZOË@")]
    [InlineData("ärzte")]
    [InlineData("øST")]
    [InlineData("example.org")]
    [InlineData("x-1")]
    [InlineData("151 123-456")]
    [InlineData("+49151")]
    [InlineData("100%_")]
    public async Task Search_finds_parts_without_regard_to_case(string text)
    {
        var id = Add(4915112345678, "zoë@example.org", "X-1", "100%_sure", "Øst", "ÄRZTE");
        Add(4420, "someone@else.example", "y-2", "100 sure", "East", "Arzte");
        Assert.Equal([id], await FindAsync(new(Search: text)));
    }

    [Fact]
    public async Task Deleted_contact_leaves_no_key_membership_or_tag()
    {
        var list = (await stores.Contacts.EnsureListAsync(account, "l", None)).Id;
        var tag = (await stores.Contacts.EnsureTagAsync(account, "t", None)).Id;
        var id = Add(4915112345678, "Bücher@Bücher.example", "x-1");
        var stays = Add(4915112345679, "stays@example.org", "x-2");
        Add(email: "stays@example.org", shared: true);
        Join(list, id);
        Mark(tag, id);
        await stores.Stores.Database.WriteAsync(
            s => s.Execute("INSERT INTO contact_key_collision (account_id, kind, value, contact) VALUES (?1, 2, 'x-1', ?2)", account, ContactRow.RowId(account, id)), None);

        Assert.True(await stores.Contacts.DeleteAsync(account, id, None));
        Assert.False(await stores.Contacts.DeleteAsync(account, id, None));
        Assert.Null(await stores.Contacts.GetAsync(account, id, None));
        foreach (var (table, rows) in new[] { ("contact", 2), ("contact_key_shared", 1), ("contact_key_collision", 0), ("list_member", 0), ("contact_tag", 0) })
            Assert.Equal(rows, await stores.Stores.Database.ReadAsync(s => s.Number($"SELECT count(*) FROM {table}"), None));
        Assert.Equal(3, await stores.Stores.Database.ReadAsync(KeyCount, None));
        Assert.Equal([stays], await FindAsync(new(ExternalId: "x-2")));
    }

    [Fact]
    public async Task Deleting_one_who_shows_a_value_leaves_it_to_its_owner()
    {
        var owner = Add(email: "family@example.org");
        var child = Add(email: "family@example.org", shared: true);
        Assert.True(await stores.Contacts.DeleteAsync(account, child, None));
        Assert.Equal([owner], await FindAsync(new(Email: "family@example.org")));
    }

    [Fact]
    public async Task Deleted_list_and_tag_leave_their_contacts()
    {
        var list = (await stores.Contacts.EnsureListAsync(account, "l", None)).Id;
        var tag = (await stores.Contacts.EnsureTagAsync(account, "t", None)).Id;
        var id = Add();
        Join(list, id);
        Mark(tag, id);
        Assert.True(await stores.Contacts.DeleteListAsync(account, list, None));
        Assert.True(await stores.Contacts.DeleteTagAsync(account, tag, None));
        Assert.False(await stores.Contacts.DeleteListAsync(account, list, None));
        Assert.False(await stores.Contacts.DeleteTagAsync(account, tag, None));
        var contact = await stores.Contacts.GetAsync(account, id, None);
        Assert.Empty(contact!.Lists);
        Assert.Empty(contact.Tags);
        Assert.Empty(await FindAsync(new(ListId: list)));
    }

    static int KeyCount(Session session) =>
        session.All("SELECT entries FROM contact_key_page UNION ALL SELECT entries FROM contact_key_recent", static r => r.GetFieldValue<byte[]>(0)).Sum(static page => KeyPage.CountOf(page));

    async Task<int[]> FindAsync(ContactFilter filter) => [.. (await stores.Contacts.ListAsync(account, filter, null, 100, None)).Items.Select(c => c.Id)];

    int Account(string name) => stores.Accounts.EnsureAsync(name, null, null, null, None).GetAwaiter().GetResult().Id;

    int Write(Func<Session, int> work) => stores.Stores.Database.WriteAsync(work, None).GetAwaiter().GetResult();

    /// <param name="shared">The values belong to another contact already.</param>
    int Add(
        long? phone = null, string? email = null, string? externalId = null, string? first = null, string? last = null, string? company = null, string? fields = null,
        bool shared = false, int? owner = null)
    {
        var of = owner ?? account;
        var seed = stores.Contacts.KeySeed(of);
        return Write(s =>
        {
            var id = (int)s.Number("UPDATE account SET next_id = next_id + 1 WHERE id = ?1 RETURNING next_id - 1", of)!.Value; // the account is there
            var rowId = ContactRow.RowId(of, id);
            s.Execute(
                """
                INSERT INTO contact (id, phone, email, external_id, first_name, last_name, company, fields, rev, write_import, write_batch, write_row, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0, 0, 0, 0, 0)
                """,
                rowId, phone, email, externalId, first, last, company, fields);
            var index = SessionKeyPages.Index(s);
            foreach (var key in new[]
            {
                phone is { } p ? ContactKey.OfPhone(p, seed) : (ContactKey?)null,
                email is { } e ? ContactKey.OfEmail(e, seed) : null,
                externalId is { } x ? ContactKey.OfExternalId(x, seed) : null,
            })
            {
                if (key is not { } k)
                    continue;
                if (shared)
                    s.Execute("INSERT INTO contact_key_shared (key, contact) VALUES (?1, ?2)", k.Hash, rowId);
                else
                    Assert.True(index.TryTake(k.Hash, rowId));
            }
            index.Flush();
            return id;
        });
    }

    void Join(int list, int contact, int status = 1) =>
        Write(s => s.Execute(
            "INSERT INTO list_member (id, status, since) SELECT no << 32 | ?3, ?4, 0 FROM contact_list WHERE account_id = ?1 AND id = ?2", account, list, contact, status));

    void Mark(int tag, int contact) =>
        Write(s => s.Execute("INSERT INTO contact_tag (id) SELECT no << 32 | ?3 FROM tag WHERE account_id = ?1 AND id = ?2", account, tag, contact));
}
