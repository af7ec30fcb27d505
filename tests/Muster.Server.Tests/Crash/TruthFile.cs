using System.Globalization;
using System.Text;

namespace Muster.Server.Tests.Crash;

/// <summary>A CSV file of which everything is known: each contact, each repeat, each bad row.</summary>
sealed class TruthFile
{
    static readonly string[] Names = ["Zoë", "José", "Łukasz", "O'Brien", "Nguyễn", "Иван", "=SUM", "\"Bob\"", "a,b", "two\nlines", "😀"];
    static readonly string[] Cities = ["Pune", "Oslo", "São Paulo", "東京"];
    static readonly string[] BadAddresses = ["not-an-email", "a@@b.test", "@x.test", "x@", "a b@c.test", "x@y..test"];

    readonly StringBuilder csv = new("email,phone,first_name,city\r\n");
    readonly StringBuilder rejects = new("email,phone,first_name,city\r\n");

    public TruthFile(int rows, int seed)
    {
        var random = new Random(seed);
        var addresses = new List<string>();
        var line = 2;
        for (var row = 2; row < rows + 2; row++)
        {
            var kind = random.Next(100);
            var address = Text($"u{row}.s{seed}@example.org");
            var (phone, name, city) = (Text($"+6140{row:0000000}"), Names[random.Next(Names.Length)] + (row % 97), Cities[random.Next(Cities.Length)]);
            if (kind < 2 && addresses.Count > 0)
            {
                address = addresses[random.Next(addresses.Count)];
                Duplicates++;
            }
            else if (kind < 4)
            {
                address = BadAddresses[random.Next(BadAddresses.Length)];
                Errors.Add((row, line, address));
            }
            else
            {
                addresses.Add(address);
                Contacts.Add(address, (phone, name, city));
            }
            var record = Text($"{address},{phone},\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{city}\r\n");
            csv.Append(record);
            if (Errors.Count > 0 && Errors[^1].Row == row)
                rejects.Append(record);
            line += 1 + name.Count(c => c == '\n');
        }
        Rows = rows;
        Bytes = Encoding.UTF8.GetBytes(csv.ToString());
        Rejects = Encoding.UTF8.GetBytes(rejects.ToString());
    }

    public int Rows { get; }

    public byte[] Bytes { get; }

    /// <summary>The header and every bad record.</summary>
    public byte[] Rejects { get; }

    public Dictionary<string, (string Phone, string FirstName, string City)> Contacts { get; } = [];

    public int Duplicates { get; private set; }

    public List<(long Row, long Line, string Value)> Errors { get; } = [];

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
