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
public sealed record ContactChange(IReadOnlyDictionary<string, string?> Fields, IReadOnlyList<string>? Lists = null, IReadOnlyList<string>? Tags = null)
{
    /// <summary>What may stand around a phone number's digits.</summary>
    public PhoneStyle PhoneStyle { get; init; } = PhoneStyle.Any;

    /// <summary>What the contact has said, by channel. Channels that are not named stay.</summary>
    public IReadOnlyDictionary<ConsentChannel, ConsentRecord> Consent { get; init; } = new Dictionary<ConsentChannel, ConsentRecord>();
}

/// <summary>What became of a single write.</summary>
public abstract record ContactWriteResult
{
    public sealed record Written(int ContactId, Outcome Outcome) : ContactWriteResult;

    /// <summary>Nothing was written. Field: null when the whole change is at fault.</summary>
    public sealed record Rejected(IReadOnlyList<(string? Field, ErrorCode Code)> Errors) : ContactWriteResult;

    public sealed record NotFound : ContactWriteResult;
}

/// <summary>Writes single contacts by the same way as imports: checked, decided and entered in the ledger as a batch, mostly of one row.</summary>
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

    /// <summary>Updates many contacts, each with a change of its own; the answers are in the order of the changes. Neighbours that name the same fields are written together.</summary>
    /// <remarks>Not one transaction: what came before a failure stays. These changes bring no contact into lists.</remarks>
    public async Task<IReadOnlyList<ContactWriteResult>> PatchAsync(
        Account account, IReadOnlyList<(int ContactId, ContactChange Change)> changes, CancellationToken cancellationToken)
    {
        var results = new List<ContactWriteResult>(changes.Count);
        while (results.Count < changes.Count)
        {
            var first = changes[results.Count].Change;
            var seen = new HashSet<int>();
            var together = TextFaultOf(first) is not null || first.Consent.Count > 0 ? [changes[results.Count]] : changes.Skip(results.Count)
                .TakeWhile(c => c.Change.Fields.Keys.SequenceEqual(first.Fields.Keys) && c.Change.Consent.Count == 0 && TextFaultOf(c.Change) is null && seen.Add(c.ContactId)).ToList();
            results.AddRange(await WriteAsync(account, [.. together.Select(t => t.Change)], [.. together.Select(t => t.ContactId)], () => Task.FromResult<int[]>([]), cancellationToken));
        }
        return results;
    }

    /// <summary>Brings contacts into a list, in one transaction. Who is in it already is unchanged; beyond the list's limit they are rejected as <see cref="ErrorCode.ListFull"/>.</summary>
    /// <param name="contactIds">No contact twice.</param>
    /// <param name="membersMax">Members that the list may come to hold, beside its own limit.</param>
    public Task<ContactWriteResult[]> JoinAsync(Account account, int listId, int[] contactIds, CancellationToken cancellationToken, long? membersMax = null)
    {
        var nothing = new ContactChange(new Dictionary<string, string?>());
        return WriteAsync(account, [.. contactIds.Select(_ => nothing)], contactIds, () => Task.FromResult<int[]>([listId]), cancellationToken, membersMax);
    }

    async Task<ContactWriteResult> WriteAsync(Account account, ContactChange change, int? contactId, CancellationToken cancellationToken)
    {
        Task<int[]> ListIdsAsync() => IdsAsync(change.Lists, async name => (await contacts.EnsureListAsync(account.Id, name, cancellationToken)).Id);
        return (await WriteAsync(account, [change], contactId is { } id ? [id] : null, ListIdsAsync, cancellationToken))[0];
    }

    /// <summary>Writes changes that name the same fields as one batch (<see cref="BlockParts"/>). One that is at fault is rejected, and writes nothing when there is no other.</summary>
    async Task<ContactWriteResult[]> WriteAsync(
        Account account, ContactChange[] changes, int[]? contactIds, Func<Task<int[]>> listIdsAsync, CancellationToken cancellationToken, long? membersMax = null)
    {
        var known = await contacts.FieldsAsync(account.Id, cancellationToken);
        if (Refuse(changes[0], known) is { } refusal)
            return [.. changes.Select(_ => refusal)];
        var (targets, without) = await TargetsAsync(account, changes[0], known, cancellationToken);
        if (without is not null)
            return [.. changes.Select(_ => new ContactWriteResult.Rejected([(without, ErrorCode.TooManyFields)]))];
        var names = changes[0].Fields.Keys.ToList();
        var rows = CheckRows(account, changes, names, targets, byKey: contactIds is null, out var match);
        var faults = Enumerable.Range(0, changes.Length).Select(row => rows.Fault[row] == ErrorCode.None ? null : RejectionOf(rows, row, names)).ToList();
        if (!faults.Contains(null))
            return [.. faults.OfType<ContactWriteResult>()];

        var lists = await listIdsAsync();
        var tags = await IdsAsync(changes[0].Tags, async name => (await contacts.EnsureTagAsync(account.Id, name, cancellationToken)).Id);
        using var accepted = new AcceptedKeys(1 << 16, Path.GetTempPath());
        var rules = MergeRules.Overwriting(match, rows.CustomFields.Length);
        if (changes[0].Consent.Count > 0)
            rules = rules with { Consent = ConsentOf(changes[0].Consent, rows) };
        var decider = new RowDecider(contactIds is null ? rules : rules with { Mode = ImportMode.UpdateOnly }, accepted);
        var lease = await imports.ApiLeaseAsync(account.Id, cancellationToken);
        var results = new ContactWriteResult[changes.Length];
        await foreach (var (part, start, result) in BlockParts.WriteAsync(rows, (part, start) => contacts.WriteAsync(BatchOf(part, start), decider, cancellationToken)))
        {
            if (result is not BatchResult.Committed)
                throw new InvalidOperationException("The account's Api import does not take batches.");
            for (var row = 0; row < part.Count; row++)
                results[start + row] = faults[start + row] ?? ResultOf(part, decider.Decision, row, names);
        }
        return results;

        ContactBatch BatchOf(RowBlock part, int start)
        {
            part.BatchNumber = -1; // the store chose one when it was tried before
            return new(lease, part, time.GetUtcNow(), lists, tags, End: null, contactIds?[start..(start + part.Count)]) { ListMembersMax = membersMax, MatchedBytesMax = settings.BatchBytesMax };
        }
    }

    ConsentRules ConsentOf(IReadOnlyDictionary<ConsentChannel, ConsentRecord> consent, RowBlock rows)
    {
        var records = new byte[][] { [], [], [] };
        foreach (var (channel, record) in consent)
        {
            records[(int)channel] = ConsentJson.Write(record with { Time = record.Time ?? time.GetUtcNow(), Source = record.Source ?? "api" });
            rows.Consent[0] |= record.Status == ConsentRecord.OptedOut ? RowConsent.OutOf(channel) : RowConsent.InTo(channel);
        }
        return new() { MayResubscribe = true, Out = records, In = records };
    }

    static ContactWriteResult ResultOf(RowBlock rows, BatchDecision decision, int row, List<string> names) => decision.Outcome[row] switch
    {
        Outcome.Skipped => new ContactWriteResult.NotFound(),
        Outcome.Rejected => RejectionOf(rows, row, names),
        var outcome => new ContactWriteResult.Written(decision.ContactId[row], outcome),
    };

    static ContactWriteResult RejectionOf(RowBlock rows, int row, List<string> names) => new ContactWriteResult.Rejected(
        [.. rows.Errors.Where(e => e.Row == row && e.Severity == Severity.Error).Select(e => (e.Column < 0 ? null : names[e.Column], e.Code))]);

    /// <summary>What is wrong with the fields that a change names, or with the text of the first one.</summary>
    ContactWriteResult.Rejected? Refuse(ContactChange change, IReadOnlyList<FieldDefinition> known)
    {
        var newFields = 0;
        foreach (var name in change.Fields.Keys)
        {
            if (!FieldTarget.TryParse(name, out var target) || target.Kind is not (TargetKind.BuiltIn or TargetKind.Custom))
                return new([(name, ErrorCode.UnknownColumn)]);
            if (target.Name is { } customName && !known.Any(f => string.Equals(f.Name, customName, StringComparison.OrdinalIgnoreCase)))
            {
                if (FieldTarget.IsReserved(customName))
                    return new([(name, ErrorCode.UnknownColumn)]);
                if (known.Count + ++newFields > settings.FieldsMax)
                    return new([(name, ErrorCode.TooManyFields)]);
            }
        }
        return TextFaultOf(change) is { } fault ? new([fault]) : null;
    }

    /// <summary>A text that no source could bring either, so that what is exported can be imported again.</summary>
    (string? Field, ErrorCode Code)? TextFaultOf(ContactChange change)
    {
        foreach (var (name, text) in change.Fields)
        {
            if (text is null)
                continue;
            if (text.Contains('\0', StringComparison.Ordinal))
                return (name, ErrorCode.NulByte);
            if (Encoding.UTF8.GetByteCount(text) > settings.CellBytesMax)
                return (name, ErrorCode.CellTooLong);
        }
        return null;
    }

    /// <summary>Where each value goes; and the name of one that no field could be made for, since others have taken the room meanwhile.</summary>
    async Task<(List<(FieldTarget Target, FieldDefinition? Custom)> Targets, string? Without)> TargetsAsync(
        Account account, ContactChange change, IReadOnlyList<FieldDefinition> known, CancellationToken cancellationToken)
    {
        var targets = new List<(FieldTarget, FieldDefinition?)>();
        foreach (var name in change.Fields.Keys)
        {
            _ = FieldTarget.TryParse(name, out var target);
            var custom = target.Kind != TargetKind.Custom
                ? null
                : known.FirstOrDefault(f => string.Equals(f.Name, target.Name, StringComparison.OrdinalIgnoreCase))
                    ?? (await contacts.MakeFieldAsync(account.Id, new(0, target.Name!, FieldType.Text), createdBy: null, settings.FieldsMax, cancellationToken)).Field; // a custom field has a name
            if (custom is null && target.Kind == TargetKind.Custom)
                return (targets, name);
            targets.Add((target, custom));
        }
        return (targets, null);
    }

    RowBlock CheckRows(
        Account account, ContactChange[] changes, List<string> names, List<(FieldTarget Target, FieldDefinition? Custom)> targets, bool byKey, out KeyKind match)
    {
        var customFields = targets.Where(t => t.Custom is not null).Select(t => t.Custom!.Id).Distinct().Order().ToArray();
        var order = account.Settings.DateOrder is { } usual ? ImportChoices.DateOrders[usual] : DateOrder.Unknown;
        var columns = targets
            .Select((t, i) => new CheckedColumn(
                i, t.Custom is null ? t.Target.BuiltIn : null, t.Custom is null ? -1 : Array.IndexOf(customFields, t.Custom.Id), t.Custom?.Type ?? FieldType.Text, order))
            .OrderBy(c => c.CustomIndex);
        var records = new ChangeRecords(names, changes);
        match = MatchOf(account, targets, changes[0]);
        var region = PhoneRegion.TryParse(account.Region, out var r) ? r : PhoneRegion.None;
        var rules = new RowRules([.. columns], customFields, match, region, changes[0].PhoneStyle, BlankClears: true, ClearToken: null, DropInvalid: false);
        var rows = new RowBlock(customFields, rowsHint: changes.Length) { BatchNumber = -1 };
        var checker = new RowChecker(rules);
        while (records.Read())
            checker.Check(records, rows);
        KeyText.HashAll(rows, match, contacts.KeySeed(account.Id), matchKeyRequired: byKey);
        rows.SortKeys();
        return rows;
    }

    static KeyKind MatchOf(Account account, List<(FieldTarget Target, FieldDefinition? Custom)> targets, ContactChange change)
    {
        var texts = change.Fields.Values.ToList();
        bool Given(BuiltInField field) => targets.Select((t, i) => t.Target == FieldTarget.To(field) && texts[i] is { Length: > 0 }).Any(given => given);
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

    /// <summary>Changes as a source, a record each.</summary>
    sealed class ChangeRecords(IReadOnlyList<string> names, ContactChange[] changes) : RowReader
    {
        byte[][] cells = [];
        int row;

        public override SourceShape Shape { get; } = new("change", "utf-8", null, names, 0, HasHeader: false);
        public override long RowNumber => row;
        public override long Line => row;
        public override long ByteOffset => 0;
        public override int ByteLength => 0;
        public override int CellCount => cells.Length;
        public override ErrorCode Fault => ErrorCode.None;
        public override int FaultColumn => -1;
        public override long FaultLine => row;
        public override long BytesRead => 0;
        public override SourcePosition Next => default;

        public override bool Read()
        {
            if (row == changes.Length)
                return false;
            cells = [.. changes[row++].Fields.Values.Select(text => text is null ? [] : Encoding.UTF8.GetBytes(text))];
            return true;
        }

        public override ReadOnlySpan<byte> GetCell(int index) => cells[index];
        public override void Resume(SourcePosition position) => throw new NotSupportedException("A single change is not read again.");
        protected override void Dispose(bool disposing) { }
    }
}
