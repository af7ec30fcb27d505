namespace Muster.Contacts;

/// <summary>The rules by which an import is held for a person or flagged, and their limits. All are documented in docs/hold.md; each can be switched off.</summary>
/// <remarks>Limits come from the import's option <c>hold</c>, else from the account, else from here. A limit of null switches its rule off.</remarks>
public static class HoldRules
{
    /// <summary>Share of rows read that were rejected.</summary>
    public const string RejectShare = "reject_share";

    /// <summary>Share of rows read that emptied a field which had a value.</summary>
    public const string ClearedShare = "cleared_share";

    /// <summary>Share of rows read that opted a contact out who was not before.</summary>
    public const string OptOutShare = "opt_out_share";

    /// <summary>Share of a column's filled cells that fit the field it goes to: too small, the columns have probably shifted.</summary>
    public const string ColumnFit = "column_fit";

    /// <summary>Columns that are not as the profile knows them.</summary>
    public const string Drift = "drift";

    /// <summary>Date columns whose day and month cannot be told apart.</summary>
    public const string AmbiguousDates = "ambiguous_dates";

    /// <summary>Flag: share of rows read that replaced a value by another.</summary>
    public const string OverwrittenShare = "overwritten_share";

    /// <summary>Flag: share of addresses that belong to a role, such as info@, and not to a person.</summary>
    public const string RoleAddresses = "role_addresses";

    /// <summary>Flag: earlier imports of the very same bytes.</summary>
    public const string SameFile = "same_file";

    /// <summary>Flag of plans alone: more rejected rows than the import may have, at which it would end.</summary>
    public const string MaxRejects = "max_rejects";

    /// <summary>Not a rule: rows read before shares are judged.</summary>
    public const string MinRows = "min_rows";

    /// <summary>Every name that a limit can have, with its default.</summary>
    public static readonly IReadOnlyDictionary<string, double> Defaults = new SortedDictionary<string, double>(StringComparer.Ordinal)
    {
        [RejectShare] = 0.3,
        [ClearedShare] = 0.2,
        [OptOutShare] = 0.1,
        [ColumnFit] = 0.5,
        [Drift] = 0,
        [AmbiguousDates] = 0,
        [OverwrittenShare] = 0.5,
        [RoleAddresses] = 0.2,
        [SameFile] = 0,
        [MinRows] = 1_000,
    };

    /// <summary>Rules whose limit is a share, from 0 to 1; the others count.</summary>
    public static bool IsShare(string rule) => rule is RejectShare or ClearedShare or OptOutShare or ColumnFit or OverwrittenShare or RoleAddresses;

    /// <summary>All rules off: for wires that have no state for an import that waits.</summary>
    public static IReadOnlyDictionary<string, double?> Off { get; } =
        new SortedDictionary<string, double?>(Defaults.Keys.ToDictionary(k => k, static _ => (double?)null), StringComparer.Ordinal);

    /// <summary>All rules with the limits of this document.</summary>
    public static IReadOnlyDictionary<string, double?> On { get; } =
        new SortedDictionary<string, double?>(Defaults.ToDictionary(d => d.Key, static d => (double?)d.Value), StringComparer.Ordinal);

    /// <summary>Every rule's limit: the import's, else the account's, else the default. Null where the rule is off.</summary>
    public static IReadOnlyDictionary<string, double?> Resolve(IReadOnlyDictionary<string, double?>? import, IReadOnlyDictionary<string, double?>? account)
    {
        var limits = new SortedDictionary<string, double?>(StringComparer.Ordinal);
        foreach (var (rule, standard) in Defaults)
            limits[rule] = import is not null && import.TryGetValue(rule, out var own) ? own : account is not null && account.TryGetValue(rule, out var set) ? set : standard;
        return limits;
    }

    /// <summary>The findings whose rules are on, passed their limit, and have not been approved for this import.</summary>
    /// <param name="limits">Of the import's frozen options; null: the defaults.</param>
    /// <param name="earlier">What the import was held for before.</param>
    public static IReadOnlyList<HoldFinding> InForce(
        IEnumerable<HoldFinding> findings, IReadOnlyDictionary<string, double?>? limits, IReadOnlyList<HoldFinding> earlier) =>
        [.. findings.Where(f => (limits ?? On).TryGetValue(f.Rule, out var limit) && limit is not null
            && !earlier.Any(e => e.ApprovedAt is not null && e.Rule == f.Rule && e.Column == f.Column))];
}
