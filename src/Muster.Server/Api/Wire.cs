using System.Globalization;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Reports;
using Muster.Server.Facades.Exotel;
using Muster.Server.Hosting;

namespace Muster.Server.Api;

/// <summary>Engine records to wire records.</summary>
static class Wire
{
    /// <summary>The wire word of an enum's value: snake_case.</summary>
    public static string Word<T>(T value) where T : struct, Enum => Words<T>.Of[value];

    public static bool TryWord<T>(string? word, out T value) where T : struct, Enum => Words<T>.From.TryGetValue(word ?? "", out value);

    public static string WordsOf<T>() where T : struct, Enum => string.Join(", ", Words<T>.From.Keys.Where(w => w != "none"));

    static class Words<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        public static readonly Dictionary<string, T> From = Of.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }

    /// <param name="retries">Imports among which those that corrected this one's rejects are found, and those that corrected theirs.</param>
    public static ImportResource Import(Import import, TimeProvider time, IReadOnlyList<Import>? retries = null)
    {
        var own = retries?.Where(r => r.ParentId == import.Id).ToList() ?? [];
        var c = import.Counts;
        var path = "/v1/imports/" + import.Id.ToString();
        var source = import.Source;
        return new()
        {
            Id = import.Id,
            Kind = Word(import.Kind),
            Status = Word(import.Status),
            Source = new(source.Kind, source.FileName, source.Bytes, source.Sha256, source.Format, source.Encoding, source.Sheet is null ? source.Delimiter : null, source.Columns, source.Url)
            {
                Sheet = source.Sheet, Sheets = source.Sheets,
                Header = source.HasHeader, PreambleRows = source.PreambleRows, TotalsRows = source.TotalsRows,
                Packing = Packing(source.Packing), Evidence = Evidence(source.Evidence), RecognizedAs = source.RecognizedAs,
            },
            Options = Options(import.Options),
            Mapping = [.. import.Mapping.Select(m => new MappingResource(m.Index, m.Column, m.Field, m.Confidence, m.Reason, m.Type, m.DateOrder, m.DecimalSign))],
            Counts = Counts(c),
            Progress = Progress(import, time),
            Warnings = import.Warnings,
            CreatedAt = import.CreatedAt,
            StartedAt = import.StartedAt,
            FinishedAt = import.FinishedAt,
            Failure = import.Failure is { } f ? new(f.Code.Name(), f.Detail) : null,
            Hold = [.. import.Hold.Select(Finding)],
            Flags = [.. import.Flags.Select(Finding)],
            ParentId = import.ParentId,
            UndoneBy = import.UndoneBy,
            AppliedBy = import.AppliedBy,
            Reversal = import.Kind.Reverts() ? Reversal(c, import.Removed) : null,
            PossibleDuplicateOf = import.Flags.FirstOrDefault(f => f.Rule == HoldRules.SameFile)?.Examples is [{ Value: { } earlier }, ..] ? Guid.Parse(earlier) : null,
            Retries = [.. own.Select(r => r.Id)],
            Healed = Healed(import.Id, retries ?? []),
            Links = new(path, path + "/events", path + "/rejects", path + "/errors", path + "/rows", path + "/changes"),
        };
    }

    /// <summary>What is in of an import's rejects. A retry that is undone has brought nothing, whatever its own retries brought.</summary>
    static long Healed(Guid parent, IReadOnlyList<Import> retries) =>
        retries.Where(r => r.ParentId == parent).Sum(r => (r.Status == ImportStatus.Undone ? 0 : r.Counts.Accepted) + Healed(r.Id, retries));

    public static PackingResource? Packing(SourcePacking? p) => p is null ? null : new(p.Kind, p.Entry, p.Bytes);

    public static SourceEvidenceResource? Evidence(SourceEvidence? e) =>
        e is null ? null : new(Evidence(e.Encoding), Evidence(e.Delimiter), Evidence(e.Header), Evidence(e.Totals)) { Format = Evidence(e.Format) };

    static EvidenceResource? Evidence(Evidence? e) => e is null ? null : new(e.Confidence, e.Reason, [.. (e.Candidates ?? []).Select(c => new CandidateResource(c.Value, c.Confidence))]);

    static ReversalResource Reversal(ImportCounts c, long removed) => new(removed, c.Created, c.Updated - removed, c.Skipped, c.Warnings);

    static CountsResource Counts(ImportCounts c) => new(c.Read, c.Created, c.Updated, c.Unchanged, c.Duplicate, c.Suppressed, c.Skipped, c.Rejected, c.Warnings);

    public static ReversalPreviewResource Preview(ReversalPreview preview)
    {
        var columns = preview.Import.Mapping.ToDictionary(m => m.Index);
        return new(
            Word(preview.Import.Kind), preview.Import.ParentId ?? Guid.Empty, Counts(preview.Counts), Reversal(preview.Counts, preview.Removed),
            [.. preview.Shown.Select(s => new ConflictResource(
                s.RowNumber, s.ContactId, columns.GetValueOrDefault(s.Column)?.Column, columns.GetValueOrDefault(s.Column)?.Field, s.Code.Name(), s.Code.Message()))]);
    }

    public static HoldResource Finding(HoldFinding f) =>
        new(f.Rule, f.Value, f.Limit, f.Message, [.. f.Examples.Select(e => new HoldExampleResource(e.RowNumber, e.Column, e.Code, e.Value))], f.Column, f.ApprovedAt);

    static ProgressResource Progress(Import import, TimeProvider time)
    {
        if (import.Source.IsAwaited)
            return new(import.SourcePosition, import.Source.Bytes, null, null, import.Status.IsTerminal() ? null : "fetching");
        var read = import.Status == ImportStatus.Completed ? import.Source.BytesToRead : import.SourcePosition;
        double? rate = null, eta = null;
        if (import.StartedAt is { } started)
        {
            var seconds = ((import.FinishedAt ?? time.GetUtcNow()) - started).TotalSeconds;
            if (seconds > 0 && import.Counts.Read > 0)
                rate = Math.Round(import.Counts.Read / seconds, 1);
            if (import.Status == ImportStatus.Running && seconds > 0 && read > 0)
                eta = Math.Round((import.Source.BytesToRead - read) / (read / seconds), 1);
        }
        var phase = import.Options.Atomic == true && import.Kind == ImportKind.Import && !import.Status.IsTerminal() ? Word(import.Phase) : null;
        return new(read, import.Source.BytesToRead, rate, eta, phase);
    }

    public static ImportOptionsResource Options(ImportOptions o) => new()
    {
        FullYears = o.FullYears, ListIds = o.ListIds, Lists = o.Lists, Tags = o.Tags, Match = o.Match, Mode = o.Mode, Policy = o.Policy, Policies = o.Policies, Blank = o.Blank,
        ClearToken = o.ClearToken, OnDuplicateRow = o.OnDuplicateRow, OnListMember = o.OnListMember, OnInvalidValue = o.OnInvalidValue, FormulaEscapes = o.FormulaEscapes, UnknownColumns = o.UnknownColumns,
        Mapping = MappingWire.Of(o), Profile = o.Profile, Region = o.Region, PhoneStyle = o.PhoneStyle, Delimiter = o.Delimiter, Header = o.Header, PreambleRows = o.PreambleRows, TotalsRows = o.TotalsRows, DateOrder = o.DateOrder, Sheet = o.Sheet, Encoding = o.Encoding, Nested = o.Nested, DryRun = o.DryRun,
        WebhookUrl = o.WebhookUrl, NotifyEmail = o.NotifyEmail,
        DecimalSign = o.DecimalSign, RegionColumn = o.RegionColumn, MaxRejects = o.MaxRejects, Atomic = o.Atomic, TextMax = o.TextMax, AllowResubscribe = o.AllowResubscribe,
        Consent = o.Consent is { } c ? new(c.Status, c.Time, c.Source, c.Evidence, c.Ip, c.Channels) : null, Hold = HoldWire.Json(o.Hold),
    };

    public static ImportOptions Options(ImportOptionsResource o) => new()
    {
        FullYears = o.FullYears, ListIds = o.ListIds, Lists = o.Lists, Tags = o.Tags, Match = o.Match, Mode = o.Mode, Policy = o.Policy, Policies = o.Policies, Blank = o.Blank,
        ClearToken = o.ClearToken, OnDuplicateRow = o.OnDuplicateRow, OnListMember = o.OnListMember, OnInvalidValue = o.OnInvalidValue, FormulaEscapes = o.FormulaEscapes, UnknownColumns = o.UnknownColumns,
        Mapping = MappingWire.Plain(o.Mapping), MappingRules = MappingWire.Rules(o.Mapping), Profile = o.Profile, Region = o.Region, PhoneStyle = o.PhoneStyle, Delimiter = o.Delimiter, Header = o.Header, PreambleRows = o.PreambleRows, TotalsRows = o.TotalsRows, DateOrder = o.DateOrder, Sheet = o.Sheet, Encoding = o.Encoding, Nested = o.Nested, DryRun = o.DryRun,
        WebhookUrl = o.WebhookUrl, NotifyEmail = o.NotifyEmail,
        DecimalSign = o.DecimalSign, RegionColumn = o.RegionColumn, MaxRejects = o.MaxRejects, Atomic = o.Atomic, TextMax = o.TextMax, AllowResubscribe = o.AllowResubscribe,
        Consent = o.Consent is { } c ? new(c.Status, c.Channels, c.Time, c.Source, c.Evidence, c.Ip) : null, Hold = HoldWire.Limits(o.Hold),
    };

    public static ErrorResource Error(ErrorEntry e) =>
        new(e.RowNumber, e.Line, e.ByteOffset, e.Column, e.Field, e.Code.Name(), Word(e.Severity), e.Message, e.Value, e.Candidates);

    public static ChangeResource Change(RowChange c) => new(c.RowNumber, c.ContactId, Word(c.Outcome), Word(c.Action), c.Field, c.Before, c.After);

    public static RowResource Row(RowEntry r) =>
        new(r.RowNumber, r.Line, r.ByteOffset, r.ByteLength, Word(r.Outcome), r.ContactId, r.DuplicateOf, [.. r.Codes.Select(c => c.Name())], r.Candidates);

    public static ContactResource Contact(Contact c) => new(
        c.Id, Phone(c.Phone), c.Email, c.ExternalId, c.FirstName, c.LastName, c.Company, c.Status,
        c.Fields.ToDictionary(f => f.Key, f => JsonElementOf(f.Value)), c.Lists, c.Tags,
        c.Consent.ToDictionary(p => p.Key, p => new ConsentResource(p.Value.Status, p.Value.Time, p.Value.Source, p.Value.Evidence, p.Value.Ip)), c.CreatedAt, c.UpdatedAt);

    public static SuppressionResource Suppression(Suppression s) => new(s.Id, s.Kind, s.Value, s.Reason, s.CreatedAt);

    public static string? Phone(long? phone) => phone is { } digits ? "+" + digits.ToString(CultureInfo.InvariantCulture) : null;

    static JsonElement JsonElementOf(object value) => value switch
    {
        JsonElement element => element,
        string text => JsonSerializer.SerializeToElement(text),
        bool flag => JsonSerializer.SerializeToElement(flag),
        long number => JsonSerializer.SerializeToElement(number),
        int number => JsonSerializer.SerializeToElement(number),
        decimal number => JsonSerializer.SerializeToElement(number),
        double number => JsonSerializer.SerializeToElement(number),
        _ => throw new InvalidOperationException($"A custom field holds a {value.GetType().Name}, which no field type is."),
    };

    public static ListResource List(ContactList l) =>
        new(l.Id, l.Name, l.Kind, l.Members, l.MembersMax, Word(l.Visibility), l.Tag, l.CreatedAt, l.Variables, l.UpdatedAt);

    public static MemberResource Member(ListMember m) => new(m.ContactId, m.Since, m.Variables);
    public static TagResource Tag(Tag t) => new(t.Id, t.Name, t.Contacts);
    public static FieldResource Field(FieldDefinition f) => new(f.Id, f.Name, Word(f.Type), Word(f.Visibility), f.DefaultValue);
    public static KeyResource Key(ApiKey k) => new(k.Id, Word(k.Scope), k.CreatedAt, k.LastUsedAt, k.RevokedAt);

    /// <param name="usage">Null where it was not asked for.</param>
    public static AccountResource Account(Account a, MusterSettings settings, ServerSettings server, AccountUsage? usage)
    {
        var limits = a.Settings.Limits.With(settings);
        return new(
            a.Id, a.Name, a.Sid, a.Region, Word(a.Match), HoldRules.Resolve(null, a.Settings.Hold), a.CreatedAt,
            new(NoneAtZero(limits.ContactsMax), limits.ImportsActiveMax ?? 0, limits.UploadsAtOnceMax ?? 0, NoneAtZero(limits.SpoolBytesMax), ExotelLimits.Of(a, server).Shown),
            usage is null ? null : new(usage.Contacts, usage.ImportsActive, usage.SpoolBytes), a.Settings.ImportsOff, a.Settings.DateOrder);
    }

    static long? NoneAtZero(long? limit) => limit == 0 ? null : limit;
}
