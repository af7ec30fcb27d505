using System.Globalization;
using Muster.Contacts;
using Muster.Validation;

namespace Muster.Merging;

/// <summary>Judges an import's batches by the hold rules and by <c>max_rejects</c>. Its numbers are the whole import's so far; docs/hold.md has the rules.</summary>
/// <remarks>Cost on the good path: one look at each checked cell's span, and names and addresses of the first <see cref="SampleRows"/> rows of a batch.</remarks>
public sealed class HoldJudge : IBatchJudge
{
    /// <summary>Rows of each batch whose names and addresses are looked at.</summary>
    const int SampleRows = 1_000;

    /// <summary>Flags stop nothing and are told of small files too, but not of a handful of rows.</summary>
    const long FlagRowsMin = 10;

    readonly IReadOnlyDictionary<string, double?> limits;
    readonly IReadOnlyList<HoldFinding> earlier;
    readonly IReadOnlyList<CheckedColumn> columns;
    readonly Dictionary<int, string> names;
    readonly long rejectsMax;
    readonly bool optsOutOnPurpose;
    IReadOnlyList<HoldFinding> flags;
    IReadOnlyList<HoldFinding>? newFlags;
    HoldTally kept;
    HoldTally judged = new();

    /// <param name="columns">The columns that go into contacts.</param>
    /// <param name="rejectsMax">Rejected rows that the import may have; −1: any number.</param>
    public HoldJudge(Import import, IReadOnlyList<CheckedColumn> columns, long rejectsMax)
    {
        limits = import.Options.Hold ?? HoldRules.On;
        earlier = import.Hold;
        flags = import.Flags;
        this.columns = columns;
        names = import.Mapping.ToDictionary(c => c.Index, c => c.Column);
        this.rejectsMax = rejectsMax;
        optsOutOnPurpose = import.Options.Consent?.Status == ConsentRecord.OptedOut;
        kept = HoldTally.Parse(import.Tally);
    }

    /// <summary>Of a plan: what would hold or end the import is flagged, and stops nothing.</summary>
    public bool OnlyFlags { get; init; }

    /// <summary>Rejected rows beyond which the import fails when it has been gone through: then there is nothing to hold back, and nothing to approve.</summary>
    public long FailsBeyond { get; init; } = long.MaxValue;

    public BatchVerdict Judge(RowBlock rows, BatchDecision decision)
    {
        judged = kept.Copy();
        newFlags = null;
        var cut = rejectsMax < 0 || OnlyFlags ? -1 : CutOf(rows, decision);
        Count(rows, decision);
        IReadOnlyList<HoldFinding> hold = [];
        if (OnlyFlags)
            FlagWhatWouldStop(rows, decision);
        else if (cut < 0 && judged.Rejected <= FailsBeyond && judged.Read >= (Limit(HoldRules.MinRows) ?? 0))
            hold = HoldRules.InForce(Findings(rows, decision), limits, earlier);
        if (rows.IsLast && judged.Read >= FlagRowsMin)
            Flag(rows, decision);
        return new(hold, cut, judged.ToJson(), newFlags);
    }

    public void Keep()
    {
        kept = judged;
        flags = newFlags ?? flags;
    }

    double? Limit(string rule) => limits.TryGetValue(rule, out var limit) ? limit : null;

    /// <summary>How many rows there are up to the first reject too many, that one included; −1 when there is none.</summary>
    int CutOf(RowBlock rows, BatchDecision decision)
    {
        var rejected = kept.Rejected;
        for (var row = 0; row < rows.Count; row++)
        {
            if (decision.Outcome[row] == Outcome.Rejected && ++rejected > rejectsMax)
                return row + 1;
        }
        return -1;
    }

    void Count(RowBlock rows, BatchDecision decision)
    {
        judged.Read += rows.Count;
        foreach (var outcome in decision.Outcome.AsSpan(0, rows.Count))
            judged.Rejected += outcome == Outcome.Rejected ? 1 : 0;
        int clearedRow = -1, overwrittenRow = -1;
        foreach (var change in decision.Changes)
        {
            if (!change.Before.HasValue || change.Field == FieldChange.Consent)
                continue;
            if (IsCleared(rows, decision, change))
            {
                judged.Cleared += change.Row != clearedRow ? 1 : 0;
                clearedRow = change.Row;
            }
            else
            {
                judged.Overwritten += change.Row != overwrittenRow ? 1 : 0;
                overwrittenRow = change.Row;
            }
        }
        judged.OptOuts += decision.OptOuts.Count;
        CountFits(rows);
        CountRoles(rows);
    }

    static bool IsCleared(RowBlock rows, BatchDecision decision, FieldChange change)
    {
        if (change.Field >= FieldChange.CustomFieldBase)
        {
            var custom = Array.BinarySearch(rows.CustomFields, change.Field - FieldChange.CustomFieldBase);
            return custom >= 0 && rows.CustomCell(change.Row, custom).IsClear;
        }
        var image = decision.Image[change.Row];
        if (change.Field == (int)BuiltInField.Phone)
            return decision.ImagePhone[image] == 0;
        return change.Field < RowBlock.BuiltInSlots && !decision.ImageCells[image * RowBlock.BuiltInSlots + change.Field].HasValue;
    }

    void CountFits(RowBlock rows)
    {
        foreach (var error in rows.Errors)
        {
            if (error.Column >= 0 && IsMisfit(error.Code))
                Add(judged.Misfit, error.Column, 1);
        }
        foreach (var column in columns)
        {
            switch (column.BuiltIn)
            {
                case BuiltInField.FirstName or BuiltInField.LastName:
                    CountNames(rows, column.Column, column.BuiltIn.Value);
                    break;
                case BuiltInField.Phone or BuiltInField.Email:
                    var filled = 0;
                    for (var row = 0; row < rows.Count; row++)
                        filled += rows.Cell(row, column.BuiltIn.Value).HasValue ? 1 : 0;
                    Add(judged.Fit, column.Column, filled);
                    break;
                case null when column.Type != FieldType.Text:
                    var typed = 0;
                    for (var row = 0; row < rows.Count; row++)
                        typed += rows.CustomCell(row, column.CustomIndex).HasValue ? 1 : 0;
                    Add(judged.Fit, column.Column, typed);
                    break;
            }
        }
    }

    void CountNames(RowBlock rows, int column, BuiltInField field)
    {
        int fit = 0, misfit = 0;
        for (var row = 0; row < Math.Min(rows.Count, SampleRows); row++)
        {
            if (rows.Cell(row, field) is not { HasValue: true } cell)
                continue;
            if (IsNoName(rows.Utf8(cell)))
                misfit++;
            else
                fit++;
        }
        Add(judged.Fit, column, fit);
        Add(judged.Misfit, column, misfit);
    }

    /// <summary>An address is no name, nor is a phone number, a date or a postal code: five digits and more, and not one letter. What test data calls people, such as L000042, is one.</summary>
    static bool IsNoName(ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)'@'))
            return true;
        var digits = 0;
        foreach (var b in name)
        {
            if (char.IsAsciiLetter((char)b) || b >= 0x80)
                return false;
            digits += char.IsAsciiDigit((char)b) ? 1 : 0;
        }
        return digits >= 5;
    }

    void CountRoles(RowBlock rows)
    {
        for (var row = 0; row < Math.Min(rows.Count, SampleRows); row++)
        {
            if (rows.Fault[row] != ErrorCode.None || rows.Cell(row, BuiltInField.Email) is not { HasValue: true } email)
                continue;
            judged.Addresses++;
            judged.Roles += RoleAddress.Is(rows.Utf8(email)) ? 1 : 0;
        }
    }

    static void Add(SortedDictionary<int, long> counts, int column, long more)
    {
        if (more > 0)
            counts[column] = counts.GetValueOrDefault(column) + more;
    }

    /// <summary>Codes that say that a value is of another kind than its field.</summary>
    static bool IsMisfit(ErrorCode code) => code is >= ErrorCode.InvalidEmail and <= ErrorCode.InvalidExternalId
        and not (ErrorCode.PhoneExtensionDropped or ErrorCode.ControlCharacter or ErrorCode.AmbiguousDate);

    IEnumerable<HoldFinding> Findings(RowBlock rows, BatchDecision decision)
    {
        if (Passed(HoldRules.RejectShare, judged.Rejected, judged.Read) is { } rejects)
            yield return Share(rejects, "rows were rejected", "Approving imports the others; canceling lets you correct the source and send it again.",
                Errors(rows, static e => e.Severity == Severity.Error));
        if (Passed(HoldRules.ClearedShare, judged.Cleared, judged.Read) is { } cleared)
            yield return Share(cleared, "rows empty a field that has a value", "Approve if that is meant; with blank=keep, blank cells leave fields alone.",
                Changed(rows, decision, cleared: true));
        // A source that says of itself that it opts out is no surprise.
        if (!optsOutOnPurpose && Passed(HoldRules.OptOutShare, judged.OptOuts, judged.Read) is { } optOuts)
            yield return Share(optOuts, "rows opt a contact out", "Approve if that is meant; else look at the columns that say who is opted out.", OptedOut(rows, decision));
        foreach (var (column, misfit) in judged.Misfit)
        {
            var filled = misfit + judged.Fit.GetValueOrDefault(column);
            var share = 1 - (double)misfit / filled;
            if (Limit(HoldRules.ColumnFit) is not { } limit || share >= limit)
                continue;
            var name = names.GetValueOrDefault(column, "");
            yield return new(
                HoldRules.ColumnFit, Math.Round(share, 4), limit,
                string.Create(CultureInfo.InvariantCulture, $"Of {filled} filled cells in the column '{name}', {filled - misfit} ({share:0.#%}) fit their field; column_fit asks for {limit:0.#%}. The columns have probably shifted: correct the source or the mapping, or approve."),
                Errors(rows, e => e.Column == column && IsMisfit(e.Code)), name);
        }
    }

    /// <summary>As an import would be held or ended at this batch; what is flagged already is told as it was then.</summary>
    void FlagWhatWouldStop(RowBlock rows, BatchDecision decision)
    {
        var found = judged.Read >= (Limit(HoldRules.MinRows) ?? 0) ? HoldRules.InForce(Findings(rows, decision), limits, earlier).ToList() : [];
        if (rejectsMax >= 0 && judged.Rejected > rejectsMax)
        {
            found.Add(new(
                HoldRules.MaxRejects, judged.Rejected, rejectsMax,
                string.Create(CultureInfo.InvariantCulture, $"{judged.Rejected} rows were rejected up to here, and {rejectsMax} may be: the import would end. Correct them, or allow more."),
                Errors(rows, static e => e.Severity == Severity.Error)));
        }
        var added = found.Where(f => !flags.Any(known => known.Rule == f.Rule && known.Column == f.Column)).ToList();
        if (added.Count > 0)
            newFlags = [.. flags, .. added];
    }

    void Flag(RowBlock rows, BatchDecision decision)
    {
        var found = (newFlags ?? flags).Where(f => f.Rule is not (HoldRules.OverwrittenShare or HoldRules.RoleAddresses)).ToList();
        if (Passed(HoldRules.OverwrittenShare, judged.Overwritten, judged.Read) is { } overwritten)
            found.Add(Share(overwritten, "rows replaced a value by another", "The values before stand in the ledger.", Changed(rows, decision, cleared: false)));
        if (Passed(HoldRules.RoleAddresses, judged.Roles, judged.Addresses) is { } roles)
            found.Add(Share(roles, "addresses looked at belong to a role, such as info@, and not to a person", "Mail to them is often refused or reported.", []));
        if (found.Count != flags.Count || found.Count > 0)
            newFlags = found;
    }

    (string Rule, long Part, long Whole, double Limit)? Passed(string rule, long part, long whole) =>
        Limit(rule) is { } limit && whole > 0 && (double)part / whole > limit ? (rule, part, whole, limit) : null;

    static HoldFinding Share((string Rule, long Part, long Whole, double Limit) passed, string what, string remedy, IReadOnlyList<HoldExample> examples)
    {
        var (rule, part, whole, limit) = passed;
        var share = (double)part / whole;
        return new(rule, Math.Round(share, 4), limit, string.Create(CultureInfo.InvariantCulture, $"{part} of {whole} ({share:0.#%}) {what}; {rule} allows {limit:0.#%}. {remedy}"), examples);
    }

    List<HoldExample> Errors(RowBlock rows, Predicate<RowError> wanted) =>
        [.. rows.Errors.Where(e => wanted(e)).Take(HoldFinding.ExamplesMax)
            .Select(e => new HoldExample(rows.RowNumber[e.Row], e.Column < 0 ? null : names.GetValueOrDefault(e.Column), e.Code.Name()))];

    List<HoldExample> Changed(RowBlock rows, BatchDecision decision, bool cleared) =>
        [.. decision.Changes.Where(c => c.Before.HasValue && c.Field != FieldChange.Consent && IsCleared(rows, decision, c) == cleared).Take(HoldFinding.ExamplesMax)
            .Select(c => new HoldExample(rows.RowNumber[c.Row], ColumnOf(rows, c.Field)))];

    string? ColumnOf(RowBlock rows, int field)
    {
        var custom = field >= FieldChange.CustomFieldBase ? Array.BinarySearch(rows.CustomFields, field - FieldChange.CustomFieldBase) : -1;
        var column = columns.FirstOrDefault(c => custom >= 0 ? c.CustomIndex == custom : c.BuiltIn is { } builtIn && (int)builtIn == field);
        return column is null ? null : names.GetValueOrDefault(column.Column);
    }

    static List<HoldExample> OptedOut(RowBlock rows, BatchDecision decision) =>
        [.. decision.OptOuts.Take(HoldFinding.ExamplesMax).Select(row => new HoldExample(rows.RowNumber[row]))];
}
