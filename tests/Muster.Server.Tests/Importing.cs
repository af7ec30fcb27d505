using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Tests;

/// <summary>Imports a text and looks at what came of it, over HTTP.</summary>
static class Importing
{
    /// <summary>The import at its end, or where it waits for a person.</summary>
    public static async Task<JsonElement> ImportAsync(this HttpClient client, string csv, string? options = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = Answers.Form(Encoding.UTF8.GetBytes(csv), options) };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        return await response.JsonAsync(HttpStatusCode.Accepted);
    }

    public static async Task<JsonElement> CompletedAsync(this HttpClient client, string csv, string? options = null)
    {
        var import = await client.ImportAsync(csv, options);
        Assert.True(import.GetProperty("status").GetString() == "completed", import.GetRawText());
        return import;
    }

    /// <summary>The import once it has ended.</summary>
    public static async Task<ImportResource> EndAsync(this MusterClient client, Guid id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach (var import in client.WatchAsync(id, patience.Token))
        {
            if (import.IsTerminal())
                return import;
        }
        return await client.GetImportAsync(id, CancellationToken.None);
    }

    /// <summary>All contacts of the account, by e-mail address.</summary>
    public static async Task<Dictionary<string, JsonElement>> ContactsAsync(this HttpClient client)
    {
        using var response = await client.GetAsync("/v1/contacts?limit=1000");
        return (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray()
            .ToDictionary(c => c.GetProperty("email").GetString() ?? "", StringComparer.Ordinal);
    }

    /// <summary>Codes of an import's errors and warnings, in the order of the rows: <c>3 invalid_date</c>.</summary>
    public static async Task<string[]> ErrorsAsync(this HttpClient client, JsonElement import)
    {
        using var response = await client.GetAsync(import.GetProperty("links").GetProperty("errors").GetString());
        return [.. (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray()
            .Select(e => $"{e.GetProperty("row_number").GetInt64()} {e.GetProperty("code").GetString()}")];
    }

    public static async Task FieldAsync(this HttpClient client, string name, string type)
    {
        using var response = await client.PostAsync("/v1/fields", Answers.Json($$"""{"name":"{{name}}","type":"{{type}}"}"""));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    public static string? Field(this JsonElement contact, string name) =>
        contact.GetProperty("fields").TryGetProperty(name, out var value) ? value.ToString() : null;
}
