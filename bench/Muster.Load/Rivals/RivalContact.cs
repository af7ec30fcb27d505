using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Text.RegularExpressions;
using CsvHelper;

namespace Muster.Load.Rivals;

/// <summary>A contact as an application developer would model it.</summary>
[Table("contact")]
sealed class RivalContact
{
    [Key, Column("id")] public long Id { get; set; }
    [Column("email")] public string Email { get; set; } = "";
    [Column("phone")] public string Phone { get; set; } = "";
    [Column("first_name")] public string FirstName { get; set; } = "";
    [Column("last_name")] public string LastName { get; set; } = "";
    [Column("company")] public string Company { get; set; } = "";
    [Column("city")] public string City { get; set; } = "";
    [Column("country")] public string Country { get; set; } = "";
    [Column("birthday")] public string Birthday { get; set; } = "";
    [Column("note")] public string Note { get; set; } = "";
}

/// <summary>What both rivals do before the database's turn: read, check, drop repeats. No ledger, no rejects file, no resume.</summary>
static partial class RivalFile
{
    public const string Schema = """
        PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -262144;
        CREATE TABLE IF NOT EXISTS contact (
          id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, phone TEXT NOT NULL UNIQUE, first_name TEXT, last_name TEXT, company TEXT,
          city TEXT, country TEXT, birthday TEXT, note TEXT);
        """;

    public static IEnumerable<RivalContact> Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var csv = CsvReader.Create(stream, CsvReaderOptions.Default with { HasHeader = true });
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (csv.Read())
        {
            var contact = new RivalContact
            {
                Email = csv.GetString(0).Trim(),
                Phone = csv.GetString(1).Trim(),
                FirstName = csv.GetString(2),
                LastName = csv.GetString(3),
                Company = csv.GetString(4),
                City = csv.GetString(5),
                Country = csv.GetString(6),
                Birthday = csv.GetString(7),
                Note = csv.GetString(8),
            };
            if (Email().IsMatch(contact.Email) && Phone().IsMatch(contact.Phone) && seen.Add(contact.Email))
                yield return contact;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_+'-]+(\.[A-Za-z0-9_+'-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$", RegexOptions.ExplicitCapture)]
    private static partial Regex Email();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}$")]
    private static partial Regex Phone();
}
