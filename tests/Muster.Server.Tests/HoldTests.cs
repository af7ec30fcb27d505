using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests;

public sealed class HoldTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    /// <summary>5,000 rows; when shifted, every cell stands one column too far to the right.</summary>
    static byte[] File(bool shifted)
    {
        var csv = new StringBuilder("email,phone,first_name,last_name\r\n");
        for (var i = 0; i < 5_000; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{(shifted ? "Mr," : "")}c{i}@example.org,+6140000{i:0000},Ann,Lee\r\n");
        return Encoding.UTF8.GetBytes(shifted ? csv.ToString().Replace(",Lee\r\n", "\r\n", StringComparison.Ordinal) : csv.ToString());
    }

    static async Task<JsonElement> ImportAsync(HttpClient client, byte[] file, string? options)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = Answers.Form(file, options) };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        return await response.JsonAsync(HttpStatusCode.Accepted);
    }

    static async Task<JsonElement> UntilAsync(HttpClient client, string id, string status)
    {
        while (true)
        {
            using var response = await client.GetAsync("/v1/imports/" + id);
            var import = await response.JsonAsync(HttpStatusCode.OK);
            if (import.GetProperty("status").GetString() == status)
                return import;
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            await timer.WaitForNextTickAsync();
        }
    }

    [Fact]
    public async Task A_list_that_was_deleted_while_the_import_was_held_is_named_in_a_warning()
    {
        using var client = await NewAccountAsync("held list");
        using var made = await client.PostAsync("/v1/lists", Answers.Json("""{"name":"Short-lived"}"""));
        var list = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetInt32();
        var import = await ImportAsync(client, File(shifted: true), $$"""{"list_ids":[{{list}}]}""");
        Assert.Equal("held", import.GetProperty("status").GetString());
        using var deleted = await client.DeleteAsync($"/v1/lists/{list}");
        deleted.EnsureSuccessStatusCode();
        var id = import.GetProperty("id").GetString()!;
        using var approved = await client.PostAsync($"/v1/imports/{id}/approve", null);
        await approved.JsonAsync(HttpStatusCode.OK);
        import = await UntilAsync(client, id, "completed");
        Assert.Equal($"The list {list} was deleted while the import waited: nobody is brought into it.", Assert.Single(import.GetProperty("warnings").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Shifted_columns_are_held_with_the_reason_and_approving_imports_them()
    {
        using var client = await NewAccountAsync("shifted");
        var import = await ImportAsync(client, File(shifted: true), null);
        Assert.Equal("held", import.GetProperty("status").GetString());
        Assert.Equal(0, import.GetProperty("counts").GetProperty("read").GetInt32());
        using var resumed = await client.PostAsync($"/v1/imports/{import.GetProperty("id").GetString()}/resume", null);
        Assert.Equal("The import is held. Only an import that is paused can be resumed. Approve it to let it go on, or cancel it.", (await resumed.ProblemAsync(HttpStatusCode.Conflict, "wrong_status")).Detail);
        var rules = import.GetProperty("hold").EnumerateArray().ToArray();
        Assert.Contains(rules, f => f.GetProperty("rule").GetString() == "reject_share" && f.GetProperty("value").GetDouble() == 1 && f.GetProperty("limit").GetDouble() == 0.3);
        var column = rules.First(f => f.GetProperty("rule").GetString() == "column_fit" && f.GetProperty("column").GetString() == "email");
        Assert.Contains("email", column.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_email", column.GetProperty("examples")[0].GetProperty("code").GetString());
        Assert.Equal(2, column.GetProperty("examples")[0].GetProperty("row_number").GetInt32());

        var id = import.GetProperty("id").GetString()!;
        using var approved = await client.PostAsync($"/v1/imports/{id}/approve", null);
        await approved.JsonAsync(HttpStatusCode.OK);
        import = await UntilAsync(client, id, "completed");
        Assert.Equal((5_000, 5_000), (import.GetProperty("counts").GetProperty("read").GetInt32(), import.GetProperty("counts").GetProperty("rejected").GetInt32()));
        Assert.NotEqual(JsonValueKind.Null, import.GetProperty("hold")[0].GetProperty("approved_at").ValueKind);
        using var again = await client.PostAsync($"/v1/imports/{id}/approve", null);
        await again.JsonAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_held_import_can_be_canceled_and_one_that_was_never_held_cannot_be_approved()
    {
        using var client = await NewAccountAsync("cancel-held");
        var held = await ImportAsync(client, File(shifted: true), null);
        using var canceled = await client.PostAsync($"/v1/imports/{held.GetProperty("id").GetString()}/cancel", null);
        Assert.Equal("canceled", (await canceled.JsonAsync(HttpStatusCode.OK)).GetProperty("status").GetString());
        var good = await ImportAsync(client, File(shifted: false), null);
        Assert.Equal("completed", good.GetProperty("status").GetString());
        Assert.Empty(good.GetProperty("hold").EnumerateArray());
        using var refused = await client.PostAsync($"/v1/imports/{good.GetProperty("id").GetString()}/approve", null);
        await refused.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
    }

    [Fact]
    public async Task Limits_come_from_the_import_else_from_the_account()
    {
        using var client = await NewAccountAsync("limits");
        using var patched = await client.PatchAsync("/v1/account", Answers.Json("""{"hold":{"reject_share":false,"column_fit":0}}"""));
        var limits = (await patched.JsonAsync(HttpStatusCode.OK)).GetProperty("hold");
        Assert.Equal(JsonValueKind.Null, limits.GetProperty("reject_share").ValueKind);
        Assert.Equal(0.2, limits.GetProperty("cleared_share").GetDouble());
        Assert.Equal("completed", (await ImportAsync(client, File(shifted: true), null)).GetProperty("status").GetString());

        var held = await ImportAsync(client, File(shifted: true), """{"hold":{"reject_share":0.99}}""");
        Assert.Equal("reject_share", Assert.Single(held.GetProperty("hold").EnumerateArray()).GetProperty("rule").GetString());
        Assert.Equal(0.99, held.GetProperty("options").GetProperty("hold").GetProperty("reject_share").GetDouble());
        Assert.Equal("held", (await ImportAsync(client, File(shifted: true), """{"hold":true}""")).GetProperty("status").GetString());
        Assert.Equal("completed", (await ImportAsync(client, File(shifted: true), """{"hold":false}""")).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{"hold":{"rejects":0.5}}""")]
    [InlineData("""{"hold":{"reject_share":30}}""")]
    [InlineData("""{"hold":{"reject_share":-0.1}}""")]
    [InlineData("""{"hold":"yes"}""")]
    public async Task Limits_that_cannot_be_are_refused_by_name(string options)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", Answers.Form(File(shifted: false), options));
        Assert.Equal("hold", (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option")).Option);
    }
}
