using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json;
using Muster.Tests.Formats.Packing;
using Muster.Tests.Formats.Workbooks;

namespace Muster.Server.Tests.Reading;

/// <summary>The same 10,000 contacts in every form of a file give the same contacts and the same counts.</summary>
public sealed class SameContactsTests(MusterHost host) : IClassFixture<MusterHost>
{
    const int Contacts = 10_000;
    static readonly string[] First = ["Zoë", "José", "François", "Jürgen", "Ann", "Søren", "Núria", "Bob, the \"2nd\"", "Åsa", "O'Neill"];
    static readonly string[] Last = ["Müller", "Núñez", "Lefèvre", "Weiß", "Smith; Sons", "Jørgensen", "Pérez", "Jones|Co", "Öberg", "Two\nlines"];
    static readonly string[] Columns = ["email", "first_name", "last_name", "phone", "city"];

    [Fact]
    public async Task Ten_thousand_contacts_are_the_same_in_every_form()
    {
        using var reference = await Account.CreateAsync(host);
        var expected = await reference.ImportAsync(Encoding.UTF8.GetBytes(Csv(",", "\n")));
        Assert.Equal(("completed", Contacts, Contacts), (expected.State, expected.Count("read"), expected.Count("created")));
        var contacts = await reference.ContactsAsync();
        foreach (var (name, bytes) in Forms())
        {
            using var account = await Account.CreateAsync(host);
            var import = await account.ImportAsync(bytes);
            Assert.True(import.IsAccepted, $"{name}: {import}");
            Assert.True(import.State == "completed" && import.Body.GetProperty("counts").GetRawText() == expected.Body.GetProperty("counts").GetRawText(), $"{name}: {import}");
            Assert.True(contacts == await account.ContactsAsync(), name);
        }
    }

    static IEnumerable<(string Name, byte[] Bytes)> Forms()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var plain = Encoding.UTF8.GetBytes(Csv(",", "\n"));
        yield return ("UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. plain]);
        foreach (var encoding in (string[])["windows-1252", "macintosh", "utf-16", "utf-16BE", "utf-32"])
            yield return (encoding, [.. Encoding.GetEncoding(encoding).GetPreamble(), .. Encoding.GetEncoding(encoding).GetBytes(Csv(",", "\n"))]);
        yield return ("UTF-16 without a mark", Encoding.Unicode.GetBytes(Csv(",", "\n")));
        foreach (var delimiter in (string[])[";", "\t", "|", "^", "¦"])
            yield return ($"delimiter {delimiter}", Encoding.UTF8.GetBytes(Csv(delimiter, "\n")));
        foreach (var lineEnd in (string[])["\r\n", "\r"])
            yield return ($"line end {lineEnd.Length}", Encoding.UTF8.GetBytes(Csv(",", lineEnd)));
        yield return ("sep=", Encoding.UTF8.GetBytes("sep=;\r\n" + Csv(";", "\r\n")));
        yield return ("UTF-16 TSV", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Csv("\t", "\r\n"))]);
        yield return ("JSON", Encoding.UTF8.GetBytes("[" + string.Join(",", Objects()) + "]"));
        yield return ("JSON contacts", Encoding.UTF8.GetBytes("{\"contacts\":[" + string.Join(",\n", Objects()) + "]}"));
        yield return ("NDJSON", Encoding.UTF8.GetBytes(string.Join("\n", Objects())));
        yield return ("XLSX", Xlsx(shared: false));
        yield return ("XLSX with shared strings", Xlsx(shared: true));
        yield return ("XLS", new XlsBook().Sheet("Contacts", [Columns, .. Rows().Select(r => r.Select(c => c.Length == 0 ? null : c).ToArray<object?>())]).Bytes());
        yield return ("gzip", Packed.Gzip(plain));
        yield return ("gzip of XLSX", Packed.Gzip(Xlsx(shared: false)));
        yield return ("zip", Packed.Zip(("contacts.csv", plain)));
        yield return ("zip of macOS", Packed.Zip(("folder/", []), ("folder/contacts.csv", plain), ("__MACOSX/folder/._contacts.csv", [1, 2, 3])));
        yield return ("zip of Windows-1252", Packed.Zip(("contacts.txt", Encoding.GetEncoding("windows-1252").GetBytes(Csv(";", "\r\n")))));
        yield return ("gzip of NDJSON", Packed.Gzip(Encoding.UTF8.GetBytes(string.Join("\n", Objects()))));
    }

    static IEnumerable<string[]> Rows() => Enumerable.Range(0, Contacts).Select(i => (string[])
        [$"a{i}@example.org", First[i % 10], Last[i / 10 % 10], $"+614{i:00000000}", i % 3 == 0 ? "" : "São Paulo"]);

    static string Csv(string delimiter, string lineEnd)
    {
        var text = new StringBuilder().AppendJoin(delimiter, Columns).Append(lineEnd);
        foreach (var row in Rows())
            text.AppendJoin(delimiter, row.Select(c => c.AsSpan().IndexOfAny("\",;|^¦\t\n") >= 0 ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c)).Append(lineEnd);
        return text.ToString();
    }

    static byte[] Xlsx(bool shared)
    {
        var book = new XlsxBook();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new StringBuilder();
        var number = 0;
        foreach (var row in Rows().Prepend(Columns))
        {
            number++;
            if (!shared)
            {
                rows.Append(XlsxBook.Row(number, [.. row.Select(c => c.Length == 0 ? null : c)]));
                continue;
            }
            rows.Append("<row>"); // neither rows nor cells need say where they are
            foreach (var cell in row)
            {
                if (!numbers.TryGetValue(cell, out var index))
                {
                    numbers[cell] = index = numbers.Count;
                    book.Strings.Add($"<si><t xml:space=\"preserve\">{SecurityElement.Escape(cell)}</t></si>");
                }
                rows.Append(CultureInfo.InvariantCulture, $"<c t=\"s\"><v>{index}</v></c>");
            }
            rows.Append("</row>");
        }
        return book.Sheet("Contacts", rows.ToString()).Bytes();
    }

    static IEnumerable<string> Objects() => Rows().Select(r => JsonSerializer.Serialize(Columns.Zip(r).ToDictionary(p => p.First, p => p.Second)));
}
