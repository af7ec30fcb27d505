using System.Text;
using Muster.Mapping;

namespace Muster.Validation.Phones;

/// <summary>Countries as people write them, from <c>countries.txt</c>: ISO 3166-1 codes of two and three letters, names in some thirty languages, and calling codes such as +49.</summary>
public static class Country
{
    static readonly Lazy<Dictionary<string, PhoneRegion>> Known = new(Load);

    // Names of columns that say which country a contact is in, in some languages, as ColumnName.Key writes them.
    static readonly HashSet<string> ColumnNames = new[]
    {
        "country", "country code", "country region", "country name", "country iso", "iso country", "phone country", "phone region", "cc", "nation", "home country", "mailing country", "billing country",
        "Land", "Ländercode", "Staat", "pays", "code pays", "país", "codigo pais", "paese", "nazione", "kraj", "страна", "ülke", "الدولة", "البلد", "देश", "negara", "quốc gia", "国家", "國家", "国", "国名", "국가",
        "maa", "země", "ország", "țară", "χώρα", "країна", "ประเทศ", "address 1 country", "home address country", "business country region", "home country region",
    }.Select(ColumnName.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a column of this name says which country its row is of.</summary>
    public static bool IsColumnName(string column) => ColumnNames.Contains(ColumnName.Key(column));

    /// <summary>The region that a cell means. False, with <see cref="PhoneRegion.None"/>, when it names no country with phone numbers and is no calling code. A calling code of several countries means the main one: they share a plan.</summary>
    public static bool TryFind(ReadOnlySpan<byte> utf8, out PhoneRegion region)
    {
        region = default;
        utf8 = Blanks.Trim(utf8);
        if (utf8.Length is 0 or > 128)
            return false;
        if (utf8[0] == '+' || utf8.StartsWith("00"u8))
            return TryCallingCode(utf8.TrimStart("+0"u8), out region);
        return Known.Value.TryGetValue(ColumnName.Key(Encoding.UTF8.GetString(utf8)), out region);
    }

    static bool TryCallingCode(ReadOnlySpan<byte> digits, out PhoneRegion region)
    {
        region = default;
        if (digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        if (NumberingPlan.PlansOf(int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture)) is not [var plan, ..])
            return false;
        region = new(plan);
        return true;
    }

    static Dictionary<string, PhoneRegion> Load()
    {
        var known = new Dictionary<string, PhoneRegion>(StringComparer.Ordinal);
        using var stream = typeof(Country).Assembly.GetManifestResourceStream("countries.txt") ?? throw new InvalidOperationException("countries.txt is not embedded.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            // Some territories have no numbering plan of their own.
            if (line.Length == 0 || line[0] == '#' || !PhoneRegion.TryParse(line[..2], out var region))
                continue;
            Add(line[..2]);
            foreach (var name in line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('|'))
                Add(name);

            void Add(string name)
            {
                if (!known.TryAdd(ColumnName.Key(name), region) && known[ColumnName.Key(name)] != region)
                    throw new InvalidOperationException($"countries.txt: '{name.Trim()}' stands for two countries.");
            }
        }
        return known;
    }
}
