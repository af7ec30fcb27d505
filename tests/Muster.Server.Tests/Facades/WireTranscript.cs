using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades;

/// <summary>Requests and the answers expected to them in a readable file, replayed over a socket: what is sent is what stands there, byte for byte, and so is what is expected.</summary>
/// <remarks>
/// <c>### title</c>, the request, a line <c>&lt;&lt;&lt;</c>, the answer: its status, the headers that must be there, its body. In answers <c>{{uuid}}</c> is an id of 24 or 32 hex digits,
/// <c>{{time}}</c> a time, <c>{{any}}</c> anything within a line; <c>{{uuid:name}}</c> keeps the id for later requests and answers, which write <c>{name}</c>. An answer whose title ends with
/// <c>(until)</c> is asked for again until it comes. Heads have CRLF on the wire, bodies of forms too, other bodies LF.
/// </remarks>
sealed partial class WireTranscript(Uri server, Dictionary<string, string> values)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs a file and returns what differs.</summary>
    public async Task<List<string>> RunAsync(string file)
    {
        var differences = new List<string>();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Muster.Server.Tests", "Facades", file));
        foreach (var exchange in Regex.Split(text, "^### ", RegexOptions.Multiline).Skip(1))
        {
            var parts = Regex.Split(exchange, "^<<<\n", RegexOptions.Multiline);
            Assert.Equal(2, parts.Length);
            var title = parts[0][..parts[0].IndexOf('\n', StringComparison.Ordinal)];
            var request = Bytes(Filled(parts[0][(title.Length + 1)..]));
            var begun = TimeProvider.System.GetTimestamp();
            string? difference;
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (true)
            {
                var answer = await SendAsync(request);
                difference = Compare(Filled(parts[1]).TrimEnd('\n'), answer);
                if (difference is null || !title.EndsWith("(until)", StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(begun) > Patience)
                    break;
                await timer.WaitForNextTickAsync();
            }
            if (difference is not null)
                differences.Add($"{title}: {difference}");
        }
        return differences;
    }

    string Filled(string text) => values.Aggregate(text, (t, v) => t.Replace($"{{{v.Key}}}", v.Value, StringComparison.Ordinal));

    byte[] Bytes(string request)
    {
        var (head, body) = Halves(request.TrimEnd('\n'));
        if (body.StartsWith("--", StringComparison.Ordinal))
            body = body.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n";
        if (body.Length > 0 || !head.StartsWith("GET", StringComparison.Ordinal))
            head += "\nContent-Length: " + Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        head += $"\nHost: {server.Authority}\nConnection: close";
        return Encoding.UTF8.GetBytes(head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" + body);
    }

    async Task<string> SendAsync(byte[] request)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(request);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    string? Compare(string expected, string answer)
    {
        var (wanted, wantedBody) = Halves(expected);
        var (head, body) = Halves(answer.Replace("\r\n", "\n", StringComparison.Ordinal));
        var lines = head.Split('\n');
        foreach (var line in wanted.Split('\n'))
        {
            if (line.StartsWith("HTTP/", StringComparison.Ordinal) ? !lines[0].StartsWith(line, StringComparison.Ordinal) : !lines.Contains(line, StringComparer.OrdinalIgnoreCase))
                return $"no {line}\n{answer}";
        }
        var names = new List<string>();
        var pattern = Placeholder().Replace(Regex.Escape(wantedBody), m =>
        {
            if (m.Groups["name"] is { Success: true, Value: var name })
            {
                names.Add(name);
                return $"(?<{name}>[0-9a-f]{{24,32}})";
            }
            return m.Groups["kind"].Value switch
            {
                "uuid" => "[0-9a-f]{24,32}",
                "time" => @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
                _ => "[^\n]*?",
            };
        });
        var match = Regex.Match(body, $@"\A{pattern}\z");
        if (!match.Success)
            return $"the body differs\n--- expected\n{wantedBody}\n--- answered\n{body}";
        foreach (var name in names)
            values[name] = match.Groups[name].Value;
        return null;
    }

    static (string Head, string Body) Halves(string message) =>
        message.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var at ? (message[..at], message[(at + 2)..]) : (message, "");

    [GeneratedRegex(@"\\\{\\\{(?<kind>uuid|time|any)(:(?<name>\w+))?}}")]
    private static partial Regex Placeholder();
}
