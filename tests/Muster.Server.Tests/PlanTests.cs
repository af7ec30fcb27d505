using System.Net;
using System.Text;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class PlanTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_plan_writes_nothing_and_its_application_comes_to_what_it_said()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        await SendAsync(client, "email,first_name\np1@first-plan.example,Ann\np2@first-plan.example,Bob\n", null);
        const string Csv = "email,first_name,shoe\np1@first-plan.example,Anna,40\np2@first-plan.example,Bob,\np3@first-plan.example,Cid,41\np3@first-plan.example,Twice,42\nnonsense,X,1\n";
        var plan = await SendAsync(client, Csv, new() { DryRun = true, Lists = ["Planned"], Tags = ["planned"] });
        Assert.Equal(("plan", "planned"), (plan.Kind, plan.Status));
        Assert.Equal((5L, 1L, 2L, 1L, 1L), (plan.Counts.Read, plan.Counts.Created, plan.Counts.Updated, plan.Counts.Duplicate, plan.Counts.Rejected));
        Assert.Equal(3, plan.Warnings.Count(w => w.Contains("would be made", StringComparison.Ordinal)));
        Assert.Equal(2, (await client.ContactsAsync(new(Search: "first-plan.example"), null, 10, None)).Items.Count);
        Assert.DoesNotContain((await client.ListsAsync(null, 1_000, None)).Items, l => l.Name == "Planned");
        Assert.DoesNotContain((await client.TagsAsync(null, 1_000, None)).Items, t => t.Name == "planned");
        Assert.DoesNotContain((await client.FieldsAsync(null, 1_000, None)).Items, f => f.Name == "shoe");

        var apply = await client.EndAsync((await client.ApplyAsync(plan.Id, replan: false, None)).Id);
        Assert.Equal(("apply", "completed", (Guid?)plan.Id), (apply.Kind, apply.Status, apply.ParentId));
        Assert.Equal(plan.Counts, apply.Counts);
        Assert.Equal((Guid?)apply.Id, (await client.GetImportAsync(plan.Id, None)).AppliedBy);
        Assert.Equal(3, (await client.ListsAsync(null, 1_000, None)).Items.Single(l => l.Name == "Planned").Members);
        var contact = Assert.Single((await client.ContactsAsync(new(Email: "p1@first-plan.example"), null, 10, None)).Items);
        Assert.Equal(("Anna", "40"), (contact.FirstName, contact.Fields["shoe"].GetString()));

        using var http = host.Admin();
        using var again = await http.PostAsync($"/v1/imports/{plan.Id}/apply", null);
        await again.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
        var undo = await client.EndAsync((await client.UndoAsync(apply.Id, force: false, None)).Id);
        Assert.Equal((1L, 2L), (undo.Reversal?.Removed, undo.Reversal?.Changed));
    }

    [Fact]
    public async Task A_plan_whose_list_is_gone_is_not_applied_without_it()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var http = host.Admin();
        using var made = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"Short-lived plan"}"""));
        var list = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetInt32();
        var plan = await SendAsync(client, "email\ngone@list-plan.example\n", new() { DryRun = true, ListIds = [list] });
        using var deleted = await http.DeleteAsync($"/v1/lists/{list}");
        deleted.EnsureSuccessStatusCode();
        using var refused = await http.PostAsync($"/v1/imports/{plan.Id}/apply", null);
        var problem = await refused.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
        Assert.Contains($"list {list},", problem.Detail, StringComparison.Ordinal);
        Assert.Empty((await client.ContactsAsync(new(Email: "gone@list-plan.example"), null, 10, None)).Items);
    }

    [Theory]
    [InlineData(false, "Zoe", 1)]
    [InlineData(true, "Cid", 0)]
    public async Task A_contact_that_has_moved_since_is_reported_or_planned_anew(bool replan, string name, int skipped)
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var address = replan ? "m1@replan.example" : "m1@report.example";
        await SendAsync(client, $"email,first_name\n{address},Ann\n", null);
        var plan = await SendAsync(client, $"email,first_name\n{address},Cid\nnew-{address},Dan\n", new() { DryRun = true });
        var contact = Assert.Single((await client.ContactsAsync(new(Email: address), null, 10, None)).Items);
        using var http = host.Admin();
        using var patched = await http.PatchAsync($"/v1/contacts/{contact.Id}", Answers.Json("""{"first_name":"Zoe"}"""));
        patched.EnsureSuccessStatusCode();

        var apply = await client.EndAsync((await client.ApplyAsync(plan.Id, replan, None)).Id);
        Assert.Equal(("completed", 1L, skipped, 1L), (apply.Status, apply.Counts.Created, (int)apply.Counts.Skipped, apply.Counts.Warnings));
        Assert.Equal(name, (await client.GetContactAsync(contact.Id, None)).FirstName);
        var errors = (await client.ErrorsPageAsync(apply.Id, null, 10, None)).Items;
        Assert.Equal(("plan_conflict", 2L, "warning"), (errors[0].Code, errors[0].RowNumber, errors[0].Severity));
    }

    [Fact]
    public async Task What_is_no_plan_is_not_applied()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var import = await SendAsync(client, "email\nn1@noplan.example\n", null);
        using var http = host.Admin();
        using var answer = await http.PostAsync($"/v1/imports/{import.Id}/apply", null);
        await answer.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
        using var unknown = await http.PostAsync($"/v1/imports/{Guid.CreateVersion7()}/apply", null);
        await unknown.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        var plan = await SendAsync(client, "email\nn2@noplan.example\n", new() { DryRun = true });
        using var undo = await http.PostAsync($"/v1/imports/{plan.Id}/undo", null);
        await undo.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
    }

    static async Task<ImportResource> SendAsync(MusterClient client, string csv, ImportOptionsResource? options)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        return await client.SubmitAsync(file, "a.csv", options, null, None, waitSeconds: 60);
    }
}
