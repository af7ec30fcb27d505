using System.Globalization;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Which profile a source is read by, what it adds to the import's options, and where the source is not as the profile knows it.</summary>
public static class ProfileChoice
{
    // A column of numbers and one of phone numbers differ by how the numbers are written.
    static readonly string[] Alike = ["number", "phone"];

    /// <summary>The profile that the option names: by name, by id, or either with a version, <c>CRM@3</c>. Null when there is none.</summary>
    public static async Task<Profile?> NamedAsync(IProfileStore profiles, int accountId, string named, CancellationToken cancellationToken)
    {
        var all = await profiles.ProfilesAsync(accountId, cancellationToken);
        Profile? Find(string name) =>
            all.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? (TryNumber(name, out var id) ? all.FirstOrDefault(p => p.Id == id) : null);
        if (Find(named) is { } newest)
            return newest;
        return named.LastIndexOf('@') is > 0 and var at && TryNumber(named[(at + 1)..], out var version) && Find(named[..at]) is { } versioned
            ? await profiles.GetAsync(accountId, versioned.Id, version, cancellationToken)
            : null;
    }

    /// <summary>The newest profile whose columns are those of the source, in any order. Null when there is none.</summary>
    public static async Task<Profile?> OfHeaderAsync(IProfileStore profiles, int accountId, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var fingerprint = Fingerprint(columns);
        return (await profiles.ProfilesAsync(accountId, cancellationToken)).Where(p => p.Columns.Count > 0 && Fingerprint(p.Columns.Select(c => c.Column)) == fingerprint)
            .MaxBy(p => p.CreatedAt);
    }

    /// <summary>What the import says itself, else what the profile says. <c>profile</c> becomes the version that was used.</summary>
    public static ImportOptions Merge(ImportOptions asked, Profile profile)
    {
        var usual = profile.Options;
        var saysMapping = asked.Mapping is not null || asked.MappingRules is not null;
        return asked with
        {
            Profile = $"{profile.Name}@{profile.Version.ToString(CultureInfo.InvariantCulture)}",
            ListIds = asked.ListIds ?? (asked.Lists is null ? usual.ListIds : null),
            Lists = asked.Lists ?? (asked.ListIds is null ? usual.Lists : null),
            Tags = asked.Tags ?? usual.Tags,
            Match = asked.Match ?? usual.Match,
            Mode = asked.Mode ?? usual.Mode,
            Policy = asked.Policy ?? usual.Policy,
            Policies = asked.Policies ?? usual.Policies,
            Blank = asked.Blank ?? usual.Blank,
            ClearToken = asked.ClearToken ?? usual.ClearToken,
            OnDuplicateRow = asked.OnDuplicateRow ?? usual.OnDuplicateRow,
            OnListMember = asked.OnListMember ?? usual.OnListMember,
            OnInvalidValue = asked.OnInvalidValue ?? usual.OnInvalidValue,
            UnknownColumns = asked.UnknownColumns ?? usual.UnknownColumns,
            Mapping = saysMapping ? asked.Mapping : usual.Mapping,
            MappingRules = saysMapping ? asked.MappingRules : usual.MappingRules,
            Region = asked.Region ?? usual.Region,
            RegionColumn = asked.RegionColumn ?? usual.RegionColumn,
            PhoneStyle = asked.PhoneStyle ?? usual.PhoneStyle,
            Delimiter = asked.Delimiter ?? usual.Delimiter,
            Header = asked.Header ?? usual.Header,
            DateOrder = asked.DateOrder ?? usual.DateOrder,
            DecimalSign = asked.DecimalSign ?? usual.DecimalSign,
            Encoding = asked.Encoding ?? usual.Encoding,
            Nested = asked.Nested ?? usual.Nested,
            Hold = asked.Hold ?? usual.Hold,
            Atomic = asked.Atomic ?? usual.Atomic,
            MaxRejects = asked.MaxRejects ?? usual.MaxRejects,
            TextMax = asked.TextMax ?? usual.TextMax,
            FullYears = asked.FullYears ?? usual.FullYears,
            PreambleRows = asked.PreambleRows ?? usual.PreambleRows,
            TotalsRows = asked.TotalsRows ?? usual.TotalsRows,
            FormulaEscapes = asked.FormulaEscapes ?? usual.FormulaEscapes,
            Sheet = asked.Sheet ?? usual.Sheet,
        };
    }

    /// <summary>The columns of an import's source, for a profile of its kind.</summary>
    public static IReadOnlyList<ProfileColumn> ColumnsOf(Import import) => [.. import.Mapping.Select(c => new ProfileColumn(c.Column, c.Type))];

    /// <summary>How an import was read, for imports of its kind: every column goes where it went, whatever names are learnt later.</summary>
    /// <remarks>Of the hold rules, those limits alone that are not the account's: what holds the account's imports may change, and is to hold these too.</remarks>
    public static ImportOptions OptionsOf(Import import, Account account)
    {
        var options = import.Options;
        var plain = import.Mapping.Where(c => !c.ByRule).DistinctBy(c => c.Column, StringComparer.Ordinal);
        var rules = options.MappingRules is null ? null
            : options.MappingRules.Where(r => r.Column is null || r.Fields is not null || r.Field is null)
                .Concat(plain.Select(c => new MappingRule { Column = c.Column, Field = c.Field, Type = c.Declared, Separator = c.Separator })).ToList();
        return options with
        {
            TagIds = null, Fields = null, ListIds = options.Lists is null ? options.ListIds : null, Profile = null, WebhookUrl = null, NotifyEmail = null,
            Consent = null, AllowResubscribe = null, DryRun = null, OnConflict = null,
            Hold = OwnLimits(options.Hold, account),
            Mapping = rules is null ? plain.ToDictionary(c => c.Column, c => c.Field, StringComparer.Ordinal) : null,
            MappingRules = rules,
        };
    }

    static SortedDictionary<string, double?>? OwnLimits(IReadOnlyDictionary<string, double?>? limits, Account account)
    {
        var usual = HoldRules.Resolve(import: null, account.Settings.Hold);
        var own = limits?.Where(l => usual[l.Key] != l.Value).ToDictionary(StringComparer.Ordinal);
        return own is { Count: > 0 } ? new(own, StringComparer.Ordinal) : null;
    }

    /// <summary>The first of a profile's options that no import could run with, or that each import says for itself; null when all can stand in a profile.</summary>
    /// <remarks>A profile is chosen by a file's columns, too: it must not tell strangers of an import, nor claim a consent, that nobody asked for with this file.</remarks>
    public static IntakeResult.Refused? Refuse(ImportOptions options)
    {
        (string Option, bool IsGiven)[] own =
        [
            ("webhook_url", options.WebhookUrl is not null), ("notify_email", options.NotifyEmail is not null), ("consent", options.Consent is not null),
            ("allow_resubscribe", options.AllowResubscribe is not null), ("dry_run", options.DryRun is not null), ("on_conflict", options.OnConflict is not null), ("profile", options.Profile is not null),
        ];
        return Array.Find(own, o => o.IsGiven).Option is { } one
            ? ImportChoices.Refused(one, $"{one} is said import by import and cannot stand in a profile. Leave it out here, and name it where the import is made.")
            : ImportChoices.Refuse(options);
    }

    /// <summary>The profile's mapping without what speaks of columns that the source lacks: what is missing is drift and holds the import, it does not refuse it.</summary>
    public static ImportOptions WithoutMissing(ImportOptions options, IReadOnlyList<string> columns)
    {
        bool Has(string? name) => name is null || ColumnMapper.Find(columns, name) >= 0;
        return options with
        {
            Mapping = options.Mapping?.Where(m => Has(m.Key)).ToDictionary(StringComparer.Ordinal),
            MappingRules = options.MappingRules?.Where(r => Has(r.Column) && (r.Columns ?? []).All(Has)).ToList(),
            RegionColumn = Has(options.RegionColumn) || options.RegionColumn is { Length: 0 } ? options.RegionColumn : null,
        };
    }

    /// <summary>New, missing, renamed and retyped columns, as one finding; null when the source is as the profile knows it.</summary>
    public static HoldFinding? Drift(Profile profile, IReadOnlyList<string> columns, IReadOnlyList<ColumnEvidence> evidence, ImportOptions options)
    {
        if (profile.Columns.Count == 0)
            return null;
        var keys = columns.Select(ColumnName.Key).ToList();
        var known = profile.Columns.Select(c => ColumnName.Key(c.Column)).ToList();
        var added = Enumerable.Range(0, keys.Count).Where(i => !known.Contains(keys[i])).ToList();
        var found = new List<(string Kind, string Column, string Words)>();
        for (var i = 0; i < known.Count; i++)
        {
            var column = profile.Columns[i];
            var at = keys.IndexOf(known[i]);
            if (at < 0 && added.Remove(i))
                found.Add(("renamed", columns[i], $"'{column.Column}' is now '{columns[i]}'"));
            else if (at < 0)
                found.Add(("missing", column.Column, $"'{column.Column}' is missing"));
            else if (IsOther(column.Type, evidence[at].Type))
                found.Add(("retyped", columns[at], $"'{columns[at]}' held {column.Type} and holds {evidence[at].Type}"));
        }
        found.AddRange(added.Select(i => ("new", columns[i], $"'{columns[i]}' is new")));
        var limit = options.Hold?.GetValueOrDefault(HoldRules.Drift) ?? 0;
        if (found.Count <= limit)
            return null;
        var shown = string.Join("; ", found.Take(HoldFinding.ExamplesMax).Select(f => f.Words)) + (found.Count > HoldFinding.ExamplesMax ? $"; and {found.Count - HoldFinding.ExamplesMax} more" : "");
        return new(
            HoldRules.Drift, found.Count, limit,
            $"The source is not as the profile '{profile.Name}' (version {profile.Version}) knows it: {shown}. Approve the import if it is right all the same, and save the profile anew if it stays so.",
            [.. found.Take(HoldFinding.ExamplesMax).Select(f => new HoldExample(null, f.Column, f.Kind))]);
    }

    static bool IsOther(string? before, string now) =>
        before is not (null or "empty" or "text") && now != "empty" && before != now && !(Alike.Contains(before) && Alike.Contains(now));

    static string Fingerprint(IEnumerable<string> columns) => string.Join('\n', columns.Select(ColumnName.Key).Order(StringComparer.Ordinal));

    static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
