using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Muster.Tests.Notifications;

/// <summary>A mail server on loopback that writes down what it is told, in the clear, over STARTTLS or over TLS from the first byte, with a certificate of its own authority.</summary>
sealed class MailServer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task running;
    readonly TestFolder folder = new();

    public MailServer()
    {
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Those that came over TLS.</summary>
    public ConcurrentQueue<string> SecureLines { get; } = new();

    /// <summary>Those that came in the clear.</summary>
    public ConcurrentQueue<string> ClearLines { get; } = new();

    /// <summary>The last mail.</summary>
    public string Data { get; private set; } = "";

    /// <summary>Every mail with its recipient, in order.</summary>
    public ConcurrentQueue<(string To, string Data)> Mails { get; } = new();

    public string[] Offers { get; init; } = [];

    /// <summary>What is offered over TLS.</summary>
    public string[] SecureOffers { get; init; } = [];

    /// <summary>Host that the certificate is for.</summary>
    public string Name { get; init; } = "localhost";

    /// <summary>Sent in the clear right behind the go-ahead to STARTTLS.</summary>
    public string Slipped { get; init; } = "";

    /// <summary>PEM file of the authority that the certificate comes from.</summary>
    public string CaFile
    {
        get
        {
            var file = folder.File("ca.pem");
            if (!File.Exists(file))
                File.WriteAllText(file, Certificates.Value.Authority.ExportCertificatePem());
            return file;
        }
    }

    public string Security { get; init; } = "none";
    public bool Greets { get; init; } = true;
    public Dictionary<string, string> Replies { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        folder.Dispose();
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
        var (secure, to, data, answers) = (Security == "tls", "", new StringBuilder(), 0);
        if (secure)
            stream = await SecureAsync(stream);
        if (!Greets)
            await Task.Run(() => stop.Token.WaitHandle.WaitOne());
        await SayAsync(stream, "220 here");
        while (await LineAsync(stream) is { } line)
        {
            Lines.Enqueue(line);
            (secure ? SecureLines : ClearLines).Enqueue(line);
            var command = line.Split(' ')[0].ToUpperInvariant();
            if (Replies.TryGetValue(command, out var reply))
                await SayAsync(stream, reply);
            else if (command == "EHLO")
                await SayAsync(stream, string.Concat((secure ? SecureOffers : Offers).Select(o => $"250-{o}\r\n")) is var offers && offers.Length > 0 ? $"250-here\r\n{offers}250 8BITMIME" : "250 here");
            else if (command == "STARTTLS")
            {
                await SayAsync(stream, "220 go" + (Slipped.Length > 0 ? "\r\n" + Slipped.TrimEnd() : ""));
                stream = await SecureAsync(stream);
                secure = true;
            }
            else if (command == "AUTH")
                await SayAsync(stream, line.EndsWith("LOGIN", StringComparison.Ordinal) ? "334 VXNlcm5hbWU6" : "235 in");
            else if (command == "DATA")
            {
                await SayAsync(stream, "354 go");
                data.Clear();
                while (await LineAsync(stream) is { } text && text != ".")
                    data.Append(text).Append("\r\n");
                Data = data.ToString();
                Mails.Enqueue((to, Data));
                await SayAsync(stream, "250 taken");
            }
            else if (command is "MAIL" or "RCPT")
            {
                if (command == "RCPT")
                    to = line["RCPT TO:<".Length..^1];
                await SayAsync(stream, "250 ok");
            }
            else if (command == "QUIT")
                return;
            else
                await SayAsync(stream, ++answers == 2 ? "235 in" : "334 UGFzc3dvcmQ6");
        }
    }

    async Task<Stream> SecureAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(Name == "localhost" ? Certificates.Value.Own : Certificate(Certificates.Value.Authority, Name));
        return tls;
    }

    /// <summary>An authority of this process's own, and a certificate of localhost that it signed.</summary>
    static readonly Lazy<(X509Certificate2 Authority, X509Certificate2 Own)> Certificates = new(() =>
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var authority = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return (authority, Certificate(authority, "localhost"));
    });

    static X509Certificate2 Certificate(X509Certificate2 authority, string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UnixEpoch, new DateTimeOffset(2098, 1, 1, 0, 0, 0, TimeSpan.Zero), Guid.CreateVersion7().ToByteArray());
        return signed.CopyWithPrivateKey(key);
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
