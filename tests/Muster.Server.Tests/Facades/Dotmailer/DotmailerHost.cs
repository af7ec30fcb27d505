using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>Calls that tests of the façade make again and again.</summary>
static class DotmailerHost
{
    /// <summary>A client that authorises as the vendor's do.</summary>
    public static HttpClient Vendor(this MusterHost host, string token)
    {
        var parts = token.Split('_');
        return new()
        {
            BaseAddress = host.Address,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{parts[1]}:{parts[2]}"))) },
        };
    }

    public static MultipartFormDataContent File(string csv) => new() { { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file", "contacts.csv" } };

    public static async Task<string> ImportAsync(this HttpClient client, string csv, string path = "/v2/contacts/import")
    {
        using var form = File(csv);
        using var response = await client.PostAsync(path, form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == 202, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString() ?? "";
    }

    public static async Task<string> StatusAsync(this HttpClient client, string import) =>
        JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}")).RootElement.GetProperty("status").GetString() ?? "";

    public static async Task<string> EndAsync(this HttpClient client, string import)
    {
        var status = "";
        await Until.TrueAsync(async () => (status = await client.StatusAsync(import)) != "NotFinished");
        return status;
    }

    /// <summary>The vendor's error, after checking its form: one member, message.</summary>
    public static async Task<string> MessageAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var member = Assert.Single(JsonDocument.Parse(text).RootElement.EnumerateObject());
        Assert.Equal("message", member.Name);
        return member.Value.GetString() ?? "";
    }
}
