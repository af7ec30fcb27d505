using System.Net;
using System.Text;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class AtomicTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task One_rejected_row_and_nothing_is_imported()
    {
        using var client = host.Admin();
        var failed = await client.ImportAsync("email,shoe\na1@atomic.test,40\nnonsense,41\na2@atomic.test,42\n", """{"atomic":true,"lists":["Atomic"]}""");
        Assert.Equal(("failed", "atomic_rejected"), (failed.GetProperty("status").GetString(), failed.GetProperty("failure").GetProperty("code").GetString()));
        var counts = failed.GetProperty("counts");
        Assert.Equal((3, 0, 2, 1), (counts.GetProperty("read").GetInt32(), counts.GetProperty("created").GetInt32(), counts.GetProperty("skipped").GetInt32(), counts.GetProperty("rejected").GetInt32()));
        Assert.True(failed.GetProperty("options").GetProperty("atomic").GetBoolean());
        Assert.Equal(["3 invalid_email"], await client.ErrorsAsync(failed));
        Assert.Equal("email,shoe\nnonsense,41\n", await client.GetStringAsync(failed.GetProperty("links").GetProperty("rejects").GetString()));
        var rows = await (await client.GetAsync(failed.GetProperty("links").GetProperty("rows").GetString())).JsonAsync(HttpStatusCode.OK);
        Assert.Equal(("skipped", "atomic_rejected"), (rows.GetProperty("items")[0].GetProperty("outcome").GetString(), rows.GetProperty("items")[0].GetProperty("codes")[0].GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, rows.GetProperty("items")[0].GetProperty("contact_id").ValueKind);
        Assert.DoesNotContain("a1@atomic.test", (await client.ContactsAsync()).Keys);
        Assert.DoesNotContain("Atomic", await client.GetStringAsync("/v1/lists"));
        Assert.DoesNotContain("shoe", await client.GetStringAsync("/v1/fields"));

        var again = await client.CompletedAsync("email,shoe\na1@atomic.test,40\na3@atomic.test,41\na2@atomic.test,42\n", """{"atomic":true,"lists":["Atomic"]}""");
        Assert.Equal(3, again.GetProperty("counts").GetProperty("created").GetInt32());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, again.GetProperty("progress").GetProperty("phase").ValueKind);
    }

    [Fact]
    public async Task Max_rejects_raises_what_it_may_have_also_by_query()
    {
        using var client = host.Admin();
        using var content = new StringContent("email\nm1@atomic-max.test\nbad\nworse\n", Encoding.UTF8, "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?atomic=true&max_rejects=2") { Content = content, Headers = { { "Prefer", "wait=60" } } };
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(("completed", 2), (import.GetProperty("status").GetString(), import.GetProperty("counts").GetProperty("rejected").GetInt32()));
        var failed = await client.ImportAsync("email\nm2@atomic-max.test\nbad\nworse\nworst\n", """{"atomic":true,"max_rejects":2}""");
        Assert.Equal("atomic_rejected", failed.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_plan_of_it_is_not_applied_while_it_has_rejected_rows()
    {
        using var http = host.Admin();
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var plan = await http.ImportAsync("email\nn1@atomic-plan.test\nbad\n", """{"atomic":true,"dry_run":true}""");
        Assert.Equal(("planned", 1), (plan.GetProperty("status").GetString(), plan.GetProperty("counts").GetProperty("created").GetInt32()));
        Assert.Equal("max_rejects", plan.GetProperty("flags")[0].GetProperty("rule").GetString());
        using var answer = await http.PostAsync($"/v1/imports/{plan.GetProperty("id").GetString()}/apply", null);
        await answer.ProblemAsync(HttpStatusCode.Conflict, "atomic_rejected");
    }

    [Fact]
    public async Task Rejects_for_people_run_no_formula_and_are_read_as_they_were_when_sent_back()
    {
        using var client = host.Admin();
        const string Csv = "email,note,phone\n=cmd()@x,\"=HYPERLINK(\"\"a\"\",\"\"b\"\")\",+61412345678\nbad,'=kept,-5\nok@safe.test,fine,\n";
        var import = await client.ImportAsync(Csv, null);
        var path = import.GetProperty("links").GetProperty("rejects").GetString();
        Assert.Equal(Csv[..Csv.IndexOf("ok@", StringComparison.Ordinal)], await client.GetStringAsync(path));
        using var answer = await client.GetAsync(path + "?safe=true");
        var safe = await answer.Content.ReadAsStringAsync();
        Assert.Equal("email,note,phone\r\n'=cmd()@x,\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\",+61412345678\r\nbad,''=kept,'-5\r\n", safe);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);

        var corrected = safe.Replace("'=cmd()@x", "s1@safe.test", StringComparison.Ordinal).Replace("bad,", "s2@safe.test,", StringComparison.Ordinal).Replace("'-5", "", StringComparison.Ordinal);
        using var retry = await client.PostAsync($"/v1/imports/{import.GetProperty("id").GetString()}/retry", Answers.Form(Encoding.UTF8.GetBytes(corrected), null));
        var id = (await retry.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString();
        await Until.TrueAsync(async () => (await (await client.GetAsync($"/v1/imports/{id}")).JsonAsync(HttpStatusCode.OK)).GetProperty("status").GetString() == "completed");
        var contacts = await client.ContactsAsync();
        Assert.Equal(("=HYPERLINK(\"a\",\"b\")", "'=kept"), (contacts["s1@safe.test"].Field("note"), contacts["s2@safe.test"].Field("note")));
    }

    [Fact]
    public async Task Rejects_of_json_come_for_people_as_a_table()
    {
        using var client = host.Admin();
        using var content = new StringContent("""[{"email":"j1@safe-json.test","note":"x"},{"note":"@SUM(1)","email":"bad"}]""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?hold=false") { Content = new ByteArrayContent(await content.ReadAsByteArrayAsync()), Headers = { { "Prefer", "wait=60" } } };
        request.Content.Headers.ContentType = new("application/octet-stream");
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("email,note\r\nbad,'@SUM(1)\r\n", await client.GetStringAsync(import.GetProperty("links").GetProperty("rejects").GetString() + "?safe=true"));
        Assert.Equal("email,note\r\nj1@safe-json.test,x\r\n", await client.GetStringAsync($"/v1/imports/{import.GetProperty("id").GetString()}/created?safe=1"));
    }

    [Fact]
    public async Task An_undo_keeps_opt_outs_unless_told_otherwise()
    {
        using var http = host.Admin();
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        await http.CompletedAsync("email\nu1@opt.test\n");
        var import = await http.CompletedAsync("email\nu1@opt.test\nu2@opt.test\n", """{"consent":{"status":"opted_out"}}""");
        var id = import.GetProperty("id").GetGuid();
        using var preview = await http.PostAsync($"/v1/imports/{id}/undo?dry_run=true", null);
        Assert.Equal("undo_opt_out_kept", (await preview.JsonAsync(HttpStatusCode.OK)).GetProperty("conflicts_shown")[0].GetProperty("code").GetString());
        await client.EndAsync((await client.UndoAsync(id, force: true, None)).Id);
        Assert.Equal(["opted_out", "opted_out"], (await client.ContactsAsync(new(Search: "opt.test"), null, 10, None)).Items.Select(c => c.Status));
        await client.EndAsync((await client.RedoAsync(id, force: false, None)).Id);
        var undo = await client.EndAsync((await client.UndoAsync(id, force: false, None, allowResubscribe: true)).Id);
        Assert.Equal(("completed", 0L), (undo.Status, undo.Reversal?.Conflicts));
        Assert.Equal("active", Assert.Single((await client.ContactsAsync(new(Search: "opt.test"), null, 10, None)).Items).Status);
    }
}
