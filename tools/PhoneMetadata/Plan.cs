using System.Globalization;
using System.Text.Json;

namespace Muster.PhoneMetadata;

/// <summary>The numbering plan of one region, read from one entry of <c>metadata.max.json</c> (version 4: an array whose positions have fixed meanings).</summary>
internal sealed record Plan(
    string Code,
    int CallingCode,
    DigitPattern General,
    uint Lengths,
    DigitPattern? InternationalPrefix,
    DigitPattern? NationalPrefix,
    ushort[] Transform,
    DigitPattern? LeadingDigits,
    IReadOnlyList<(DigitPattern Pattern, uint Lengths)?> Types,
    bool MobileLooksFixed)
{
    internal const int LeadingKind = 100;
    internal const int TrunkKind = 101;
    internal const int GeneralKind = 102;

    // Positions in the array of types.
    private const int FixedLine = 0, Mobile = 1, TollFree = 2, PremiumRate = 3, PersonalNumber = 4, Voicemail = 5, Uan = 6, Pager = 7, Voip = 8, SharedCost = 9;

    /// <summary>The order in which libphonenumber asks (getNumberTypeHelper), each with its PhoneNumberType.</summary>
    private static readonly (int Kind, int Type)[] Asked =
        [(PremiumRate, 4), (TollFree, 3), (SharedCost, 5), (Voip, 6), (PersonalNumber, 7), (Pager, 8), (Uan, 9), (Voicemail, 10)];

    internal static Plan Read(string code, JsonElement entry)
    {
        var lengths = LengthMask(entry[3]);
        var types = new List<(DigitPattern, uint)?>();
        var mobileLooksFixed = false;
        if (At(entry, 11) is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var type in list.EnumerateArray())
            {
                var pattern = type.ValueKind == JsonValueKind.Array ? type[0].GetString() : null;
                // An empty pattern of mobile numbers means: the same as that of fixed lines.
                mobileLooksFixed |= types.Count == Mobile && pattern is "";
                types.Add(string.IsNullOrEmpty(pattern) ? null : (DigitPattern.Parse(pattern), type.GetArrayLength() > 1 ? LengthMask(type[1]) : lengths));
            }
        }
        return new Plan(
            code,
            int.Parse(entry[0].GetString()!, CultureInfo.InvariantCulture), // the first item is always the calling code
            Pattern(entry, 2)!, // every plan has a general pattern
            lengths,
            Pattern(entry, 1),
            Pattern(entry, 7) ?? Pattern(entry, 5),
            Template(At(entry, 8)),
            Pattern(entry, 10),
            types,
            mobileLooksFixed);
    }

    /// <summary>What decides a number's region and type among the regions that share a calling code, as one list of patterns.</summary>
    internal static List<DigitPattern> Languages(IReadOnlyList<Plan> plans, IReadOnlyList<int> regions, out List<(int Plan, int Kind)> meanings)
    {
        var patterns = new List<DigitPattern>();
        meanings = [];
        foreach (var region in regions)
        {
            var plan = plans[region];
            patterns.Add(plan.General);
            meanings.Add((region, GeneralKind));
            for (var kind = 0; kind < plan.Types.Count; kind++)
            {
                if (plan.Types[kind] is not { } type)
                    continue;
                patterns.Add(type.Pattern);
                meanings.Add((region, kind));
            }
            if (plan.LeadingDigits is { } leading)
            {
                patterns.Add(new DigitPattern.Sequence([leading, DigitPattern.Rest]));
                meanings.Add((region, LeadingKind));
            }
        }
        if (plans[regions[0]].NationalPrefix is { } prefix)
        {
            // A match without digits strips nothing: ask only for numbers that begin with a digit which a real match can begin with.
            patterns.Add(prefix.MatchesNothing()
                ? new DigitPattern.Sequence([new DigitPattern.Digits(prefix.FirstDigits()), DigitPattern.Rest])
                : prefix.AtStart());
            meanings.Add((regions[0], TrunkKind));
        }
        return patterns;
    }

    /// <summary>libphonenumber's PhoneNumberType of a number of <paramref name="digits"/> digits that matches the patterns <paramref name="found"/> says, or -1.</summary>
    internal int TypeOf(Func<int, bool> found, int digits)
    {
        if (!Found(GeneralKind, Lengths))
            return -1;
        foreach (var (kind, type) in Asked)
        {
            if (FoundType(kind))
                return type;
        }
        if (FoundType(FixedLine))
            return MobileLooksFixed || FoundType(Mobile) ? 2 : 0;
        return FoundType(Mobile) ? 1 : -1;

        bool Found(int kind, uint lengths) => found(kind) && (lengths >> digits & 1) != 0;
        bool FoundType(int kind) => kind < Types.Count && Types[kind] is { } type && Found(kind, type.Lengths);
    }

    private static JsonElement? At(JsonElement entry, int index) => index < entry.GetArrayLength() ? entry[index] : null;

    private static DigitPattern? Pattern(JsonElement entry, int index) =>
        At(entry, index) is { ValueKind: JsonValueKind.String } text ? DigitPattern.Parse(text.GetString()!) : null; // a string element has a string

    private static uint LengthMask(JsonElement lengths) => lengths.EnumerateArray().Aggregate(0u, (mask, length) => mask | 1u << length.GetInt32());

    /// <summary>Digits as 0–9, groups as 256 + number.</summary>
    private static ushort[] Template(JsonElement? rule)
    {
        if (rule is not { ValueKind: JsonValueKind.String } text)
            return [];
        var written = text.GetString()!; // a string element has a string
        var items = new List<ushort>();
        for (var i = 0; i < written.Length; i++)
            items.Add((ushort)(written[i] == '$' ? 256 + written[++i] - '0' : written[i] - '0'));
        return [.. items];
    }
}
