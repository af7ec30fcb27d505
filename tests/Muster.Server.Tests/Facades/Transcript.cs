using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades;

/// <summary>A readable record of requests and the answers expected to them (<c>*.http</c>), replayed over a plain socket against a server, byte for byte.</summary>
/// <remarks>
/// Blocks begin with <c>### title</c>: the request as it goes over the wire, then the answer from its <c>HTTP/1.1</c> line on. Header lines of an answer are
/// those that must be there. In answers, <c>{{uuid}}</c>, <c>{{time}}</c> and <c>{{any}}</c> stand for what cannot be foretold; in requests,
/// <c>{{uuid}}</c> is the last one that came and <c>{{basic}}</c> the caller's Basic credentials; <c>{name}</c> is filled in from the test's own values. A block whose title ends with <c>(until)</c> is
/// asked again until it is answered so. Lines of a multipart body end with CRLF, all others with LF. Content-Length is added where it is absent.
/// </remarks>
sealed class Transcript(Uri address, string token, IReadOnlyDictionary<string, string>? values = null)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    string uuid = "";

    public static string Folder(string vendor) => Path.Combine(Repository.Root, "tests", "Muster.Server.Tests", "Facades", vendor, "transcripts");

    public async Task ReplayAsync(string file)
    {
        foreach (var part in Regex.Split(await File.ReadAllTextAsync(file), "^### ", RegexOptions.Multiline).Skip(1))
        {
            var block = part;
            var lineEnd = block.IndexOf('\n', StringComparison.Ordinal);
            var title = block[..lineEnd].Trim();
            foreach (var (name, value) in values ?? new Dictionary<string, string>())
                block = block.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            var split = Regex.Match(block[lineEnd..], @"^HTTP/1\.1 ", RegexOptions.Multiline);
            Assert.True(split.Success, $"{title}: no answer is expected.");
            var request = Request(block[(lineEnd + 1)..(lineEnd + split.Index)]);
            var expected = block[(lineEnd + split.Index)..].TrimEnd('\n');
            var deadline = TimeProvider.System.GetTimestamp();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (true)
            {
                var answer = await SendAsync(request);
                var difference = Compare(expected, answer);
                if (difference is null)
                    break;
                if (!title.EndsWith("(until)", StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(deadline) > Patience)
                    Assert.Fail($"{Path.GetFileName(file)}: {title}\n{difference}\n--- expected\n{expected}\n--- answered\n{answer}");
                await timer.WaitForNextTickAsync();
            }
        }
    }

    byte[] Request(string text)
    {
        text = text.TrimEnd('\n').Replace("{{uuid}}", uuid, StringComparison.Ordinal).Replace("{{basic}}", Basic(), StringComparison.Ordinal);
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        var (head, body) = blank < 0 ? (text, "") : (text[..blank], text[(blank + 2)..]);
        if (Regex.IsMatch(head, "^Content-Type: multipart/", RegexOptions.Multiline | RegexOptions.IgnoreCase))
            body = body.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n";
        if (Regex.IsMatch(head, "^Transfer-Encoding: chunked", RegexOptions.Multiline | RegexOptions.IgnoreCase))
            body = string.Concat(body.Chunk(7).Select(c => FormattableString.Invariant($"{Encoding.UTF8.GetByteCount(c):x}\r\n{new string(c)}\r\n"))) + "0\r\n\r\n";
        else if (!head.Contains("\nContent-Length:", StringComparison.OrdinalIgnoreCase) && (body.Length > 0 || !head.StartsWith("GET", StringComparison.Ordinal)))
            head += FormattableString.Invariant($"\nContent-Length: {Encoding.UTF8.GetByteCount(body)}");
        head += $"\nHost: {address.Authority}\nConnection: close";
        return Encoding.UTF8.GetBytes(head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" + body);
    }

    string Basic()
    {
        var parts = token.Split('_');
        return Convert.ToBase64String(Encoding.ASCII.GetBytes($"{parts[1]}:{parts[2]}"));
    }

    async Task<string> SendAsync(byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(request);
        using var received = new MemoryStream();
        await stream.CopyToAsync(received);
        var text = Encoding.UTF8.GetString(received.ToArray());
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"No answer: {text}");
        var head = text[..end].Replace("\r\n", "\n", StringComparison.Ordinal);
        var body = text[(end + 4)..];
        return head + "\n\n" + (head.Contains("\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? Unchunked(body) : body);
    }

    static string Unchunked(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var whole = new MemoryStream();
        for (var at = 0; ;)
        {
            var line = Array.IndexOf(bytes, (byte)'\n', at);
            var length = int.Parse(Encoding.ASCII.GetString(bytes, at, line - at).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
                return Encoding.UTF8.GetString(whole.ToArray());
            whole.Write(bytes, line + 1, length);
            at = line + 1 + length + 2;
        }
    }

    string? Compare(string expected, string answer)
    {
        var (wantedHead, wantedBody) = Halves(expected);
        var (head, body) = Halves(answer);
        var wanted = wantedHead.Split('\n');
        var lines = head.Split('\n');
        if (!lines[0].StartsWith(wanted[0], StringComparison.Ordinal))
            return "The status differs.";
        foreach (var line in wanted[1..])
        {
            if (!lines.Any(l => Regex.IsMatch(l, Pattern(line), RegexOptions.IgnoreCase)))
                return $"The header is missing: {line}";
        }
        var match = Regex.Match(body, Pattern(wantedBody));
        if (!match.Success)
            return "The body differs.";
        if (match.Groups["uuid"] is { Success: true } found)
            uuid = found.Value;
        return null;
    }

    static (string Head, string Body) Halves(string message) =>
        message.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var at ? (message[..at], message[(at + 2)..]) : (message, "");

    static string Pattern(string text)
    {
        var pattern = Regex.Escape(text).Replace(@"\{\{time}}", @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", StringComparison.Ordinal).Replace(@"\{\{any}}", "[^\"\\n]*", StringComparison.Ordinal)
            .Replace(@"\{\{uuid}}", "(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})", StringComparison.Ordinal);
        // An editor ends a file with a line feed that the answer may not have, or the other way round.
        return @"\A" + pattern + @"\n?\z";
    }
}
