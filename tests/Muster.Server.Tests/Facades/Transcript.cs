using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades;

/// <summary>Requests and their answers in a readable file. What is sent is what stands there, byte for byte; of an answer its status, the headers that are written down, and its body.</summary>
/// <remarks>
/// <c>### title</c>, the request, a line <c>&lt;&lt;&lt;</c>, the answer. A request's <c>{name}</c> is filled in; an answer's <c>{{uuid}}</c>, <c>{{time}}</c> and <c>{{any}}</c> stand for what cannot be known before.
/// Lines end with LF in the file, with CRLF in heads on the wire; the last line end of a body is the file's own.
/// </remarks>
static class Transcript
{
    const string Title = "### ";
    const string Answer = "<<<\n";

    public static async Task<IReadOnlyList<string>> RunAsync(string file, Uri server, IReadOnlyDictionary<string, string> values)
    {
        var failures = new List<string>();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Muster.Server.Tests", "Facades", file));
        foreach (var exchange in text.Split(Title, StringSplitOptions.RemoveEmptyEntries).Where(e => e.Contains(Answer, StringComparison.Ordinal)))
        {
            var newline = exchange.IndexOf('\n', StringComparison.Ordinal);
            var at = exchange.IndexOf("\n" + Answer, StringComparison.Ordinal);
            var request = exchange[(newline + 1)..(at + 1)];
            foreach (var (name, value) in values)
                request = request.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            var answer = await SendAsync(server, request);
            if (Differs(exchange[(at + 1 + Answer.Length)..], answer, values) is { } difference)
                failures.Add($"{exchange[..newline]}: {difference}\n{answer}");
        }
        return failures;
    }

    static async Task<string> SendAsync(Uri server, string request)
    {
        var (head, body) = Parts(request);
        var bytes = Encoding.UTF8.GetBytes(body);
        var lines = head.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        lines.Add($"Host: {server.Authority}");
        lines.Add("Connection: close");
        if (!lines[0].StartsWith("GET ", StringComparison.Ordinal) || bytes.Length > 0)
            lines.Add("Content-Length: " + bytes.Length.ToString(CultureInfo.InvariantCulture));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"));
        await stream.WriteAsync(bytes);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    static string? Differs(string expected, string answer, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values)
            expected = expected.Replace($"{{{name}}}", value, StringComparison.Ordinal);
        var (expectedHead, expectedBody) = Parts(expected);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = answer[..end].Split("\r\n");
        foreach (var line in expectedHead.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("HTTP/", StringComparison.Ordinal) ? !head[0].StartsWith(line, StringComparison.Ordinal) : !head.Contains(line, StringComparer.OrdinalIgnoreCase))
                return $"no {line}";
        }
        var pattern = Regex.Escape(expectedBody).Replace(@"\{\{uuid}}", "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", StringComparison.Ordinal)
            .Replace(@"\{\{time}}", @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", StringComparison.Ordinal).Replace(@"\{\{any}}", ".*?", StringComparison.Ordinal);
        return Regex.IsMatch(answer[(end + 4)..], $"^{pattern}$", RegexOptions.Singleline) ? null : "the body differs";
    }

    static (string Head, string Body) Parts(string text)
    {
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0)
            return (text, "");
        var body = text[(blank + 2)..].TrimEnd('\n');
        return (text[..blank], body);
    }
}
