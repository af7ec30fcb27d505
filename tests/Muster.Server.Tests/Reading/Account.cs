using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests.Reading;

/// <summary>An account of its own on a running server, and what a caller does with it.</summary>
sealed class Account(HttpClient client) : IDisposable
{
    static int made;

    public static async Task<Account> CreateAsync(MusterHost host) => new(host.Client(await host.MintAsync($"reading-{Interlocked.Increment(ref made)}", KeyScope.Admin)));

    /// <summary>Imports to the end, or until it is refused.</summary>
    public async Task<ImportAnswer> ImportAsync(byte[] file, string? options = null, string fileName = "contacts.csv")
    {
        using var form = Form(file, options, fileName);
        return await SendAsync(form);
    }

    /// <summary>Has an import accepted, or refused, and waits for nothing.</summary>
    public async Task<ImportAnswer> StartAsync(byte[] file, string? options = null)
    {
        using var form = Form(file, options, "contacts.csv");
        return await SendAsync(form, waits: false);
    }

    public Task<ImportAnswer> ImportAsync(string file, string? options = null) => ImportAsync(Encoding.UTF8.GetBytes(file), options);

    /// <summary>Sends the file as a raw body.</summary>
    public async Task<ImportAnswer> ImportBodyAsync(byte[] file, string type, string? contentEncoding = null)
    {
        using var body = new ByteArrayContent(file);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (contentEncoding is not null)
            body.Headers.ContentEncoding.Add(contentEncoding);
        return await SendAsync(body);
    }

    /// <summary>Everything the account has, but for ids and times.</summary>
    public async Task<string> ContactsAsync()
    {
        var text = new StringBuilder();
        foreach (var line in (await client.GetStringAsync("/v1/contacts/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var contact = JsonDocument.Parse(line).RootElement;
            text.AppendJoin('|', contact.EnumerateObject().Where(m => m.Name is not ("id" or "created_at" or "updated_at")).Select(m => m.Name + "=" + m.Value)).Append('\n');
        }
        return text.ToString();
    }

    public async Task<JsonElement?> FindAsync(string email)
    {
        var items = JsonDocument.Parse(await client.GetStringAsync($"/v1/contacts?email={Uri.EscapeDataString(email)}")).RootElement.GetProperty("items");
        return items.GetArrayLength() == 0 ? null : items[0];
    }

    public Task<byte[]> RejectsAsync(ImportAnswer import) => client.GetByteArrayAsync($"/v1/imports/{import.Id}/rejects");

    public async Task<List<JsonElement>> ErrorsAsync(ImportAnswer import) =>
        [.. JsonDocument.Parse(await client.GetStringAsync($"/v1/imports/{import.Id}/errors?limit=1000")).RootElement.GetProperty("items").EnumerateArray()];

    public HttpClient Http => client;

    public void Dispose() => client.Dispose();

    static MultipartFormDataContent Form(byte[] file, string? options, string fileName)
    {
        var form = new MultipartFormDataContent();
        if (options is not null)
            form.Add(new StringContent(options), "options");
        form.Add(new ByteArrayContent(file), "file", fileName);
        return form;
    }

    async Task<ImportAnswer> SendAsync(HttpContent content, bool waits = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = content };
        if (waits)
            request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, JsonDocument.Parse(text).RootElement);
    }
}

/// <summary>The answer to <c>POST /v1/imports</c>: an import at its end, or a problem.</summary>
sealed record ImportAnswer(int Status, JsonElement Body)
{
    public bool IsAccepted => Status == 202;

    public string Id => Body.GetProperty("id").GetString() ?? "";

    public string? Code => Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string? State => IsAccepted ? Body.GetProperty("status").GetString() : null;

    public JsonElement Source => Body.GetProperty("source");

    public int Count(string name) => Body.GetProperty("counts").GetProperty(name).GetInt32();

    /// <summary>Rows that are contacts now.</summary>
    public int Good => Count("created") + Count("updated") + Count("unchanged") + Count("duplicate");

    public bool Adds => Count("read") == Good + Count("suppressed") + Count("skipped") + Count("rejected");

    public override string ToString() => $"{Status} {Body}";
}
