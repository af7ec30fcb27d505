using System.Collections.Frozen;
using System.Text;
using Muster.Mapping;

namespace Muster.Validation.Phones;

/// <summary>Countries as people write them, from <c>countries.txt</c>: ISO 3166-1 codes of two and three letters, names in some thirty languages, and calling codes such as +49.</summary>
static class Country
{
    static readonly Lazy<FrozenDictionary<string, PhoneRegion>> Known = new(Load);

    /// <summary>The region that a cell means. False, with <see cref="PhoneRegion.None"/>, when it names no country with phone numbers, or a calling code of several.</summary>
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
        if (NumberingPlan.PlansOf(int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture)) is not [var plan])
            return false;
        region = new(plan);
        return true;
    }

    static FrozenDictionary<string, PhoneRegion> Load()
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
        return known.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
