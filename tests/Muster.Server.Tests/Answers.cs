using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Tests;

/// <summary>What tests ask of answers.</summary>
static class Answers
{
    /// <summary>The problem of a refusal, after checking that it is one as RFC 9457 wants it.</summary>
    public static async Task<Problem> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize(text, MusterJson.Wire.Problem);
        Assert.NotNull(problem);
        Assert.Equal((int)status, problem.Status);
        Assert.Equal(code, problem.Code);
        Assert.NotEmpty(problem.Detail);
        Assert.NotEmpty(problem.Title);
        return problem;
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static MultipartFormDataContent Form(byte[] file, string? options, bool optionsFirst = false)
    {
        var form = new MultipartFormDataContent();
        if (options is not null && optionsFirst)
            form.Add(new StringContent(options), "options");
        form.Add(new ByteArrayContent(file), "file", "contacts.csv");
        if (options is not null && !optionsFirst)
            form.Add(new StringContent(options), "options");
        return form;
    }
}
