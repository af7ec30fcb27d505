using System.Net.Security;
using System.Net.Sockets;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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

    static Task SendAsync(MailServer server, string security, string user = "", string password = "secret", string to = "ann@example.com", int seconds = 60) =>
        new SmtpClient(new() { SmtpHost = "127.0.0.1", SmtpPort = server.Port, SmtpSecurity = security, SmtpUser = user, SmtpPassword = password, SmtpSecondsMax = seconds }, TimeProvider.System)
            .SendAsync("muster@example.org", to, Message, CancellationToken.None);
}

/// <summary>A mail server on loopback that writes down what it is told.</summary>
sealed class MailServer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public MailServer()
    {
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
    public List<string> Lines { get; } = [];
    public string Data { get; private set; } = "";
    public string[] Offers { get; init; } = [];
    public string Security { get; init; } = "none";
    public bool Greets { get; init; } = true;
    public Dictionary<string, string> Replies { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            using var client = await listener.AcceptTcpClientAsync(stop.Token);
            try
            {
                await TalkAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
            }
        }
    }

    async Task TalkAsync(Stream stream)
    {
        if (Security == "tls")
            stream = await SecureAsync(stream);
        if (!Greets)
            await Task.Run(() => stop.Token.WaitHandle.WaitOne());
        await SayAsync(stream, "220 here");
        while (await LineAsync(stream) is { } line)
        {
            Lines.Add(line);
            var command = line.Split(' ')[0].ToUpperInvariant();
            if (Replies.TryGetValue(command, out var reply))
                await SayAsync(stream, reply);
            else if (command == "EHLO")
                await SayAsync(stream, string.Concat(Offers.Select(o => $"250-{o}\r\n")) is var offers && offers.Length > 0 ? $"250-here\r\n{offers}250 8BITMIME" : "250 here");
            else if (command == "STARTTLS")
            {
                await SayAsync(stream, "220 go");
                stream = await SecureAsync(stream);
            }
            else if (command == "AUTH")
                await SayAsync(stream, line.EndsWith("LOGIN", StringComparison.Ordinal) ? "334 VXNlcm5hbWU6" : "235 in");
            else if (command == "DATA")
            {
                await SayAsync(stream, "354 go");
                while (await LineAsync(stream) is { } text && text != ".")
                    Data += text + "\r\n";
                await SayAsync(stream, "250 taken");
            }
            else if (command is "MAIL" or "RCPT")
                await SayAsync(stream, "250 ok");
            else if (command == "QUIT")
                return;
            else
                await SayAsync(stream, Lines.Count(l => !l.Contains(' ', StringComparison.Ordinal)) > 1 ? "235 in" : "334 UGFzc3dvcmQ6");
        }
    }

    static async Task<Stream> SecureAsync(Stream stream)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var own = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(own);
        return tls;
    }

    static Task SayAsync(Stream stream, string line) => stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n")).AsTask();

    static async Task<string?> LineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
        return null;
    }
}
