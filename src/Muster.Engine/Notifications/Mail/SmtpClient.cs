using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Muster.Notifications.Mail;

/// <summary>Sends one mail over one connection (RFC 5321): plain, with STARTTLS (RFC 3207), or over TLS (RFC 8314); AUTH PLAIN and LOGIN (RFC 4954).</summary>
public sealed class SmtpClient(MusterSettings settings, TimeProvider time)
{
    const int LineMax = 4_096;
    const int LinesMax = 200;

    /// <param name="from">Addresses without brackets, checked before: nothing here can end a line early.</param>
    /// <param name="message">Headers and body with CRLF, no line longer than 998 octets.</param>
    /// <exception cref="SmtpException">The mail was not taken.</exception>
    public async Task SendAsync(string from, string to, byte[] message, CancellationToken stop)
    {
        if (from.Concat(to).Any(c => char.IsControl(c) || c is '<' or '>' or ' '))
            throw new SmtpException(null, "invalid_address");
        try
        {
            using var tcp = new TcpClient();
            await InTimeAsync(async patience =>
            {
                await tcp.ConnectAsync(settings.SmtpHost, settings.SmtpPort, patience);
                return true;
            }, stop);
            await using var session = new Session(this, tcp.GetStream(), stop);
            await TalkAsync(session, from, to, message);
        }
        catch (Exception e) when (e is SocketException || (e is IOException and not SmtpException))
        {
            throw new SmtpException(null, "mail_server_unreachable", e);
        }
        catch (Exception e) when (e is AuthenticationException or CryptographicException)
        {
            throw new SmtpException(null, "mail_server_untrusted", e);
        }
    }

    /// <summary>Whether a file can be the setting <c>smtp_ca_file</c>.</summary>
    public static bool HasAuthorities(string pemFile)
    {
        try
        {
            return Authorities(pemFile).Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }

    static X509Certificate2Collection Authorities(string pemFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(pemFile);
        return authorities;
    }

    /// <summary>The name is always checked, and the chain against the system's authorities unless the operator named others.</summary>
    SslClientAuthenticationOptions Trust()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = settings.SmtpHost };
        if (settings.SmtpCaFile.Length > 0)
        {
            options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities(settings.SmtpCaFile));
        }
        return options;
    }

    async Task TalkAsync(Session session, string from, string to, byte[] message)
    {
        if (settings.SmtpSecurity == "tls")
            await session.SecureAsync();
        await session.ExpectAsync(null, 220, "mail_server_refused");
        var can = await HelloAsync(session);
        if (settings.SmtpSecurity == "starttls")
        {
            // Whoever strips the word from the greeting must not get the mail in the clear.
            if (!can.Any(c => c.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
                throw new SmtpException(null, "starttls_missing");
            await session.ExpectAsync("STARTTLS", 220, "starttls_missing");
            await session.SecureAsync();
            can = await HelloAsync(session);
        }
        if (settings.SmtpUser.Length > 0)
            await SignInAsync(session, can);

        var international = !from.Concat(to).All(char.IsAscii);
        if (international && !can.Any(c => c.Equals("SMTPUTF8", StringComparison.OrdinalIgnoreCase)))
            throw new SmtpException(550, "recipient_refused");
        await session.ExpectAsync($"MAIL FROM:<{from}>{(international ? " SMTPUTF8" : "")}", 250, "sender_refused");
        await session.ExpectAsync($"RCPT TO:<{to}>", 250, "recipient_refused");
        await session.ExpectAsync("DATA", 354, "mail_refused");
        await session.WriteAsync(Stuffed(message));
        await session.ExpectAsync(".", 250, "mail_refused");
        try
        {
            await session.WriteAsync("QUIT\r\n"u8.ToArray());
        }
        catch (IOException)
        {
            // The mail is taken; a server that hangs up first is only impolite.
        }
    }

    static async Task<string[]> HelloAsync(Session session) =>
        [.. (await session.ExpectAsync("EHLO " + Domain(), 250, "mail_server_refused")).Skip(1).Select(line => line.Trim())];

    /// <summary>RFC 5321 §4.1.4: an address literal where the client has no name to speak of.</summary>
    static string Domain() => "[127.0.0.1]";

    async Task SignInAsync(Session session, string[] can)
    {
        var ways = can.Where(c => c.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase)).SelectMany(c => c[4..].Split([' ', '='], StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (ways.Contains("PLAIN"))
        {
            await session.ExpectAsync("AUTH PLAIN " + Base64($"\0{settings.SmtpUser}\0{settings.SmtpPassword}"), 235, "sign_in_refused");
            return;
        }
        if (!ways.Contains("LOGIN"))
            throw new SmtpException(null, "sign_in_unknown");
        await session.ExpectAsync("AUTH LOGIN", 334, "sign_in_refused");
        await session.ExpectAsync(Base64(settings.SmtpUser), 334, "sign_in_refused");
        await session.ExpectAsync(Base64(settings.SmtpPassword), 235, "sign_in_refused");
    }

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>RFC 5321 §4.5.2: a line that begins with a dot gets another; the text ends with a line end.</summary>
    static byte[] Stuffed(byte[] message)
    {
        var stuffed = new List<byte>(message.Length + 64);
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '.' && (i == 0 || message[i - 1] == '\n'))
                stuffed.Add((byte)'.');
            stuffed.Add(message[i]);
        }
        if (message.Length < 2 || message[^1] != '\n')
            stuffed.AddRange("\r\n"u8);
        return [.. stuffed];
    }

    async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(settings.SmtpSecondsMax), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new SmtpException(null, "timed_out", e);
        }
    }

    /// <summary>One connection: lines out, replies in, each within its time.</summary>
    sealed class Session(SmtpClient client, Stream connection, CancellationToken stop) : IAsyncDisposable
    {
        Stream stream = connection;
        readonly byte[] buffer = new byte[LineMax];
        int start, end;

        public async Task SecureAsync()
        {
            // What came in the clear after the go-ahead is not part of the secured talk (CVE-2011-0411).
            (start, end) = (0, 0);
            var tls = new SslStream(stream);
            stream = tls;
            await client.InTimeAsync(async patience =>
            {
                await tls.AuthenticateAsClientAsync(client.Trust(), patience);
                return true;
            }, stop);
        }

        public Task WriteAsync(byte[] bytes) => client.InTimeAsync(async patience =>
        {
            await stream.WriteAsync(bytes, patience);
            await stream.FlushAsync(patience);
            return true;
        }, stop);

        /// <summary>Sends a line, when there is one, and returns the reply's lines without their codes.</summary>
        public async Task<List<string>> ExpectAsync(string? line, int expected, string error)
        {
            if (line is not null)
                await WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
            var lines = new List<string>();
            while (lines.Count < LinesMax)
            {
                var reply = await client.InTimeAsync(LineAsync, stop);
                if (reply.Length < 3 || !int.TryParse(reply.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                    throw new SmtpException(null, "mail_server_refused");
                lines.Add(reply.Length > 4 ? reply[4..] : "");
                if (reply.Length > 3 && reply[3] == '-')
                    continue;
                return code == expected || (expected == 250 && code == 251) ? lines : throw new SmtpException(code, error);
            }
            throw new SmtpException(null, "mail_server_refused");
        }

        async Task<string> LineAsync(CancellationToken patience)
        {
            var line = new List<byte>();
            while (true)
            {
                if (start == end)
                {
                    (start, end) = (0, await stream.ReadAsync(buffer, patience));
                    if (end == 0)
                        throw new IOException("The mail server closed the connection.");
                }
                var b = buffer[start++];
                if (b == '\n')
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                if (line.Count >= LineMax)
                    throw new IOException("The mail server's line is too long.");
                line.Add(b);
            }
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
