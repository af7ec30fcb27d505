using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Mapping;
using Muster.Merging;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Jobs;

/// <summary>What a single write asks of a contact.</summary>
/// <param name="Fields">Wire name of the field (email, phone, …, or field:NAME) → text; null empties the field. Fields that are not named stay.</param>
/// <param name="Lists">Names of lists to be in; made when unknown. The contact stays in its other lists.</param>
/// <param name="Tags">Names of tags to carry; made when unknown.</param>
public sealed record ContactChange(IReadOnlyDictionary<string, string?> Fields, IReadOnlyList<string>? Lists = null, IReadOnlyList<string>? Tags = null);

/// <summary>What became of a single write.</summary>
public abstract record ContactWriteResult
{
    public sealed record Written(int ContactId, Outcome Outcome) : ContactWriteResult;

    /// <summary>Nothing was written. Field: null when the whole change is at fault.</summary>
    public sealed record Rejected(IReadOnlyList<(string? Field, ErrorCode Code)> Errors) : ContactWriteResult;

    public sealed record NotFound : ContactWriteResult;
}

/// <summary>Writes single contacts by the same way as imports: checked, decided and entered in the ledger as a batch of one row.</summary>
public sealed class ContactWriter(MusterSettings settings, IImportStore imports, IContactStore contacts, TimeProvider time)
{
    /// <summary>Creates the contact, or updates the one that the account's match kind (or else the first identity given: e-mail, phone, external id) finds.</summary>
    public Task<ContactWriteResult> UpsertAsync(Account account, ContactChange change, CancellationToken cancellationToken) =>
        WriteAsync(account, change, contactId: null, cancellationToken);

    /// <summary>Updates one contact.</summary>
    public async Task<ContactWriteResult> PatchAsync(Account account, int contactId, ContactChange change, CancellationToken cancellationToken)
    {
        if (await contacts.GetAsync(account.Id, contactId, cancellationToken) is null)
            return new ContactWriteResult.NotFound();
        return await WriteAsync(account, change, contactId, cancellationToken);
    }

    async Task<ContactWriteResult> WriteAsync(Account account, ContactChange change, int? contactId, CancellationToken cancellationToken)
    {
        var known = await contacts.FieldsAsync(account.Id, cancellationToken);
        var names = new List<string>();
        var cells = new List<byte[]>();
        var targets = new List<(FieldTarget Target, FieldDefinition? Custom)>();
        var newFields = 0;
        foreach (var (name, text) in change.Fields)
        {
            if (!FieldTarget.TryParse(name, out var target) || target.Kind == TargetKind.Ignore)
                return new ContactWriteResult.Rejected([(name, ErrorCode.UnknownColumn)]);
            if (text?.Contains('\0', StringComparison.Ordinal) == true)
                return new ContactWriteResult.Rejected([(name, ErrorCode.NulByte)]);
            if (target.Name is { } customName && !known.Any(f => string.Equals(f.Name, customName, StringComparison.OrdinalIgnoreCase)))
            {
                if (FieldTarget.IsReserved(customName))
                    return new ContactWriteResult.Rejected([(name, ErrorCode.UnknownColumn)]);
                if (known.Count + ++newFields > settings.FieldsMax)
                    return new ContactWriteResult.Rejected([(name, ErrorCode.TooManyFields)]);
            }
        }

        foreach (var (name, text) in change.Fields)
        {
            _ = FieldTarget.TryParse(name, out var target);
            var custom = target.Kind != TargetKind.Custom
                ? null
                : known.FirstOrDefault(f => string.Equals(f.Name, target.Name, StringComparison.OrdinalIgnoreCase))
                    ?? await contacts.EnsureFieldAsync(account.Id, target.Name!, FieldType.Text, cancellationToken);
            names.Add(name);
            cells.Add(text is null ? [] : Encoding.UTF8.GetBytes(text));
            targets.Add((target, custom));
        }

        var rows = CheckRow(account, names, cells, targets, contactId is null, out var match);
        if (rows.Fault[0] != ErrorCode.None)
            return new ContactWriteResult.Rejected([.. rows.Errors.Where(e => e.Severity == Severity.Error).Select(e => (e.Column < 0 ? null : names[e.Column], e.Code))]);

        var lists = await IdsAsync(change.Lists, async name => (await contacts.EnsureListAsync(account.Id, name, cancellationToken)).Id);
        var tags = await IdsAsync(change.Tags, async name => (await contacts.EnsureTagAsync(account.Id, name, cancellationToken)).Id);
        using var accepted = new AcceptedKeys(1 << 16, Path.GetTempPath());
        var rules = MergeRules.Overwriting(match, rows.CustomFields.Length);
        var decider = new RowDecider(contactId is null ? rules : rules with { Mode = ImportMode.UpdateOnly }, accepted);
        var lease = await imports.ApiLeaseAsync(account.Id, cancellationToken);
        var batch = new ContactBatch(lease, rows, time.GetUtcNow(), lists, tags, End: null, contactId);
        if (await contacts.WriteAsync(batch, decider, cancellationToken) is not BatchResult.Committed)
            throw new InvalidOperationException("The account's Api import does not take batches.");
        return decider.Decision.Outcome[0] switch
        {
            Outcome.Skipped => new ContactWriteResult.NotFound(),
            Outcome.Rejected => new ContactWriteResult.Rejected([(null, rows.Fault[0])]),
            var outcome => new ContactWriteResult.Written(decider.Decision.ContactId[0], outcome),
        };
    }

    RowBlock CheckRow(
        Account account, List<string> names, List<byte[]> cells, List<(FieldTarget Target, FieldDefinition? Custom)> targets, bool byKey, out KeyKind match)
    {
        var customFields = targets.Where(t => t.Custom is not null).Select(t => t.Custom!.Id).Distinct().Order().ToArray();
        var order = account.Settings.DateOrder is { } usual ? ImportChoices.DateOrders[usual] : DateOrder.Unknown;
        var columns = targets
            .Select((t, i) => new CheckedColumn(
                i, t.Custom is null ? t.Target.BuiltIn : null, t.Custom is null ? -1 : Array.IndexOf(customFields, t.Custom.Id), t.Custom?.Type ?? FieldType.Text, order))
            .OrderBy(c => c.CustomIndex);
        match = MatchOf(account, targets, cells);
        var region = PhoneRegion.TryParse(account.Region, out var r) ? r : PhoneRegion.None;
        var rules = new RowRules([.. columns], customFields, match, region, PhoneStyle.Any, BlankClears: true, ClearToken: null, DropInvalid: false);
        var rows = new RowBlock(customFields, rowsHint: 1) { BatchNumber = -1 };
        new RowChecker(rules).Check(new SingleRecord(names, cells), rows);
        KeyText.HashAll(rows, match, contacts.KeySeed(account.Id), matchKeyRequired: byKey);
        rows.SortKeys();
        return rows;
    }

    static KeyKind MatchOf(Account account, List<(FieldTarget Target, FieldDefinition? Custom)> targets, List<byte[]> cells)
    {
        bool Given(BuiltInField field) => targets.Select((t, i) => t.Target == FieldTarget.To(field) && cells[i].Length > 0).Any(given => given);
        var given = new[] { (KeyKind.Email, BuiltInField.Email), (KeyKind.Phone, BuiltInField.Phone), (KeyKind.ExternalId, BuiltInField.ExternalId) }
            .Where(k => Given(k.Item2)).Select(k => k.Item1).ToList();
        return given.Count == 0 || given.Contains(account.Match) ? account.Match : given[0];
    }

    static async Task<int[]> IdsAsync(IReadOnlyList<string>? names, Func<string, Task<int>> idOf)
    {
        var ids = new List<int>();
        foreach (var name in names ?? [])
            ids.Add(await idOf(name));
        return [.. ids.Distinct()];
    }

    /// <summary>A change as a source of one record.</summary>
    sealed class SingleRecord(IReadOnlyList<string> names, IReadOnlyList<byte[]> cells) : RowReader
    {
        public override SourceShape Shape { get; } = new("change", "utf-8", null, names, 0, HasHeader: false);
        public override long RowNumber => 1;
        public override long Line => 1;
        public override long ByteOffset => 0;
        public override int ByteLength => 0;
        public override int CellCount => cells.Count;
        public override ErrorCode Fault => ErrorCode.None;
        public override int FaultColumn => -1;
        public override long FaultLine => 1;
        public override long BytesRead => 0;
        public override SourcePosition Next => default;
        public override bool Read() => false;
        public override ReadOnlySpan<byte> GetCell(int index) => cells[index];
        public override void Resume(SourcePosition position) => throw new NotSupportedException("A single change is not read again.");
        protected override void Dispose(bool disposing) { }
    }
}
