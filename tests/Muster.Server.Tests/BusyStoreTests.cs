using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Server.Tests.Facades;

namespace Muster.Server.Tests;

/// <summary>Another process holds the database, a backup tool say: whoever would write is told to come back, each in the form that it knows.</summary>
public sealed class BusyStoreTests
{
    [Fact]
    public async Task A_write_while_another_process_holds_the_database_is_answered_503_and_keeps_nothing()
    {
        await using var host = Host();
        await host.InitializeAsync();
        using var client = host.Admin();
        using (Hold(host))
        {
            foreach (var (path, body) in ((string, HttpContent)[])
            [
                ("/v1/imports", Answers.Form("email\nann@example.com\n"u8.ToArray(), options: null)),
                ("/v1/uploads", Answers.Form("email\nann@example.com\n"u8.ToArray(), options: null)),
                ("/v1/contacts", Answers.Json("""{"email":"ann@example.com"}""")),
                ("/v1/lists", Answers.Json("""{"name":"Customers"}""")),
            ])
            {
                using var response = await client.PostAsync(path, body);
                await response.ProblemAsync(HttpStatusCode.ServiceUnavailable, "store_busy");
                Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero, path);
            }
            using var read = await client.GetAsync("/v1/lists");
            Assert.Empty((await read.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        }
        Assert.Empty(Directory.GetFiles(host.SpoolFolder));
        using var later = await client.PostAsync("/v1/contacts", Answers.Json("""{"email":"ann@example.com"}"""));
        Assert.Equal(HttpStatusCode.Created, later.StatusCode);
    }

    [Fact]
    public async Task Each_vendor_tells_a_busy_store_in_its_own_form()
    {
        await using var acme = new FacadeHost { Host = Host() };
        await acme.InitializeAsync();
        using var exotel = acme.Exotel();
        using var native = acme.Native();
        using var dotmailer = acme.Native();
        dotmailer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", FacadeHost.BasicOf(acme.Token));
        using var held = Hold(acme.Host);

        var told = await ToldAsync(exotel.PostAsync("contacts", Answers.Json("""{"contacts":[{"number":"+14155550123"}]}""")));
        Assert.Contains("\"status\":\"failure\"", told, StringComparison.Ordinal);
        told = await ToldAsync(exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("Diwali", "number\n9876543210\n")));
        Assert.Contains("\"http_code\":503", told, StringComparison.Ordinal);
        told = await ToldAsync(native.PostAsync($"/apiv2?type=contact&activity=addsync&apikey={acme.Token}", new FormUrlEncodedContent([new("data", """{"EMAIL":"ann@example.com"}""")])));
        Assert.StartsWith("{\"result\":\"", told, StringComparison.Ordinal);
        told = await ToldAsync(native.PostAsync("/api/v1/contact/bulk", Answers.Json("""{"contacts":[{"phone_number":"0400000000"}]}""")));
        Assert.StartsWith("{\"code\":503,\"message\":\"", told, StringComparison.Ordinal);
        told = await ToldAsync(dotmailer.PostAsync("/v2/contacts", Answers.Json("""{"email":"ann@example.com"}""")));
        Assert.Equal("""{"message":"Error: ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE"}""", told);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes("email\nann@example.com\n")), "file", "contacts.csv" } };
        told = await ToldAsync(dotmailer.PostAsync("/v2/contacts/import", form));
        Assert.EndsWith("ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE\"}", told, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(acme.Host.SpoolFolder));
    }

    static MusterHost Host() => new() { RunsImports = false, Settings = s => s with { StoreBusySeconds = 1 } };

    /// <summary>What was answered with 503 and a time to come back.</summary>
    static async Task<string> ToldAsync(Task<HttpResponseMessage> answer)
    {
        using var response = await answer;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)response.StatusCode} {text}");
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero, text);
        return text;
    }

    /// <summary>As another process would: a connection of its own in the middle of a write.</summary>
    static SqliteConnection Hold(MusterHost host)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = host.Stores.Database.File, Pooling = false }.ToString());
        connection.Open();
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return connection;
    }
}
