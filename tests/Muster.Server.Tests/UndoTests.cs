using System.Net;
using System.Text;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class UndoTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Undo_takes_the_import_back_and_redo_brings_it_again()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var import = await ImportAsync(client, "email,first_name,shoe size\nu1@undo.example,Ann,40\nu2@undo.example,Bob,41\n", new() { Lists = ["Undo me"], Tags = ["undo-me"] });
        using var http = host.Admin();

        using var answer = await http.PostAsync($"/v1/imports/{import.Id}/undo", null);
        var accepted = await answer.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(("undo", import.Id), (accepted.GetProperty("kind").GetString(), accepted.GetProperty("parent_id").GetGuid()));
        Assert.Equal("/v1/imports/" + accepted.GetProperty("id").GetString(), answer.Headers.Location?.OriginalString);
        var undo = await client.EndAsync(accepted.GetProperty("id").GetGuid());
        Assert.Equal("completed", undo.Status);
        Assert.Equal((2L, 2L, 0L), (undo.Counts.Read, undo.Reversal?.Removed, undo.Reversal?.Conflicts));
        var undone = await client.GetImportAsync(import.Id, None);
        Assert.Equal(("undone", (Guid?)undo.Id), (undone.Status, undone.UndoneBy));
        Assert.Empty((await client.ContactsAsync(new(Search: "undo.example"), null, 10, None)).Items);
        Assert.DoesNotContain((await client.ListsAsync(null, 1_000, None)).Items, l => l.Name == "Undo me");
        Assert.DoesNotContain((await client.TagsAsync(null, 1_000, None)).Items, t => t.Name == "undo-me");
        Assert.DoesNotContain((await client.FieldsAsync(null, 1_000, None)).Items, f => f.Name == "shoe size");

        using var twice = await http.PostAsync($"/v1/imports/{import.Id}/undo", null);
        await twice.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");

        var redo = await client.EndAsync((await client.RedoAsync(import.Id, force: false, None)).Id);
        Assert.Equal(("redo", "completed", 2L), (redo.Kind, redo.Status, redo.Reversal?.Restored));
        Assert.Equal("completed", (await client.GetImportAsync(import.Id, None)).Status);
        Assert.Equal("undone", (await client.GetImportAsync(undo.Id, None)).Status);
        var contact = (await client.ContactsAsync(new(Email: "u1@undo.example"), null, 10, None)).Items[0];
        Assert.Equal(("Ann", "40", "Undo me", "undo-me"), (contact.FirstName, contact.Fields["shoe size"].GetString(), contact.Lists[0], contact.Tags[0]));
    }

    [Fact]
    public async Task A_preview_counts_and_lists_conflicts_and_writes_nothing()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var import = await ImportAsync(client, "email,first_name,company\nv1@preview.example,Ann,Acme\nv2@preview.example,Bob,Acme\n", null);
        var contact = (await client.ContactsAsync(new(Email: "v1@preview.example"), null, 10, None)).Items[0];
        using var http = host.Admin();
        using var patched = await http.PatchAsync($"/v1/contacts/{contact.Id}", Answers.Json("""{"first_name":"Anna"}"""));
        patched.EnsureSuccessStatusCode();

        using var answer = await http.PostAsync($"/v1/imports/{import.Id}/undo?dry_run=true", null);
        var preview = await answer.JsonAsync(HttpStatusCode.OK);
        var reversal = preview.GetProperty("reversal");
        Assert.Equal((1, 1, 2), (reversal.GetProperty("removed").GetInt32(), reversal.GetProperty("changed").GetInt32(), reversal.GetProperty("conflicts").GetInt32()));
        Assert.Contains(preview.GetProperty("conflicts_shown").EnumerateArray(), c => c.GetProperty("column").GetString() == "first_name" && c.GetProperty("code").GetString() == "undo_conflict");
        Assert.Equal("completed", (await client.GetImportAsync(import.Id, None)).Status);
        Assert.Equal(2, (await client.ContactsAsync(new(Search: "preview.example"), null, 10, None)).Items.Count);

        using var body = await http.PostAsync($"/v1/imports/{import.Id}/undo", Answers.Json("""{"dry_run":true,"on_conflict":"force"}"""));
        Assert.Equal(2, (await body.JsonAsync(HttpStatusCode.OK)).GetProperty("reversal").GetProperty("removed").GetInt32());

        var undo = await client.EndAsync((await client.UndoAsync(import.Id, force: false, None)).Id);
        var conflicts = new List<ErrorResource>();
        await foreach (var conflict in client.ErrorsAsync(undo.Id, None))
            conflicts.Add(conflict);
        Assert.Equal(["undo_contact_kept", "undo_conflict"], conflicts.Select(c => c.Code));
        Assert.All(conflicts, c => Assert.Equal((2L, "warning"), (c.RowNumber, c.Severity)));
        var kept = Assert.Single((await client.ContactsAsync(new(Search: "preview.example"), null, 10, None)).Items);
        Assert.Equal(("Anna", null), (kept.FirstName, kept.Company));
    }

    [Theory]
    [InlineData("undo?on_conflict=never", HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("undo?dryrun=true", HttpStatusCode.BadRequest, "invalid_parameter")]
    [InlineData("redo", HttpStatusCode.Conflict, "wrong_status")]
    public async Task What_cannot_be_is_refused_with_its_reason(string call, HttpStatusCode status, string code)
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var import = await ImportAsync(client, "email\nw1@refused.example\n", null);
        using var http = host.Admin();
        using var answer = await http.PostAsync($"/v1/imports/{import.Id}/{call}", null);
        await answer.ProblemAsync(status, code);
    }

    [Fact]
    public async Task Another_account_and_an_unknown_id_are_told_the_same()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        var import = await ImportAsync(client, "email\nx1@foreign.example\n", null);
        using var other = host.Client(host.OtherToken);
        foreach (var call in (string[])["undo", "undo?dry_run=true", "redo"])
        {
            using var foreign = await other.PostAsync($"/v1/imports/{import.Id}/{call}", null);
            using var unknown = await other.PostAsync($"/v1/imports/{Guid.CreateVersion7()}/{call}", null);
            await foreign.ProblemAsync(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(await foreign.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        }
        using var reader = host.Client(host.ReadToken);
        using var forbidden = await reader.PostAsync($"/v1/imports/{import.Id}/undo", null);
        await forbidden.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
    }

    static async Task<ImportResource> ImportAsync(MusterClient client, string csv, ImportOptionsResource? options)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var import = await client.SubmitAsync(file, "a.csv", options, null, None, waitSeconds: 60);
        Assert.Equal("completed", import.Status);
        return import;
    }
}

public sealed class UndoExpiryTests(UndoExpiryTests.ForgetfulHost fixture) : IClassFixture<UndoExpiryTests.ForgetfulHost>
{
    /// <summary>A server where nothing can be taken back once it has ended.</summary>
    public sealed class ForgetfulHost : IAsyncLifetime
    {
        public MusterHost Host { get; } = new() { Settings = s => s with { UndoDays = 0 } };
        public ValueTask InitializeAsync() => Host.InitializeAsync();
        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    [Fact]
    public async Task After_undo_days_an_import_can_no_longer_be_taken_back()
    {
        using var client = new MusterClient(fixture.Host.Client(null), fixture.Host.AdminToken);
        using var file = new MemoryStream("email\na@example.com\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", null, null, CancellationToken.None, waitSeconds: 60);
        using var http = fixture.Host.Admin();
        using var answer = await http.PostAsync($"/v1/imports/{import.Id}/undo", null);
        await answer.ProblemAsync(HttpStatusCode.Gone, "undo_expired");
    }
}
