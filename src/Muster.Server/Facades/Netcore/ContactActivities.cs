using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Server.Facades.Netcore;

/// <summary>add, addsync, update and delete of one contact.</summary>
sealed class ContactActivities(ContactWriter writer, IContactStore contacts, MusterSettings settings, ServerSettings server, TimeProvider time)
{
    /// <summary>Creates the contact or updates it. The vendor's <c>add</c> answers Success whatever becomes of it; <c>addsync</c> says what was wrong.</summary>
    public async Task<NetcoreAnswer> WriteAsync(Caller caller, string? data, string? listId, bool told, CancellationToken cancellationToken)
    {
        var failure = await TryWriteAsync(Regional(caller.Account), data, listId, cancellationToken);
        return failure is null || !told ? Done() : NetcoreAnswer.Bad(failure);
    }

    /// <summary>Takes the contact out of the list; it stays in the account. One that is not there has left already.</summary>
    public async Task<NetcoreAnswer> RemoveAsync(Caller caller, string? data, string? listId, CancellationToken cancellationToken)
    {
        if (data is null)
            return NetcoreAnswer.Bad("Invalid data");
        if (listId is null || await FindListAsync(caller.Account, listId, cancellationToken) is not { } list)
            return NetcoreAnswer.Bad("Invalid listid");
        var account = Regional(caller.Account);
        var fields = new Dictionary<string, string?>();
        if (data[0] == '{')
        {
            if (Members(data) is not { } members)
                return NetcoreAnswer.Bad("Invalid data");
            fields = await FieldsAsync(account, members, cancellationToken);
        }
        else
        {
            fields[KeyName(account)] = data.Trim('"');
        }
        if (fields.GetValueOrDefault(KeyName(account)) is not { } key)
            return NetcoreAnswer.Bad("Primary key missing");
        if (FilterOf(account, key) is { } filter && (await contacts.ListAsync(account.Id, filter, null, 1, cancellationToken)).Items is [var contact])
            await contacts.RemoveMembersAsync(account.Id, list.Id, [contact.Id], cancellationToken);
        return Done();
    }

    /// <returns>What was wrong, in the vendor's words; null when the contact is written.</returns>
    async Task<string?> TryWriteAsync(Account account, string? data, string? listId, CancellationToken cancellationToken)
    {
        if (Members(data) is not { Count: > 0 } members)
            return "Invalid data";
        ContactList? list = null;
        if (listId is not null && (list = await FindListAsync(account, listId, cancellationToken)) is null)
            return "Invalid listid";
        var fields = await FieldsAsync(account, members, cancellationToken);
        if (fields.GetValueOrDefault(KeyName(account)) is null)
            return "Primary key missing";
        var change = new ContactChange(fields, list is null ? null : [list.Name]) { PhoneStyle = PhoneStyle.PlainOrInternational };
        var result = await writer.UpsertAsync(account, change, cancellationToken);
        if (result is ContactWriteResult.Rejected { Errors: var errors } && errors.All(e => e.Field is { } field && field != KeyName(account)))
        {
            // As in a file, an invalid value costs itself and not the contact.
            var rest = fields.Where(f => errors.All(e => e.Field != f.Key)).ToDictionary(f => f.Key, f => f.Value);
            result = await writer.UpsertAsync(account, change with { Fields = rest }, cancellationToken);
        }
        return result is ContactWriteResult.Written ? null : "Invalid data";
    }

    /// <summary>The members of a JSON object of plain values; null when the text is none. Blank values leave what is there.</summary>
    static List<(string Name, string Value)>? Members(string? data)
    {
        if (data is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(data, new() { MaxDepth = 4, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var members = new List<(string, string)>();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Value.ValueKind)
                {
                    case JsonValueKind.String when member.Value.GetString() is { } text:
                        if (!string.IsNullOrWhiteSpace(text) && !string.IsNullOrWhiteSpace(member.Name))
                            members.Add((member.Name, text));
                        break;
                    case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                        members.Add((member.Name, member.Value.GetRawText()));
                        break;
                    case JsonValueKind.Null:
                        break;
                    default:
                        return null;
                }
            }
            return members;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Attributes to fields, as the columns of a file are mapped.</summary>
    async Task<Dictionary<string, string?>> FieldsAsync(Account account, List<(string Name, string Value)> members, CancellationToken cancellationToken)
    {
        var known = await contacts.FieldsAsync(account.Id, cancellationToken);
        var unknown = server.NetcoreUnknownColumns == "ignore" ? UnknownColumns.Ignore : UnknownColumns.CreateField;
        var fields = new Dictionary<string, string?>();
        if (ColumnMapper.Map([.. members.Select(m => m.Name)], null, unknown, [.. known.Select(f => f.Name)], settings.FieldsMax) is not { } mapped
            || (mapped as MappingResult.Mapped)?.Map is not { } map)
            return fields;
        foreach (var column in map.Columns.Where(c => c.Target.Kind != TargetKind.Ignore))
            fields.TryAdd(column.Target.ToString(), members[column.Index].Value);
        return fields;
    }

    ContactFilter? FilterOf(Account account, string key)
    {
        switch (account.Match)
        {
            case KeyKind.Email:
                Span<byte> lower = stackalloc byte[EmailAddress.KeyBytesMax];
                var utf8 = Encoding.UTF8.GetBytes(key);
                return EmailAddress.IsValid(utf8) && EmailAddress.TryGetKey(utf8, lower, out var written) ? new(Email: Encoding.UTF8.GetString(lower[..written])) : null;
            case KeyKind.Phone:
                _ = PhoneRegion.TryParse(account.Region, out var region);
                return PhoneNumber.TryParse(Encoding.UTF8.GetBytes(key), region, PhoneStyle.PlainOrInternational, out var number, out _) == ErrorCode.None ? new(Phone: number) : null;
            default:
                return new(ExternalId: key);
        }
    }

    async Task<ContactList?> FindListAsync(Account account, string text, CancellationToken cancellationToken) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? (await contacts.ListsAsync(account.Id, cancellationToken)).FirstOrDefault(l => l.Id == id) : null;

    Account Regional(Account account) => server.NetcoreRegion.Length > 0 ? account with { Region = server.NetcoreRegion } : account;

    /// <summary>The vendor's primary key is what the account's contacts are matched by.</summary>
    static string KeyName(Account account) => account.Match switch { KeyKind.Phone => "phone", KeyKind.Email => "email", _ => "external_id" };

    NetcoreAnswer Done() => NetcoreAnswer.Done(Guid.CreateVersion7(time.GetUtcNow()));
}
