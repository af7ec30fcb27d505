using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class ChangesTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_field_is_told_with_its_values_before_and_after()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        await http.CompletedAsync("email,first_name,phone,tags of old\nc1@changes.example,Ann,+61412345678,red\nc2@changes.example,Bob,,\n");
        var import = await http.CompletedAsync(
            "email,first_name,phone,tags of old,shoe\nc1@changes.example,Anna,,Red;blue,40\nc2@changes.example,Bob,,,\nc3@changes.example,\"Cid, \"\"C\"\"\",+61412345679,,41\nnonsense,X,,,\n",
            """{"lists":["Changed"],"tags":["t1"],"policies":{"field:tags of old":"append"}}""");
        Assert.Equal(
            [
                "2 updated first_name Ann → Anna", "2 updated field:tags of old red → red;blue", "2 updated field:shoe ∅ → 40", "2 updated lists ∅ → Changed", "2 updated tags ∅ → t1",
                "3 updated lists ∅ → Changed", "3 updated tags ∅ → t1",
                "4 created phone ∅ → +61412345679", "4 created email ∅ → c3@changes.example", "4 created first_name ∅ → Cid, \"C\"", "4 created field:shoe ∅ → 41", "4 created lists ∅ → Changed", "4 created tags ∅ → t1",
            ], await LinesAsync(client, import.GetProperty("id").GetGuid()));

        var undo = await client.EndAsync((await client.UndoAsync(import.GetProperty("id").GetGuid(), force: false, None)).Id);
        var undone = await LinesAsync(client, undo.Id);
        Assert.Equal(["2 updated first_name Anna → Ann", "2 updated field:tags of old red;blue → red", "2 updated field:shoe 40 → ∅", "2 updated lists Changed → ∅", "2 updated tags t1 → ∅"], undone[..5]);
        Assert.Contains("4 removed email c3@changes.example → ∅", undone);
        var redo = await client.EndAsync((await client.RedoAsync(import.GetProperty("id").GetGuid(), force: false, None)).Id);
        Assert.Contains("4 restored email ∅ → c3@changes.example", await LinesAsync(client, redo.Id));
        Assert.Contains("2 updated first_name Ann → Anna", await LinesAsync(client, redo.Id));
    }

    [Fact]
    public async Task A_plan_tells_what_it_would_change_and_its_application_the_same()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        await http.CompletedAsync("email,first_name\np1@plan-changes.example,Ann\n");
        var plan = await http.ImportAsync(
            "email,first_name,height\np1@plan-changes.example,Anna,1.80\np2@plan-changes.example,Bob,\n", """{"dry_run":true,"lists":["Would be"],"tags":["would be"]}""");
        var planned = await client.ChangesPageAsync(plan.GetProperty("id").GetGuid(), null, 100, None);
        Assert.Equal([null], planned.Items.Where(c => c.RowNumber == 3).Select(c => c.ContactId).Distinct());
        var lines = await LinesAsync(client, plan.GetProperty("id").GetGuid());
        Assert.Equal(
            [
                "2 updated first_name Ann → Anna", "2 updated field:height ∅ → 1.80", "2 updated lists ∅ → Would be", "2 updated tags ∅ → would be",
                "3 created email ∅ → p2@plan-changes.example", "3 created first_name ∅ → Bob", "3 created lists ∅ → Would be", "3 created tags ∅ → would be",
            ], lines);
        var apply = await client.EndAsync((await client.ApplyAsync(plan.GetProperty("id").GetGuid(), replan: false, None)).Id);
        Assert.Equal(lines, await LinesAsync(client, apply.Id));
        Assert.Equal(lines, await LinesAsync(client, plan.GetProperty("id").GetGuid())); // the field is there now, and the plan says what it said
    }

    [Fact]
    public async Task Pages_of_any_size_tell_the_same_and_downloads_tell_all()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        var csv = new StringBuilder("email,first_name,last_name\n");
        for (var i = 0; i < 50; i++)
            csv.Append($"q{i}@pages.example,=F{i},L{i}\n");
        var id = (await http.CompletedAsync(csv.ToString())).GetProperty("id").GetGuid();
        var all = await LinesAsync(client, id);
        Assert.Equal(150, all.Count);
        foreach (var limit in (int[])[1, 2, 7, 150, 1_000])
        {
            var paged = new List<string>();
            string? cursor = null;
            do
            {
                var page = await client.ChangesPageAsync(id, cursor, limit, None);
                Assert.InRange(page.Items.Count, 1, limit);
                paged.AddRange(page.Items.Select(Line));
                cursor = page.NextCursor;
            }
            while (cursor is not null);
            Assert.Equal(all, paged);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/imports/{id}/changes?safe=true") { Headers = { { "Accept", "text/csv" } } };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("row_number,contact_id,outcome,action,field,before,after\r\n", text);
        Assert.Contains(",created,created,first_name,,'=F0\r\n", text);
        Assert.Equal(151, text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        using var bad = await http.GetAsync($"/v1/imports/{id}/changes?cursor=x");
        await bad.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        using var html = await http.SendAsync(new(HttpMethod.Get, $"/v1/imports/{id}/changes") { Headers = { { "Accept", "text/html" } } });
        await html.ProblemAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
    }

    public static TheoryData<string, byte[]> Sources => new()
    {
        { "a.json", """{"contacts":[{"email":"j1@FORMAT","first_name":"Zoë"},7,{"email":"j2@FORMAT","note":"a\"b"}]}"""u8.ToArray() },
        { "b.json", """[ {"email":"j1@FORMAT","first_name":"Zoë"} , {"email":"bad"}, {"email":"j2@FORMAT","note":"a\"b"} ]"""u8.ToArray() },
        { "c.ndjson", "{\"email\":\"j1@FORMAT\",\"first_name\":\"Zoë\"}\n\n{\"email\":\"j2@FORMAT\",\"note\":\"a\\\"b\"}\n"u8.ToArray() },
        { "d.csv", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("email,first_name,note\r\nj1@FORMAT,Zoë,\r\n\r\nbad,,\r\nj2@FORMAT,,\"a\"\"b\"\r\n")).ToArray() },
        { "e.csv", Encoding.Latin1.GetBytes("My list\nemail;first_name;note\nj1@FORMAT;Zoë;\n\nj2@FORMAT;;\"a\"\"b\"\n") },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Values_are_read_again_from_every_format(string file, byte[] bytes)
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var domain = file[..1] + ".formats.example";
        var wide = bytes is [0xFF, 0xFE, ..];
        var encoding = wide ? Encoding.Unicode : Encoding.Latin1; // UTF-8 passes through Latin-1 unharmed
        using var content = new MemoryStream(encoding.GetBytes(encoding.GetString(bytes).Replace("FORMAT", domain, StringComparison.Ordinal)));
        var import = await client.SubmitAsync(content, file, file == "e.csv" ? new() { Encoding = "windows-1252" } : null, null, None, waitSeconds: 60);
        Assert.True(import.Status == "completed", $"{import.Failure}");
        Assert.Equal(
            [$"email ∅ → j1@{domain}", "first_name ∅ → Zoë", $"email ∅ → j2@{domain}", "field:note ∅ → a\"b"],
            (await LinesAsync(client, import.Id)).Select(l => l[(l.IndexOf("created ", StringComparison.Ordinal) + 8)..]));
    }

    [Fact]
    public async Task A_source_that_is_gone_and_another_accounts_import_are_refused()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        var id = (await http.CompletedAsync("email\ng1@gone.example\n")).GetProperty("id").GetGuid();
        using var other = host.Client(host.OtherToken);
        using var foreign = await other.GetAsync($"/v1/imports/{id}/changes");
        await foreign.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        foreach (var spooled in await host.Stores.Imports.ExpireSourcesAsync(TimeProvider.System.GetUtcNow().AddDays(1), None))
            File.Delete(Path.Combine(host.SpoolFolder, spooled));
        using var gone = await http.GetAsync($"/v1/imports/{id}/changes");
        await gone.ProblemAsync(HttpStatusCode.Gone, "source_expired");
    }

    [Fact]
    public async Task Consent_is_told_too()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        await http.CompletedAsync("email\no1@consent-changes.example\n");
        var id = (await http.CompletedAsync("email,unsubscribed\no1@consent-changes.example,yes\no2@consent-changes.example,yes\n", """{"hold":false}""")).GetProperty("id").GetGuid();
        var changes = (await client.ChangesPageAsync(id, null, 100, None)).Items.Where(c => c.Field == "consent").ToList();
        Assert.Equal(["updated", "created"], changes.Select(c => c.Outcome));
        foreach (var change in changes)
        {
            Assert.Null(change.Before);
            Assert.Equal("opted_out", JsonDocument.Parse(change.After!).RootElement.GetProperty("email").GetProperty("status").GetString()); // told above
        }
    }

    static async Task<List<string>> LinesAsync(MusterClient client, Guid id)
    {
        var lines = new List<string>();
        await foreach (var change in client.ChangesAsync(id, None))
            lines.Add(Line(change));
        return lines;
    }

    static string Line(ChangeResource c) => $"{c.RowNumber} {c.Action} {c.Field} {c.Before ?? "∅"} → {c.After ?? "∅"}";
}
