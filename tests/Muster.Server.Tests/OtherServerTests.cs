using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests;

/// <summary>What the client makes of answers that are not Muster's: a misspelt address, or a page of a proxy in between.</summary>
public sealed class OtherServerTests : IAsyncLifetime
{
    readonly Receiver other = new();
    MusterClient? client;

    public async ValueTask InitializeAsync()
    {
        await other.InitializeAsync();
        client = new(other.Address, "muster_0_0");
    }

    public ValueTask DisposeAsync()
    {
        client?.Dispose();
        return other.DisposeAsync();
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Sign in</html>")]
    [InlineData(200, "application/json", "<html>Sign in</html>")]
    [InlineData(200, "application/json", "")]
    [InlineData(200, "application/json", "null")]
    [InlineData(200, "application/json", """{"status":"fine"}""")]
    [InlineData(502, "text/html", "<html>Bad Gateway</html>")]
    [InlineData(400, "application/problem+json", """{"title":"of another server"}""")]
    public async Task An_answer_of_another_server_is_told_as_one(int status, string type, string body)
    {
        AnswerWith(status, type, body);
        var refused = await Assert.ThrowsAsync<MusterApiException>(() => client!.GetImportAsync(Guid.CreateVersion7(), CancellationToken.None)); // made above
        Assert.Equal(("http_error", status), (refused.Problem.Code, refused.Problem.Status));
        Assert.Contains("is it a Muster server?", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_server_is_not_taken_for_contacts()
    {
        AnswerWith(200, "text/html", "<html>Sign in</html>");
        using var file = new MemoryStream();
        await Assert.ThrowsAsync<MusterApiException>(() => client!.ExportContactsAsync(new(), "csv", safe: false, file, CancellationToken.None)); // made above
        Assert.Equal(0, file.Length);
    }

    void AnswerWith(int status, string type, string body) => other.Answer = context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    };
}
