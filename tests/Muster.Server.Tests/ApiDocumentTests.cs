using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests;

public sealed class ApiDocumentTests(MusterHost host) : IClassFixture<MusterHost>
{
    static string CommittedPath => Repository.Full("docs/openapi.json");

    /// <summary>After a change on purpose: MUSTER_UPDATE_GOLDEN=1 writes the new document.</summary>
    [Fact]
    public async Task The_committed_document_is_what_the_routes_say()
    {
        await using var describing = new MusterHost { DescribesRoutes = true, RunsImports = false };
        await describing.InitializeAsync();
        using var client = describing.Client(null);
        using var parsed = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var document = JsonSerializer.Serialize(parsed.RootElement, Indented) + "\n";
        if (Environment.GetEnvironmentVariable("MUSTER_UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(CommittedPath, document);
        Assert.Equal(await File.ReadAllTextAsync(CommittedPath), document);
    }

    [Fact]
    public async Task A_server_answers_with_the_committed_document()
    {
        using var client = host.Client(null);
        using var response = await client.GetAsync("/openapi/v1.json");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await File.ReadAllTextAsync(CommittedPath), await response.Content.ReadAsStringAsync());
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_page_at_docs_runs_under_its_content_security_policy()
    {
        using var client = host.Client(null);
        using var response = await client.GetAsync("/docs/index.html");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var page = await response.Content.ReadAsStringAsync();
        foreach (var script in page.Split("<script").Skip(1))
            Assert.Contains("src=", script[..script.IndexOf('>', StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_not_there_below_docs_is_a_problem_document()
    {
        using var client = host.Client(null);
        using var response = await client.GetAsync("/docs/nothing-here");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Monitors_may_ask_by_head()
    {
        using var client = host.Client(null);
        foreach (var path in (string[])["/healthz", "/readyz"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var response = await client.SendAsync(request);
            Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Health_and_readiness_answer_without_a_key()
    {
        using var client = host.Client(null);
        foreach (var path in (string[])["/healthz", "/readyz"])
        {
            using var response = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }
}
