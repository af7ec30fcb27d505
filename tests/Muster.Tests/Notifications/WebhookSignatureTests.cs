using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Notifications;

namespace Muster.Tests.Notifications;

public sealed class WebhookSignatureTests
{
    [Fact]
    public void Signatures_are_those_of_Standard_Webhooks() => Assert.Empty(
        from vector in JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/webhook_vectors.json"))).RootElement.EnumerateArray()
        let signature = WebhookSignature.Of(
            Text(vector, "secret"), Text(vector, "id"), long.Parse(Text(vector, "timestamp"), CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(Text(vector, "body")))
        where signature != Text(vector, "signature")
        select $"{vector}: {signature}");

    [Fact]
    public void The_former_secret_signs_until_its_time_is_over()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var secrets = new SigningSecrets(WebhookSignature.NewSecret(), WebhookSignature.NewSecret(), now.AddHours(1));
        var both = WebhookSignature.Of(secrets, now, "msg_1", 1, "{}"u8).Split(' ');
        Assert.Equal([WebhookSignature.Of(secrets.Secret, "msg_1", 1, "{}"u8), WebhookSignature.Of(secrets.Former!, "msg_1", 1, "{}"u8)], both);
        Assert.Equal(both[0], WebhookSignature.Of(secrets, now.AddHours(1), "msg_1", 1, "{}"u8));
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_c2hvcnQ=", false)]
    [InlineData("whsec_no base64", false)]
    public void A_secret_has_its_form(string text, bool isSecret) => Assert.Equal(isSecret, WebhookSignature.IsSecret(text));

    static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!; // every vector has it
}
