using System.CommandLine;
using System.Text.Json;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary>The options of an import as they are typed, one for each member of <see cref="ImportOptionsResource"/>.</summary>
sealed class ImportOptionSet
{
    const string FieldPrefix = "field:";
    static readonly string[] BuiltInFields = ["phone", "email", "external_id", "first_name", "last_name", "company", "opt_out", "opt_in", "consent_status", "lists", "tags", "lists:remove", "tags:remove", "ignore"];
    static readonly string[] Singulars = ["list", "tag", "list:remove", "tag:remove"];
    static readonly string[] PolicyWords = ["overwrite", "fill_empty", "keep", "append"];

    readonly Option<string[]> lists = OptionMaking.Texts("--list", "NAME", "Put the contacts into this list; created when unknown. May be repeated");
    readonly Option<int[]> listIds = new("--list-id") { HelpName = "ID", Description = "Put the contacts into the list of this id. May be repeated", Arity = ArgumentArity.OneOrMore };
    readonly Option<string[]> tags = OptionMaking.Texts("--tag", "TAG", "Tag the contacts. May be repeated");
    readonly Option<string> match = OptionMaking.OneOrMoreOf("--match", "What makes two rows one contact; several kinds, in order, with commas between [default: the account's, e-mail at first]", "phone", "email", "external_id");
    readonly Option<string> region = OptionMaking.Text("--region", "CC", "Country of phone numbers without + (two letters, such as DE)");
    readonly Option<string[]> map = OptionMaking.Texts("--map", "COLUMN=FIELD", "Read a column into a field: phone, email, external_id, first_name, last_name, company, field:NAME, lists, tags, lists:remove, tags:remove, or ignore. May be repeated");
    readonly Option<string> mapping = OptionMaking.Text("--mapping", "JSON", "The mapping as the API takes it, an object or a list of rules, instead of --map");
    readonly Option<string> profile = OptionMaking.Text("--profile", "NAME", "Read the file by this profile, NAME or NAME@VERSION [default: the one whose columns the file has; empty: none]");
    readonly Option<string> mode = OptionMaking.OneOf("--mode", "Whether contacts may be created, updated or both [default: upsert]", "upsert", "create_only", "update_only");
    readonly Option<string> policy = OptionMaking.OneOf("--policy", "What a value does to the one that is there [default: overwrite]", PolicyWords);
    readonly Option<string[]> fieldPolicies = OptionMaking.Texts("--field-policy", "FIELD=POLICY", "The policy of one field. May be repeated");
    readonly Option<string> blank = OptionMaking.OneOf("--blank", "What a blank cell does [default: keep]", "keep", "clear");
    readonly Option<string> clearToken = OptionMaking.Text("--clear-token", "TEXT", "A cell that consists of this text clears its field");
    readonly Option<string> onDuplicateRow = OptionMaking.OneOf("--on-duplicate-row", "Which of several rows with one key counts [default: first]", "first", "last");
    readonly Option<string> onListMember = OptionMaking.OneOf("--on-list-member", "What becomes of a row whose contact is in the list already [default: update]", "update", "skip");
    readonly Option<string> nested = OptionMaking.OneOf("--nested", "What becomes of an object inside a contact of a JSON source [default: reject]", "reject", "text");
    readonly Option<string> formulaEscapes = OptionMaking.OneOf("--formula-escapes", "What becomes of an apostrophe before a formula", "remove", "keep");
    readonly Option<string> onInvalidValue = OptionMaking.OneOf("--on-invalid-value", "What an invalid value costs [default: reject_row]", "reject_row", "drop_value");
    readonly Option<string> unknownColumns = OptionMaking.OneOf("--unknown-columns", "What becomes of columns that no field is known for [default: create_field]", "create_field", "ignore", "reject");
    readonly Option<string> phoneStyle = OptionMaking.OneOf("--phone-style", "How phone numbers may be written [default: any]", "any", "plain", "plain_or_international");
    readonly Option<string> delimiter = OptionMaking.Text("--delimiter", "CHAR", "One character, or comma, semicolon, tab, pipe [default: found out]");
    readonly Option<string> sheet = OptionMaking.Text("--sheet", "NAME", "Sheet of a workbook, by name or by number from 1 [default: the first that is not hidden]");
    readonly Option<string> encoding = OptionMaking.Text("--encoding", "NAME", "Encoding of the file [default: found out]");
    readonly Option<string> webhookUrl = OptionMaking.Text("--webhook-url", "URL", "Told when the import comes to rest");
    readonly Option<string> notifyEmail = OptionMaking.Text("--notify-email", "ADDRESSES", "Told by mail when the import has ended; addresses with commas between");
    readonly Option<bool> noHeader = new("--no-header") { Description = "The first record is a contact already; columns are called column_1, column_2, …" };
    readonly Option<bool> withHeader = new("--header") { Description = "A row names the columns [default: unless it holds an e-mail address or a phone number]" };
    readonly Option<int?> preambleRows = new("--preamble-rows") { HelpName = "N", Description = "Rows above the header [default: found out]" };
    readonly Option<int?> totalsRows = new("--totals-rows") { HelpName = "N", Description = "Rows of totals at the end, which are rejected [default: found out]" };
    readonly Option<string> dateOrder = OptionMaking.OneOf("--date-order", "How dates such as 01/02/2026 are read [default: as the column proves, else as the account says]", "ymd", "dmy", "mdy");
    readonly Option<string> decimalSign = OptionMaking.OneOf("--decimal-sign", "What stands before the decimals of numbers such as 1,234 [default: as the column proves]", "point", "comma");
    readonly Option<string> regionColumn = OptionMaking.Text("--region-column", "COLUMN", "The column that says each row's country, for phone numbers without + [default: found out; empty: none]");

    readonly Option<string> consent = OptionMaking.OneOf("--consent", "What all contacts of the file have said: opted_out makes it a list of opt-outs", "opted_in", "opted_out");
    readonly Option<string> consentSource = OptionMaking.Text("--consent-source", "TEXT", "Where they said it, such as webform");
    readonly Option<string> consentEvidence = OptionMaking.Text("--consent-evidence", "TEXT", "What proves it");
    readonly Option<bool> allowResubscribe = new("--allow-resubscribe") { Description = "Opt in also who opted out or is suppressed; needs --consent opted_in and --consent-evidence" };
    readonly Option<long?> maxRejects = new("--max-rejects") { HelpName = "N", Description = "Rejected rows that the import may have; one more ends it as failed [default: any number]" };
    readonly Option<bool> atomic = new("--atomic") { Description = "All or nothing: when a row is rejected (or more than --max-rejects are), nothing is imported" };
    readonly Option<string> hold = OptionMaking.Text("--hold", "on|off|JSON", "Rules by which a suspicious import waits for a person: on, off, or limits such as {\"reject_share\":0.5} [default: the account's]");

    readonly Option<bool> dryRun = new("--dry-run") { Description = "Only plan: say what would become of every row, and write nothing" };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            lists, listIds, tags, match, region, map, mapping, profile, mode, policy, fieldPolicies, blank, clearToken, onDuplicateRow, onListMember, onInvalidValue, formulaEscapes,
            unknownColumns, phoneStyle, delimiter, sheet, encoding, nested, webhookUrl, notifyEmail, noHeader, withHeader, preambleRows, totalsRows, dateOrder, decimalSign, regionColumn, atomic, maxRejects, hold, consent, consentSource, consentEvidence, allowResubscribe,
        ];
        command.Add(dryRun);
        foreach (var option in options)
            command.Add(option);
    }

    public ImportOptionsResource Of(ParseResult parsed) => parsed.GetValue(noHeader) && parsed.GetValue(withHeader) ? throw new UsageException("--header and --no-header exclude each other.") : new()
    {
        Lists = Given(parsed, lists),
        ListIds = parsed.GetValue(listIds) is { Length: > 0 } ids ? ids : null,
        Tags = Given(parsed, tags),
        Match = parsed.GetValue(match),
        Region = parsed.GetValue(region),
        Profile = parsed.GetValue(profile),
        Mapping = MappingOf(parsed.GetValue(map), parsed.GetValue(mapping)),
        Mode = parsed.GetValue(mode),
        Policy = parsed.GetValue(policy),
        Policies = Policies(parsed.GetValue(fieldPolicies)),
        Blank = parsed.GetValue(blank),
        ClearToken = parsed.GetValue(clearToken),
        OnDuplicateRow = parsed.GetValue(onDuplicateRow),
        OnListMember = parsed.GetValue(onListMember),
        OnInvalidValue = parsed.GetValue(onInvalidValue),
        FormulaEscapes = parsed.GetValue(formulaEscapes),
        UnknownColumns = parsed.GetValue(unknownColumns),
        PhoneStyle = parsed.GetValue(phoneStyle),
        Delimiter = parsed.GetValue(delimiter),
        Sheet = parsed.GetValue(sheet),
        Encoding = parsed.GetValue(encoding),
        WebhookUrl = parsed.GetValue(webhookUrl),
        NotifyEmail = parsed.GetValue(notifyEmail),
        Nested = parsed.GetValue(nested),
        Header = parsed.GetValue(noHeader) ? false : parsed.GetValue(withHeader) ? true : null,
        PreambleRows = parsed.GetValue(preambleRows),
        TotalsRows = parsed.GetValue(totalsRows),
        DateOrder = parsed.GetValue(dateOrder),
        DryRun = parsed.GetValue(dryRun) ? true : null,
        Consent = parsed.GetValue(consent) is { } status ? new(status, Source: parsed.GetValue(consentSource), Evidence: parsed.GetValue(consentEvidence)) : null,
        AllowResubscribe = parsed.GetValue(allowResubscribe) ? true : null,
        Atomic = parsed.GetValue(atomic) ? true : null,
        MaxRejects = parsed.GetValue(maxRejects),
        DecimalSign = parsed.GetValue(decimalSign),
        RegionColumn = parsed.GetValue(regionColumn),
        Hold = HoldLimits(parsed.GetValue(hold)),
    };

    static JsonElement? HoldLimits(string? text)
    {
        try
        {
            return text switch
            {
                null => null,
                "on" => JsonSerializer.SerializeToElement(true),
                "off" => JsonSerializer.SerializeToElement(false),
                _ => JsonDocument.Parse(text).RootElement,
            };
        }
        catch (JsonException)
        {
            throw new UsageException($"--hold '{text}' is not on, off, or a JSON object of limits such as {{\"reject_share\":0.5}}.");
        }
    }

    static string[]? Given(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } values ? values : null;

    static MappingOption? MappingOf(string[]? pairs, string? json)
    {
        if (json is null)
            return Columns(pairs) is { } columns ? (MappingOption)columns : null;
        if (pairs is { Length: > 0 })
            throw new UsageException("--map and --mapping exclude each other.");
        try
        {
            return JsonSerializer.Deserialize(json, MusterJson.Wire.MappingOption);
        }
        catch (JsonException)
        {
            throw new UsageException($"--mapping '{json}' is not a JSON object such as {{\"Mail\":\"email\"}} or a list of rules such as [{{\"column\":\"Mail\",\"field\":\"email\"}}].");
        }
    }

    /// <summary>A column's name may hold an equals sign, and so may a custom field's: the first one that leaves a field on its right divides the two.</summary>
    static Dictionary<string, string>? Columns(string[]? pairs)
    {
        if (pairs is null or { Length: 0 })
            return null;
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            while (at >= 0 && !IsField(pair[(at + 1)..]))
                at = pair.IndexOf('=', at + 1);
            if (at <= 0)
                throw new UsageException($"--map '{pair}' is not COLUMN=FIELD with FIELD one of {string.Join(", ", BuiltInFields)} or {FieldPrefix}NAME.");
            if (!columns.TryAdd(pair[..at], pair[(at + 1)..]))
                throw new UsageException($"--map names the column '{pair[..at]}' twice.");
        }
        return columns;
    }

    static Dictionary<string, string>? Policies(string[]? pairs)
    {
        if (pairs is null or { Length: 0 })
            return null;
        var policies = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var at = pair.LastIndexOf('=');
            if (at <= 0 || !IsField(pair[..at]) || !PolicyWords.Contains(pair[(at + 1)..], StringComparer.Ordinal))
                throw new UsageException($"--field-policy '{pair}' is not FIELD=POLICY with POLICY one of {string.Join(", ", PolicyWords)}.");
            if (!policies.TryAdd(pair[..at], pair[(at + 1)..]))
                throw new UsageException($"--field-policy names the field '{pair[..at]}' twice.");
        }
        return policies;
    }

    static bool IsField(string text) =>
        BuiltInFields.Contains(text, StringComparer.Ordinal) || Singulars.Contains(text, StringComparer.Ordinal) || (text.Length > FieldPrefix.Length && text.StartsWith(FieldPrefix, StringComparison.Ordinal));
}
