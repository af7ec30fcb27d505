using System.Security.Cryptography;
using System.Text;

namespace Muster.Load;

/// <summary>What a generated row is for an importer that matches by e-mail.</summary>
enum RowKind : byte
{
    /// <summary>A contact that no earlier row holds.</summary>
    Good,

    /// <summary>A bad e-mail address: 1 row in 100.</summary>
    Invalid,

    /// <summary>E-mail and phone of an earlier good row: 2 rows in 100.</summary>
    Repeat,
}

/// <summary>A file of invented contacts that follows from its number of rows and its seed alone.</summary>
/// <remarks>
/// Every row is a function of (seed, row), so neither writing nor checking holds more than one row, whatever the file's size.
/// Nine columns, about 104 bytes a row. Addresses are in the domains of RFC 2606; phones are valid E.164 mobiles of AU, IN, DE and US, one contact each.
/// </remarks>
/// <param name="Rows">Data rows, at most <see cref="RowsMax"/>: beyond, phone numbers would repeat.</param>
sealed record ContactFile(long Rows, ulong Seed, bool Crlf = false)
{
    public const long RowsMax = 50_000_000;

    public static readonly string[] Columns = ["email", "phone", "first_name", "last_name", "company", "city", "country", "birthday", "note"];

    /// <summary>Rows at the start that are always good, so that a repeat finds an earlier row.</summary>
    const long GoodAtStart = 10;

    static readonly (string Name, string Ascii)[] Firsts =
    [
        ("Amelia", "a"), ("Noah", "n"), ("Priya", "p"), ("Arjun", "a"), ("Jürgen", "j"), ("Zoë", "z"), ("Mateo", "m"), ("Łukasz", "l"),
        ("Grace", "g"), ("José", "j"), ("Ananya", "a"), ("Lena", "l"), ("Ethan", "e"), ("Olivia", "o"), ("Søren", "s"), ("Anne-Marie", "a"),
    ];

    static readonly (string Name, string Ascii)[] Lasts =
    [
        ("Smith", "smith"), ("Nguyễn", "nguyen"), ("Sharma", "sharma"), ("Müller", "muller"), ("O'Brien", "obrien"), ("García", "garcia"), ("Patel", "patel"),
        ("Williams", "williams"), ("Kowalska", "kowalska"), ("Iyer", "iyer"), ("Schneider", "schneider"), ("Brown", "brown"), ("Fernandez", "fernandez"), ("Weber", "weber"),
    ];

    static readonly string[] Companies =
        ["Acme Pty Ltd", "Blue Lotus", "Nordwind GmbH", "Contoso", "Fabrikam Inc.", "Tailspin Toys", "Kiwi & Co", "Sunrise Dental", "Bäckerei Kranz", "Harbour Freight"];

    static readonly (string[] Cities, string Country)[] Places =
    [
        (["Sydney", "Melbourne", "Brisbane", "Perth", "Hobart"], "Australia"), (["Pune", "Mumbai", "Chennai", "Bengaluru", "Delhi"], "India"),
        (["Berlin", "München", "Köln", "Hamburg", "Jena"], "Germany"), (["New York", "Chicago", "Boston", "Austin", "Reno"], "USA"),
    ];

    static readonly string[] Notes =
        ["met at fair", "newsletter", "asked for a quote", "prefers mail", "\"call back, after 5\"", "VIP", "from web form", "trial ends soon", "\"said \"\"yes\"\" twice\"", "no calls"];

    static readonly string[] UsAreas = ["212", "312", "415", "617", "702", "805", "512", "206"];

    public RowKind KindOf(long row)
    {
        if (row < GoodAtStart)
            return RowKind.Good;
        return (Draw(row, 0) % 100) switch { 0 => RowKind.Invalid, 1 or 2 => RowKind.Repeat, _ => RowKind.Good };
    }

    /// <summary>Writes the row's cells as they stand in the file; a cell that needs quotes has them.</summary>
    public void Fill(long row, Span<string> cells)
    {
        var kind = KindOf(row);
        var person = kind == RowKind.Repeat ? EarlierGoodRow(row) : row;
        var first = Firsts[Draw(person, 1) % (ulong)Firsts.Length];
        var last = Lasts[Draw(person, 2) % (ulong)Lasts.Length];
        var place = (int)(Draw(person, 3) % (ulong)Places.Length);
        var day = Draw(row, 4);

        cells[0] = Email(person, first.Ascii, last.Ascii, kind == RowKind.Invalid);
        cells[1] = Phone(person, place);
        cells[2] = first.Name;
        cells[3] = last.Name;
        cells[4] = Companies[Draw(row, 5) % (ulong)Companies.Length];
        cells[5] = Places[place].Cities[Draw(row, 6) % 5];
        cells[6] = Places[place].Country;
        cells[7] = $"{1940 + day % 65}-{1 + day / 65 % 12:00}-{1 + day / 780 % 28:00}";
        cells[8] = Notes[Draw(row, 7) % (ulong)Notes.Length];
    }

    /// <summary>The country whose national form the row's phone has: AU, IN, DE or US.</summary>
    public string RegionOf(long row) => (Draw(row, 3) % 4) switch { 0 => "AU", 1 => "IN", 2 => "DE", _ => "US" };

    /// <summary>A cell's value: without the quotes it has in the file.</summary>
    public static string Unquoted(string cell) =>
        cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    /// <summary>Writes the file and returns what an exact importer makes of it.</summary>
    public Truth Write(Stream file)
    {
        if (Rows > RowsMax)
            throw new InvalidOperationException($"A file has at most {RowsMax} rows.");
        using var rejects = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var contacts = default(Fingerprint);
        var kinds = new long[3];
        var cells = new string[Columns.Length];
        var record = new RecordBuffer();

        record.Append(Columns, Crlf);
        rejects.AppendData(record.Bytes);
        file.Write(record.Bytes);
        var bytes = (long)record.Bytes.Length;
        for (var row = 0L; row < Rows; row++)
        {
            Fill(row, cells);
            record.Append(cells, Crlf);
            file.Write(record.Bytes);
            bytes += record.Bytes.Length;
            var kind = KindOf(row);
            kinds[(int)kind]++;
            if (kind == RowKind.Invalid)
                rejects.AppendData(record.Bytes);
            else if (kind == RowKind.Good)
                contacts.Add(cells.Select(Unquoted));
        }
        return new(this, bytes, kinds[(int)RowKind.Good], kinds[(int)RowKind.Invalid], kinds[(int)RowKind.Repeat], contacts, Convert.ToHexStringLower(rejects.GetHashAndReset()));
    }

    long EarlierGoodRow(long row)
    {
        var earlier = (long)(Draw(row, 8) % (ulong)row);
        while (KindOf(earlier) != RowKind.Good)
            earlier--;
        return earlier;
    }

    static string Email(long row, string first, string last, bool invalid)
    {
        var name = $"{last}{Base36(row)}";
        if (!invalid)
            return $"{first}.{name}@example.{(row % 3) switch { 0 => "com", 1 => "net", _ => "org" }}";
        return (row % 4) switch
        {
            0 => $"{first}.{name}@",
            1 => $"{first}..{name}@example.com",
            2 => $"{first}.{name}.example.com",
            _ => $"{first}.{name}@example..com",
        };
    }

    /// <summary>A number that no other row of the same country has: the row's place in the country's mobile numbers, permuted.</summary>
    string Phone(long row, int place)
    {
        const long Prime = 982_451_653; // shares no factor with the sizes below
        long Place(long size) => (long)(((UInt128)(ulong)row * Prime + Seed % 1_000_003) % (ulong)size);
        switch (place)
        {
            case 0:
                var au = Place(50_000_000);
                return $"+614{"01236"[(int)(au / 10_000_000)]}{au % 10_000_000:0000000}";
            case 1:
                return $"+9198{Place(100_000_000):00000000}";
            case 2:
                return $"+4917{Place(100_000_000):00000000}";
            default:
                var us = Place(UsAreas.Length * 8_000_000L);
                return $"+1{UsAreas[us / 8_000_000]}{2_000_000 + us % 8_000_000}";
        }
    }

    static string Base36(long number)
    {
        Span<char> digits = stackalloc char[13];
        var at = digits.Length;
        do
        {
            digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(number % 36)];
            number /= 36;
        }
        while (number > 0);
        return new(digits[at..]);
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014) at a place that is named instead of reached.</summary>
    ulong Draw(long row, ulong what)
    {
        var z = Seed + ((ulong)row * 16 + what + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>One record as bytes, in a buffer that is used again.</summary>
    sealed class RecordBuffer
    {
        byte[] buffer = new byte[1024];
        int length;

        public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

        public void Append(string[] cells, bool crlf)
        {
            length = 0;
            for (var i = 0; i < cells.Length; i++)
            {
                if (i > 0)
                    buffer[length++] = (byte)',';
                length += Encoding.UTF8.GetBytes(cells[i], buffer.AsSpan(length));
            }
            if (crlf)
                buffer[length++] = (byte)'\r';
            buffer[length++] = (byte)'\n';
        }
    }
}

/// <summary>What an exact import of the file comes to.</summary>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Contacts">Of all nine values of every good row, in any order.</param>
/// <param name="RejectsSha256">Of the header and the invalid records as they stand in the file.</param>
sealed record Truth(ContactFile File, long Bytes, long Good, long Invalid, long Repeats, Fingerprint Contacts, string RejectsSha256)
{
    public long Rows => File.Rows;
}
