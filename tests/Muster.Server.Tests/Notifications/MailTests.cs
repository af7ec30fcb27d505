using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Tests.Notifications;

namespace Muster.Server.Tests.Notifications;

/// <summary>Mails about imports, from the HTTP call to a mail server over TLS.</summary>
public sealed class MailTests
{
    [Theory]
    [InlineData("starttls", "AUTH PLAIN")]
    [InlineData("tls", "AUTH LOGIN")]
    public async Task An_import_tells_each_address_once_over_TLS(string security, string offered)
    {
        await using var mails = new MailServer { Offers = ["STARTTLS"], SecureOffers = [offered], Security = security };
        await using var host = await StartAsync(mails, s => s with { SmtpSecurity = security, SmtpUser = "muster", SmtpPassword = "secret" });
        await ImportAsync(host, "email,plan\nann@example.com,gold\nnobody,x\n", "Ann@example.com, boss@example.org;ann@EXAMPLE.com");
        await Until.TrueAsync(() => Task.FromResult(mails.Mails.Count == 2));
        Assert.Equal(["Ann@example.com", "boss@example.org"], mails.Mails.Select(m => m.To).Order(StringComparer.Ordinal));
        var mail = mails.Mails.First().Data.Replace("=\r\n", "", StringComparison.Ordinal);
        Assert.Contains("Subject: Import of contacts.csv completed: 1 of 2 rows\r\n", mail, StringComparison.Ordinal);
        Assert.Matches("Rows read +2\r\n", mail);
        Assert.Matches("Rejected +1\r\n", mail);
        Assert.Contains("1  invalid_email: ", mail, StringComparison.Ordinal);
        Assert.Contains("https://muster.example.org/v1/imports/", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", mail, StringComparison.Ordinal);
        Assert.All(mails.SecureLines.Where(l => l.StartsWith("AUTH", StringComparison.Ordinal)), l => Assert.StartsWith(offered, l, StringComparison.Ordinal));
        Assert.Contains(mails.SecureLines, l => l.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mails_beyond_the_hours_number_wait_however_the_address_is_written()
    {
        await using var mails = new MailServer();
        await using var host = await StartAsync(mails, s => s with { SmtpSecurity = "none", MailsPerRecipientHour = 2 });
        foreach (var address in (string[])["ann@example.com", "ANN@example.com", "ann@Example.com", "ann@example.com"])
            await ImportAsync(host, "email\nann@example.com\n", address);
        await ImportAsync(host, "email\nann@example.com\n", "bob@example.com");
        using var admin = host.Admin();
        List<JsonElement> deliveries = [];
        await Until.TrueAsync(async () =>
        {
            using var page = await admin.GetAsync("/v1/deliveries");
            deliveries = [.. (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray()];
            return deliveries.Count(d => d.GetProperty("status").GetString() == "delivered") == 3; // two to Ann, one to Bob, who came last
        });
        deliveries.RemoveAll(d => d.GetProperty("target").GetString()!.StartsWith("bob", StringComparison.Ordinal)); // a delivery has a target
        Assert.Equal((2, 2), (deliveries.Count(d => d.GetProperty("status").GetString() == "delivered"), deliveries.Count(d => d.GetProperty("status").GetString() == "pending")));
        Assert.All(deliveries.Where(d => d.GetProperty("status").GetString() == "pending"), d => Assert.Equal(0, d.GetProperty("attempts").GetInt32()));
        Assert.Equal(2, mails.Mails.Count(m => Regex.IsMatch(m.To, "^ann", RegexOptions.IgnoreCase)));
    }

    [Fact]
    public async Task A_mail_server_with_a_certificate_that_nobody_vouches_for_gets_no_mail_and_the_import_completes()
    {
        await using var mails = new MailServer { Offers = ["STARTTLS"], Security = "starttls" };
        await using var host = await StartAsync(mails, s => s with { SmtpCaFile = "" });
        await ImportAsync(host, "email\nann@example.com\n", "ann@example.com");
        using var admin = host.Admin();
        await Until.TrueAsync(async () =>
        {
            using var page = await admin.GetAsync("/v1/deliveries");
            return (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Any(d => d.GetProperty("last_error").GetString() == "mail_server_untrusted");
        });
        Assert.Empty(mails.Mails);
    }

    static async Task<MusterHost> StartAsync(MailServer mails, Func<MusterSettings, MusterSettings> settings)
    {
        var host = new MusterHost
        {
            Settings = s => settings(s with { SmtpHost = "localhost", SmtpPort = mails.Port, SmtpCaFile = mails.CaFile, MailFrom = "muster@example.org", PublicUrl = "https://muster.example.org" }),
        };
        await host.InitializeAsync();
        return host;
    }

    static async Task ImportAsync(MusterHost host, string csv, string notify)
    {
        using var admin = host.Admin();
        using var form = Answers.Form(System.Text.Encoding.UTF8.GetBytes(csv), $$"""{"notify_email":"{{notify}}"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = form };
        request.Headers.Add("Prefer", "wait=30");
        using var response = await admin.SendAsync(request);
        Assert.Equal("completed", (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("status").GetString());
    }
}
