using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades;

/// <summary>A readable record of requests and the answers expected to them (<c>*.http</c>), replayed over a plain socket against a server, byte for byte.</summary>
/// <remarks>
/// Blocks begin with <c>### title</c>: the request as it goes over the wire, then the answer from its <c>HTTP/1.1</c> line on. Header lines of an answer are those that must be there.
/// In answers, <c>{{uuid}}</c> stands for an id (a GUID, or 24 or 32 hex digits), <c>{{number}}</c> for a whole number, <c>{{time}}</c> for a time, <c>{{any}}</c> for anything within a JSON
/// text; <c>{{uuid:name}}</c> and <c>{{number:name}}</c> keep it for later, where <c>{name}</c> writes it. In requests, <c>{{uuid}}</c> is the last one that came. <c>{name}</c> is filled in from the test's own values, too. A block whose title ends
/// with <c>(until)</c> is asked again until it is answered so. Heads and multipart bodies have CRLF on the wire, other bodies LF. Content-Length is added where it is absent.
/// </remarks>
sealed partial class Transcript(Uri address, Dictionary<string, string> values)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    string uuid = "";

    /// <summary>Replays a file and returns what differs.</summary>
    public async Task<List<string>> ReplayAsync(string file)
    {
        var differences = new List<string>();
        foreach (var block in Regex.Split(await File.ReadAllTextAsync(file), "^### ", RegexOptions.Multiline).Skip(1))
        {
            var title = block[..block.IndexOf('\n', StringComparison.Ordinal)].Trim();
            if (await ExchangeAsync(title, block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..]) is { } difference)
                differences.Add($"{title}: {difference}");
        }
        return differences;
    }

    async Task<string?> ExchangeAsync(string title, string block)
    {
        var split = Regex.Match(block, @"^HTTP/1\.1 ", RegexOptions.Multiline);
        if (!split.Success)
            return "No answer is expected.";
        var request = Bytes(Filled(block[..split.Index]).Replace("{{uuid}}", uuid, StringComparison.Ordinal));
        var expected = Filled(block[split.Index..]).TrimEnd('\n');
        var begun = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var answer = await SendAsync(request);
            if (Compare(expected, answer) is not { } difference)
                return null;
            if (!title.EndsWith("(until)", StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(begun) > Patience)
                return $"{difference}\n--- expected\n{expected}\n--- answered\n{answer}";
            await timer.WaitForNextTickAsync();
        }
    }

    string Filled(string text) => values.Aggregate(text, (t, v) => t.Replace($"{{{v.Key}}}", v.Value, StringComparison.Ordinal));

    byte[] Bytes(string text)
    {
        var (head, body) = Halves(text.TrimEnd('\n'));
        if (body.StartsWith("--", StringComparison.Ordinal) || Regex.IsMatch(head, "^Content-Type: multipart/.*boundary", RegexOptions.Multiline | RegexOptions.IgnoreCase))
            body = body.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n";
        if (Regex.IsMatch(head, "^Transfer-Encoding: chunked", RegexOptions.Multiline | RegexOptions.IgnoreCase))
            body = string.Concat(body.Chunk(7).Select(c => FormattableString.Invariant($"{Encoding.UTF8.GetByteCount(c):x}\r\n{new string(c)}\r\n"))) + "0\r\n\r\n";
        else if (!head.Contains("\nContent-Length:", StringComparison.OrdinalIgnoreCase) && (body.Length > 0 || !head.StartsWith("GET", StringComparison.Ordinal)))
            head += FormattableString.Invariant($"\nContent-Length: {Encoding.UTF8.GetByteCount(body)}");
        head += $"\nHost: {address.Authority}\nConnection: close";
        return Encoding.UTF8.GetBytes(head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" + body);
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
        if (Array.Find(wanted[1..], line => !lines.Any(l => Regex.IsMatch(l, Pattern(line), RegexOptions.IgnoreCase))) is { } missing)
            return $"The header is missing: {missing}";
        var match = Regex.Match(body, Pattern(wantedBody));
        if (!match.Success)
            return "The body differs.";
        foreach (Group group in match.Groups)
        {
            if (group is { Success: true, Name: "uuid" })
                uuid = group.Value;
            else if (!char.IsAsciiDigit(group.Name[0]))
                values[group.Name] = group.Value;
        }
        return null;
    }

    static (string Head, string Body) Halves(string message) =>
        message.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var at ? (message[..at], message[(at + 2)..]) : (message, "");

    static string Pattern(string text)
    {
        var pattern = Placeholder().Replace(Regex.Escape(text), m => m.Groups["kind"].Value switch
        {
            "uuid" => $"(?<{(m.Groups["name"] is { Success: true, Value: var name } ? name : "uuid")}>[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}|[0-9a-f]{{32}}|[0-9a-f]{{24}})",
            "number" => m.Groups["name"].Success ? $"(?<{m.Groups["name"].Value}>[0-9]+)" : "[0-9]+",
            "time" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
            _ => "[^\"\\n]*",
        });
        // An editor ends a file with a line feed that the answer may not have, or the other way round.
        return @"\A" + pattern + @"\n?\z";
    }

    [GeneratedRegex(@"\\\{\\\{(?<kind>uuid|number|time|any)(:(?<name>\w+))?}}")]
    private static partial Regex Placeholder();
}
