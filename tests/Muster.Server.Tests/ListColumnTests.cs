using System.Net;
using System.Text;
using System.Text.Json;

using Muster.Server.Tests.Reading;

namespace Muster.Server.Tests;

/// <summary>Columns whose cells name lists and tags: contacts come in and go, and an undo turns both round.</summary>
public sealed class ListColumnTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task A_column_brings_contacts_into_lists_and_tags_by_name()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync(
            "email,Groups,Labels\na@x.example,\"News, Spring fair\",vip;gold\nb@x.example,news,\nc@x.example,,VIP\nbroken,Nowhere,nothing\na@x.example,Twice,twice\n",
            """{"mapping":{"Groups":"lists","Labels":"tags"}}""");
        Assert.Equal(("completed", 3, 1, 1), (import.State, import.Count("created"), import.Count("rejected"), import.Count("duplicate")));
        Assert.Equal("a: News, Spring fair / gold, vip; b: News / ; c:  / vip", await BelongingsAsync(account));
        Assert.Equal(["News", "Spring fair"], await NamesAsync(account, "lists")); // a row that was not accepted makes nothing
        Assert.Equal(["gold", "vip"], await NamesAsync(account, "tags"));
        Assert.Equal(["email", "lists", "tags"], import.Body.GetProperty("mapping").EnumerateArray().Select(m => m.GetProperty("field").GetString()));

        var again = await account.ImportAsync("email,Groups\na@x.example,NEWS\nb@x.example,\"news;Other\"\n", """{"mapping":{"Groups":"list"}}""");
        Assert.Equal((1, 1), (again.Count("unchanged"), again.Count("updated")));
        Assert.Equal("a: News, Spring fair / gold, vip; b: News, Other / ; c:  / vip", await BelongingsAsync(account));
    }

    [Fact]
    public async Task A_column_takes_contacts_out_and_undo_and_redo_turn_it_round()
    {
        using var account = await Account.CreateAsync(host);
        var first = await account.ImportAsync("email,g,t\na@x.example,News;Fair,vip;old\nb@x.example,News,old\n", """{"mapping":{"g":"lists","t":"tags"}}""");
        Assert.Equal("completed", first.State);
        var before = await BelongingsAsync(account);
        var members = await MembersAsync(account, "News");

        const string Options = """{"mapping":[{"column":"out","field":"lists","action":"remove"},{"column":"off","field":"tags:remove"},{"column":"in","field":"lists","separator":"/"}]}""";
        var import = await account.ImportAsync("email,out,off,in\na@x.example,news;Unknown,OLD,Fair/Late\nb@x.example,News,vip,News\nc@x.example,News,old,\n", Options);
        Assert.True(import.State == "completed", import.ToString());
        Assert.Equal((2, 1), (import.Count("updated"), import.Count("created")));
        Assert.Equal("a: Fair, Late / vip; b:  / old; c:  / ", await BelongingsAsync(account)); // b names News to join and to leave: it leaves
        Assert.DoesNotContain("Unknown", await NamesAsync(account, "lists"));

        await TurnAsync(account, import.Id, "undo");
        Assert.Equal(before, await BelongingsAsync(account));
        Assert.Equal(members, await MembersAsync(account, "News")); // since when they are in it, too
        await TurnAsync(account, import.Id, "redo");
        Assert.Equal("a: Fair, Late / vip; b:  / old; c:  / ", await BelongingsAsync(account));
        await TurnAsync(account, import.Id, "undo");
        Assert.Equal(before, await BelongingsAsync(account));
        await TurnAsync(account, first.Id, "undo");
        Assert.Equal("", await BelongingsAsync(account));
        Assert.Empty(await NamesAsync(account, "lists"));
        Assert.Empty(await NamesAsync(account, "tags"));
    }

    [Fact]
    public async Task What_changed_since_is_left_alone_by_undo_and_redo()
    {
        using var account = new Account(host.Client(await host.MintAsync("leavers", Contacts.KeyScope.Admin)));
        await account.ImportAsync("email\na@x.example\nb@x.example\n", """{"lists":["News"],"tags":["vip"]}""");
        var import = await account.ImportAsync("email,out\na@x.example,News\nb@x.example,News\n", """{"mapping":{"out":"lists:remove"}}""");
        Assert.Equal("a:  / vip; b:  / vip", await BelongingsAsync(account));
        await account.ImportAsync("email\na@x.example\n", """{"lists":["News"]}"""); // a is in it anew
        await LeaveAsync(account, "News", "a@x.example"); // and leaves
        await TurnAsync(account, import.Id, "undo");
        Assert.Equal("a:  / vip; b: News / vip", await BelongingsAsync(account));

        await LeaveAsync(account, "News", "b@x.example");
        await TurnAsync(account, import.Id, "redo");
        Assert.Equal("a:  / vip; b:  / vip", await BelongingsAsync(account));
        var later = await account.ImportAsync("email,in\nb@x.example,News\n", """{"mapping":{"in":"lists"}}""");
        Assert.Equal(1, later.Count("unchanged")); // who left is not brought back
        Assert.Equal("a:  / vip; b:  / vip", await BelongingsAsync(account));
    }

    [Fact]
    public async Task A_plan_names_what_it_would_make_and_its_application_makes_it()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("email\na@x.example\n", """{"lists":["News"]}""");
        var plan = await account.ImportAsync("email,in,t,out\na@x.example,Later;Later,vip,News\nb@x.example,later,,\n", """{"dry_run":true,"mapping":{"in":"lists","t":"tags","out":"lists:remove"}}""");
        Assert.Equal(("planned", 1, 1), (plan.State, plan.Count("updated"), plan.Count("created")));
        var warnings = plan.Body.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()).Order().ToList();
        Assert.Equal(["The list \"Later\" would be made.", "The tag \"vip\" would be made."], warnings);
        Assert.Equal(["News"], await NamesAsync(account, "lists"));
        Assert.Equal("a: News / ", await BelongingsAsync(account));

        using var response = await account.Http.PostAsync($"/v1/imports/{plan.Id}/apply", null);
        var apply = await EndAsync(account, (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!); // an import has an id
        Assert.Equal(plan.Body.GetProperty("counts").GetRawText(), apply.GetProperty("counts").GetRawText());
        Assert.Equal("a: Later / vip; b: Later / ", await BelongingsAsync(account));
    }

    [Fact]
    public async Task A_full_list_rejects_the_rows_that_name_it()
    {
        using var account = await Account.CreateAsync(host);
        using var made = await account.Http.PostAsync("/v1/lists", Answers.Json("""{"name":"Small","members_max":2}"""));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var import = await account.ImportAsync("email,in\na@x.example,Small\nb@x.example,small;Big\nc@x.example,Big;Small\nd@x.example,Big\na@x.example,Small\n", """{"mapping":{"in":"lists"}}""");
        Assert.Equal((3, 1, 1), (import.Count("created"), import.Count("rejected"), import.Count("duplicate")));
        Assert.Equal("list_full", (await account.ErrorsAsync(import)).Single().GetProperty("code").GetString());
        Assert.Equal("a: Small / ; b: Big, Small / ; d: Big / ", await BelongingsAsync(account));
    }

    [Fact]
    public async Task Names_that_cannot_be_and_too_many_of_them_are_invalid_values()
    {
        await using var small = new MusterHost { Settings = s => s with { ColumnNamesMax = 2 } };
        await small.InitializeAsync();
        using var account = await Account.CreateAsync(small);
        var file = $"email,t\na@x.example,one;two\nb@x.example,ONE;three\nc@x.example,{new string('x', 201)}\nd@x.example,two\n";
        var import = await account.ImportAsync(file, """{"mapping":{"t":"tags"}}""");
        Assert.Equal(["too_many_names", "invalid_name"], (await account.ErrorsAsync(import)).Select(e => e.GetProperty("code").GetString()));
        Assert.Equal((2, 2), (import.Count("created"), import.Count("rejected")));

        using var other = await Account.CreateAsync(small);
        var dropped = await other.ImportAsync(file, """{"mapping":{"t":"tags"},"on_invalid_value":"drop_value"}""");
        Assert.Equal((4, 0, 2), (dropped.Count("created"), dropped.Count("rejected"), dropped.Count("warnings")));
        Assert.Equal("a:  / one, two; b:  / one; c:  / ; d:  / two", await BelongingsAsync(other));
    }

    [Fact]
    public async Task Lists_of_JSON_are_names_as_they_are()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync(Encoding.UTF8.GetBytes("""[{"email":"a@x.example","tags":["Smith, Jones","R;D"]},{"email":"b@x.example","tags":"a|b"}]"""), """{"mapping":{"tags":"tags"}}""", "a.json");
        Assert.Equal("completed", import.State);
        Assert.Equal("a:  / R;D, Smith, Jones; b:  / a|b", await BelongingsAsync(account));
    }

    [Fact]
    public async Task Who_opts_out_joins_nothing()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("email,in,opt_out\na@x.example,News,yes\nb@x.example,News,\n", """{"mapping":{"in":"lists"}}""");
        Assert.Equal("a:  / ; b: News / ", await BelongingsAsync(account));
    }

    [Fact]
    public async Task An_export_takes_its_lists_along_when_mapping_says_so_and_stays_the_same()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("email,in,t\na@x.example,\"News;\"\"R;D\"\"\",vip\nb@x.example,News,\n", """{"mapping":{"in":"lists","t":"tags"}}""");
        var export = await account.Http.GetByteArrayAsync("/v1/contacts/export");
        var unchanged = await account.ImportAsync(export, """{"mapping":{"lists":"lists","tags":"tags"}}""");
        Assert.Equal((2, 2), (unchanged.Count("read"), unchanged.Count("unchanged")));
        Assert.Equal(export, await account.Http.GetByteArrayAsync("/v1/contacts/export"));

        using var other = await Account.CreateAsync(host);
        await other.ImportAsync(export);
        Assert.Equal("a:  / ; b:  / ", await BelongingsAsync(other)); // by itself an export brings no lists
        var moved = await other.ImportAsync(export, """{"mapping":{"lists":"lists","tags":"tags"}}""");
        Assert.Equal(2, moved.Count("updated"));
        Assert.Equal("a: News, R;D / vip; b: News / ", await BelongingsAsync(other));
    }

    [Theory]
    [InlineData("""[{"column":"x","field":"lists","action":"drop"}]""", "action")]
    [InlineData("""[{"column":"x","field":"email","action":"remove"}]""", "action")]
    [InlineData("""[{"value":"vip","field":"tags"}]""", "options")]
    [InlineData("""[{"column":"x","field":"lists:remove","action":"add"}]""", "contradicts")]
    [InlineData("""{"x":"lists:drop"}""", "lists:remove")]
    public async Task A_mapping_of_lists_that_cannot_be_followed_says_why(string mapping, string named)
    {
        using var account = await Account.CreateAsync(host);
        var answer = await account.ImportAsync("email,x\na@x.example,b\n", $$$"""{"mapping":{{{mapping}}}}""");
        Assert.Equal("unknown_column", answer.Code);
        Assert.Contains(named, answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_called_tags_is_a_field_and_the_mapping_says_what_it_could_be()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync("email,Tags\na@x.example,vip\n");
        var column = import.Body.GetProperty("mapping").EnumerateArray().Single(m => m.GetProperty("column").GetString() == "Tags");
        Assert.Equal("field:Tags", column.GetProperty("field").GetString());
        Assert.Contains("send it to tags", column.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Every contact's lists and tags, all in alphabetical order: <c>a: News / vip; b: …</c>.</summary>
    static async Task<string> BelongingsAsync(Account account)
    {
        static string Names(JsonElement names) => string.Join(", ", names.EnumerateArray().Select(n => n.GetString()).Order(StringComparer.Ordinal));
        return string.Join("; ", (await account.Http.ContactsAsync()).OrderBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => $"{c.Key.Split('@')[0]}: {Names(c.Value.GetProperty("lists"))} / {Names(c.Value.GetProperty("tags"))}"));
    }

    static async Task<List<string?>> NamesAsync(Account account, string kind) =>
        [.. JsonDocument.Parse(await account.Http.GetStringAsync($"/v1/{kind}")).RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()).Order(StringComparer.Ordinal)];

    static async Task<int> ListIdAsync(Account account, string name) =>
        JsonDocument.Parse(await account.Http.GetStringAsync("/v1/lists")).RootElement.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name).GetProperty("id").GetInt32();

    static async Task<string> MembersAsync(Account account, string list) => await account.Http.GetStringAsync($"/v1/lists/{await ListIdAsync(account, list)}/members");

    /// <summary>As a façade's unsubscribe does it, in the account "leavers".</summary>
    async Task LeaveAsync(Account account, string list, string email)
    {
        var contact = await account.FindAsync(email);
        Assert.NotNull(contact);
        var own = await host.Stores.Accounts.EnsureAsync("leavers", null, null, null, CancellationToken.None);
        Assert.True(await host.Stores.Contacts.LeaveListAsync(own.Id, await ListIdAsync(account, list), contact.Value.GetProperty("id").GetInt32(), CancellationToken.None));
    }

    static async Task TurnAsync(Account account, string id, string verb)
    {
        using var response = await account.Http.PostAsync($"/v1/imports/{id}/{verb}", null);
        var turned = await EndAsync(account, (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!); // an import has an id
        Assert.Equal("completed", turned.GetProperty("status").GetString());
    }

    static async Task<JsonElement> EndAsync(Account account, string id)
    {
        JsonElement import = default;
        await Until.TrueAsync(async () =>
        {
            import = JsonDocument.Parse(await account.Http.GetStringAsync("/v1/imports/" + id)).RootElement;
            return import.GetProperty("status").GetString() is not ("queued" or "running");
        });
        return import;
    }
}
