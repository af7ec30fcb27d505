using System.Text;
using Muster.Notifications.Mail;

namespace Muster.Tests.Notifications;

public sealed class SmtpTests
{
    static readonly byte[] Message = "Subject: x\r\n\r\n.dot\r\nend\r\n"u8.ToArray();

    [Fact]
    public async Task A_mail_goes_out_in_the_clear_with_its_dots_stuffed()
    {
        await using var server = new MailServer();
        await SendAsync(server, "none");
        Assert.Equal(["EHLO [127.0.0.1]", "MAIL FROM:<muster@example.org>", "RCPT TO:<ann@example.com>", "DATA"], server.Lines.Take(4));
        Assert.Equal("Subject: x\r\n\r\n..dot\r\nend\r\n", server.Data);
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", "AUTH PLAIN AHVzZXIAcMOkc3M=")]
    [InlineData("AUTH=LOGIN", "AUTH LOGIN")]
    public async Task Signing_in_takes_the_way_that_the_server_knows(string offered, string said)
    {
        await using var server = new MailServer { Offers = [offered] };
        await SendAsync(server, "none", user: "user", password: "päss");
        Assert.Contains(said, server.Lines);
        Assert.Equal(said == "AUTH LOGIN", server.Lines.Contains(Convert.ToBase64String("päss"u8)));
    }

    [Theory]
    [InlineData("AUTH CRAM-MD5", "sign_in_unknown")]
    [InlineData("", "sign_in_unknown")]
    public async Task Without_a_way_to_sign_in_nothing_is_said(string offered, string error)
    {
        await using var server = new MailServer { Offers = [offered] };
        Assert.Equal(error, (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "none", user: "user"))).Error);
        Assert.DoesNotContain("DATA", server.Lines);
    }

    [Fact]
    public async Task A_greeting_without_STARTTLS_ends_the_talk()
    {
        await using var server = new MailServer();
        Assert.Equal("starttls_missing", (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "starttls"))).Error);
        Assert.Equal(["EHLO [127.0.0.1]"], server.Lines);
    }

    [Theory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_certificate_that_is_not_trusted_ends_the_talk(string security)
    {
        await using var server = new MailServer { Offers = ["STARTTLS"], Security = security };
        Assert.Equal("mail_server_untrusted", (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, security))).Error);
        Assert.DoesNotContain("DATA", server.Lines);
    }

    [Theory]
    [InlineData("starttls", "AUTH PLAIN LOGIN", "AUTH PLAIN AHVzZXIAcMOkc3M=")]
    [InlineData("starttls", "AUTH LOGIN", "cMOkc3M=")]
    [InlineData("tls", "AUTH PLAIN", "AUTH PLAIN AHVzZXIAcMOkc3M=")]
    [InlineData("tls", "AUTH=LOGIN", "cMOkc3M=")]
    public async Task Over_TLS_the_whole_talk_is_secured_and_signs_in(string security, string offered, string said)
    {
        await using var server = new MailServer { Offers = ["STARTTLS"], SecureOffers = [offered], Security = security };
        await SendAsync(server, security, user: "user", password: "päss", ca: server.CaFile, host: "localhost");
        Assert.Equal("Subject: x\r\n\r\n..dot\r\nend\r\n", server.Data);
        Assert.Contains(said, server.SecureLines);
        // In the clear nothing was said but the wish to be private; after that, the greeting came anew.
        Assert.Equal(security == "tls" ? [] : ["EHLO [127.0.0.1]", "STARTTLS"], server.ClearLines);
        Assert.Equal("EHLO [127.0.0.1]", server.SecureLines.First());
    }

    [Theory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_certificate_of_another_name_ends_the_talk_though_its_authority_is_trusted(string security)
    {
        await using var server = new MailServer { Offers = ["STARTTLS"], Security = security, Name = "mail.example.org" };
        Assert.Equal("mail_server_untrusted", (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, security, ca: server.CaFile, host: "localhost"))).Error);
        Assert.Empty(server.SecureLines);
    }

    [Fact]
    public async Task What_was_said_in_the_clear_behind_the_go_ahead_is_no_part_of_the_secured_talk()
    {
        // CVE-2011-0411: an answer slipped in before the handshake, such as one that offers to sign in.
        await using var server = new MailServer { Offers = ["STARTTLS"], Security = "starttls", Slipped = "250-evil\r\n250 AUTH PLAIN\r\n" };
        var e = await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "starttls", user: "user", ca: server.CaFile, host: "localhost"));
        Assert.NotEqual("mail_server_refused", e.Error);
        Assert.DoesNotContain(server.SecureLines, l => l.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Lines, l => l.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("535 wrong", "sign_in_refused", 535)]
    [InlineData("454 not now", "sign_in_refused", 454)]
    public async Task A_sign_in_that_is_refused_over_TLS_sends_nothing_and_may_be_mended(string reply, string error, int status)
    {
        await using var server = new MailServer { SecureOffers = ["AUTH PLAIN"], Security = "tls", Replies = { ["AUTH"] = reply } };
        var e = await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "tls", user: "user", ca: server.CaFile, host: "localhost"));
        Assert.Equal((error, status, false), (e.Error, e.Status, e.IsFinal));
        Assert.DoesNotContain("DATA", server.SecureLines);
    }

    [Theory]
    [InlineData("RCPT", "550 no such user", 550, "recipient_refused", true)]
    [InlineData("RCPT", "451 later", 451, "recipient_refused", false)]
    [InlineData("DATA", "554 no", 554, "mail_refused", true)]
    [InlineData("EHLO", "nonsense", null, "mail_server_refused", false)]
    public async Task What_the_server_refuses_is_told_with_its_code(string command, string reply, int? status, string error, bool final)
    {
        await using var server = new MailServer { Replies = { [command] = reply } };
        var e = await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "none"));
        Assert.Equal((status, error, final), (e.Status, e.Error, e.IsFinal));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        await using var server = new MailServer { Greets = false };
        Assert.Equal("timed_out", (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "none", seconds: 1))).Error);
    }

    [Theory]
    [InlineData("ann@example.com>\r\nRCPT TO:<eve@example.com")]
    [InlineData("ann@example.com\nDATA")]
    [InlineData("<ann@example.com>")]
    public async Task An_address_cannot_end_its_line(string to)
    {
        await using var server = new MailServer();
        Assert.Equal("invalid_address", (await Assert.ThrowsAsync<SmtpException>(() => SendAsync(server, "none", to: to))).Error);
    }

    [Fact]
    public void A_header_cannot_be_left_whatever_a_name_holds()
    {
        var mail = new MailMessage("muster@example.org", "ann@example.com", "Import of a.csv\r\nBcc: eve@example.com\r\n\r\n<script> 伊昭傑 " + new string('x', 100), "text", "<p>html</p>");
        var text = Encoding.UTF8.GetString(mail.ToBytes(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), "id"));
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        Assert.DoesNotContain(head, l => l.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        Assert.All(head, l => Assert.InRange(l.Length, 1, 78));
        Assert.Contains("Date: Mon, 05 Jan 2026 10:00:00 +0000", head);
        var words = string.Concat(head.SkipWhile(l => !l.StartsWith("Subject: ", StringComparison.Ordinal)).TakeWhile(l => !l.StartsWith("Date", StringComparison.Ordinal)));
        Assert.Matches(@"^Subject: (=\?utf-8\?B\?[A-Za-z0-9+/=]+\?= ?)+$", words);
    }

    [Fact]
    public void Long_lines_and_foreign_letters_travel_as_quoted_printable()
    {
        var mail = new MailMessage("muster@example.org", "ann@example.com", "s", "Zoë = " + new string('a', 200) + " \nend", "");
        var text = Encoding.UTF8.GetString(mail.ToBytes(DateTimeOffset.UnixEpoch, "id"));
        Assert.Contains("Zo=C3=AB =3D aaa", text, StringComparison.Ordinal);
        Assert.Contains("=20\r\nend\r\n", text, StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), l => Assert.InRange(l.Length, 0, 76));
    }

    static Task SendAsync(MailServer server, string security, string user = "", string password = "secret", string to = "ann@example.com", int seconds = 60, string ca = "", string host = "127.0.0.1") =>
        new SmtpClient(new() { SmtpHost = host, SmtpCaFile = ca, SmtpPort = server.Port, SmtpSecurity = security, SmtpUser = user, SmtpPassword = password, SmtpSecondsMax = seconds }, TimeProvider.System)
            .SendAsync("muster@example.org", to, Message, CancellationToken.None);
}
