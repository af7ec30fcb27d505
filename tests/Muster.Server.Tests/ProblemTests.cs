using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Muster.Server.Tests;

public sealed class ProblemTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Theory]
    [InlineData("GET", "/nowhere", 404, "unknown_route")]
    [InlineData("GET", "/v1/nowhere", 404, "unknown_route")]
    [InlineData("PUT", "/v1/lists", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/account", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/imports/nonsense", 404, "not_found")]
    [InlineData("GET", "/v1/contacts/99999999999999999999", 404, "not_found")]
    [InlineData("GET", "/v1/contacts/-1", 404, "not_found")]
    [InlineData("GET", "/v1/contacts?limit=0", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts?limit=1001", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/lists?limit=ten", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/lists?cursor=nonsense", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts?cursor=%00nonsense", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/imports?cursor=nonsense", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/keys?cursor=nonsense", 400, "invalid_parameter")]
    [InlineData("GET", "/openapi/v2.json", 404, "unknown_route")]
    [InlineData("GET", "/v1/contacts?phone=abc", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts?phone=07400123456", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts?q=%00", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts?list_id=abc", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts/export?format=xls", 400, "invalid_parameter")]
    [InlineData("GET", "/v1/contacts/export?safe=maybe", 400, "invalid_parameter")]
    public async Task A_bad_request_is_told_as_a_problem(string method, string path, int status, string code)
    {
        using var client = host.Admin();
        using var request = new HttpRequestMessage(new(method), path);
        using var response = await client.SendAsync(request);
        await response.ProblemAsync((HttpStatusCode)status, code);
    }

    [Theory]
    [InlineData("/v1/lists", "{", 400, "malformed_json")]
    [InlineData("/v1/lists", "", 400, "bad_request")]
    [InlineData("/v1/lists", """{"name":5}""", 400, "malformed_json")]
    [InlineData("/v1/lists", """{"nom":"x"}""", 400, "malformed_json")]
    [InlineData("/v1/lists", """{"name":null}""", 400, "invalid_body")]
    [InlineData("/v1/lists", """{"name":"  "}""", 400, "invalid_body")]
    [InlineData("/v1/keys", """{"scope":"god"}""", 400, "invalid_body")]
    [InlineData("/v1/fields", """{"name":"x","type":"blob"}""", 400, "invalid_body")]
    [InlineData("/v1/fields", """{"name":"Email"}""", 400, "invalid_body")]
    [InlineData("/v1/contacts", """{"email":"a@example.com","fields":{"phone":"1"}}""", 422, "unknown_column")]
    [InlineData("/v1/contacts", "[1]", 400, "invalid_body")]
    [InlineData("/v1/contacts", """{"email":{}}""", 400, "invalid_body")]
    [InlineData("/v1/contacts", """{"mail":"a@example.com"}""", 400, "invalid_body")]
    [InlineData("/v1/contacts", "nonsense", 400, "malformed_json")]
    public async Task A_bad_body_is_told_as_a_problem(string path, string body, int status, string code)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync(path, Answers.Json(body));
        await response.ProblemAsync((HttpStatusCode)status, code);
    }

    /// <param name="body">~ stands for a byte that UTF-8 lacks.</param>
    [Theory]
    [InlineData("/v1/contacts", """{"email":"a@example.com","first_name":"\ud800"}""")]
    [InlineData("/v1/contacts", """{"email":"a@example.com","first_name":"~"}""")]
    [InlineData("/v1/contacts", """{"email":"a@example.com","fields":{"~":"x"}}""")]
    [InlineData("/v1/contacts", """{"\ud800":1}""")]
    [InlineData("/v1/lists", """{"name":"\udc00"}""")]
    [InlineData("/v1/suppressions", """{"value":"~"}""", "invalid_body")]
    [InlineData("/v1/imports", """{"contacts":[{"email":"a@example.com"}],"options":{"lists":["\ud800"]}}""")]
    [InlineData("/v1/imports", """{"contacts":[{"email":"a@example.com"}],"options":{"tags":["~"]}}""")]
    [InlineData("/v1/imports", """{"source":{"url":"https://\ud800.example"}}""")]
    [InlineData("/v1/imports", """{"~":1}""")]
    [InlineData("/v2/contacts", """{"email":"a@example.com","dataFields":[{"key":"FIRSTNAME","value":"\ud800"}]}""", null)]
    public async Task A_text_in_JSON_that_is_no_unicode_is_told_as_a_problem(string path, string body, string? code = "malformed_json")
    {
        using var client = host.Admin();
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(body).Select(b => b == '~' ? (byte)0xFF : b)]) { Headers = { ContentType = new("application/json") } };
        using var response = await client.PostAsync(path, content);
        if (code is not null)
            await response.ProblemAsync(HttpStatusCode.BadRequest, code);
        else
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode); // in a vendor's own form
        Assert.Empty(Directory.GetFiles(host.SpoolFolder));
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused_as_unsupported()
    {
        using var client = host.Admin();
        using var list = await client.PostAsync("/v1/lists", new StringContent("name=x", MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded")));
        await list.ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        using var contact = await client.PostAsync("/v1/contacts", new StringContent("x", MediaTypeHeaderValue.Parse("text/plain")));
        await contact.ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused_as_too_large()
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/lists", Answers.Json($$"""{"name":"{{new string('x', 2 << 20)}}"}"""));
        var problem = await response.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.Contains("1048576 bytes, which body_bytes_max allows", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_carry_safe_headers_and_name_no_server()
    {
        using var client = host.Admin();
        using var response = await client.GetAsync("/v1/account");
        Assert.False(response.Headers.Contains("Server"));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
