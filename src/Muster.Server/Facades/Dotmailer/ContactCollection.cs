using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Api;
using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>What stands beside the contacts of an import-collection.</summary>
/// <param name="MergeOption">As sent: 0, 1, 2 or its name; null when it is absent.</param>
sealed record CollectionHead(IReadOnlyList<int> AddressBookIds, string? MergeOption, SpooledSource Spooled);

/// <summary>Turns <c>{addressBookIds, mergeOption, contacts:[…]}</c> into the NDJSON that the engine reads, as it arrives: one contact a line, data fields as its <c>fields</c>.</summary>
sealed class ContactCollection(Spool spool, long bytesMax)
{
    const int ValueBytesMax = 1 << 20;

    readonly List<int> addressBookIds = [];
    string? mergeOption;
    int contacts;

    /// <exception cref="RefusedException">The body is no JSON, does not fit, or has no contact.</exception>
    public async Task<CollectionHead> ReceiveAsync(Stream body, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var spooling = SpoolAsync(pipe.Reader, cancellationToken);
        try
        {
            await ConvertAsync(new CappedStream(body, bytesMax), pipe.Writer, cancellationToken);
            if (contacts == 0)
                throw VendorError.NoContacts();
            await pipe.Writer.CompleteAsync();
        }
        catch (Exception e)
        {
            await pipe.Writer.CompleteAsync(e);
            await Task.WhenAny(spooling);
            throw;
        }
        return await spooling switch
        {
            SpoolResult.Spooled s => new(addressBookIds, mergeOption, s.Source),
            SpoolResult.TooLarge t => throw VendorError.FileTooLarge(t.BytesMax),
            _ => throw new RefusedException(Refusal.DiskFull()),
        };
    }

    /// <summary>Ends the reading side whatever becomes of it: a writer must not wait for a reader that has gone.</summary>
    async Task<SpoolResult> SpoolAsync(PipeReader rows, CancellationToken cancellationToken)
    {
        try
        {
            return await spool.ReceiveAsync(rows.AsStream(leaveOpen: true), cancellationToken);
        }
        finally
        {
            await rows.CompleteAsync();
        }
    }

    async Task ConvertAsync(Stream body, PipeWriter rows, CancellationToken cancellationToken)
    {
        var state = new JsonReaderState(new() { MaxDepth = 32 });
        var place = new Place();
        await JsonWindows.ReadAsync(
            body, (window, isFinal) => Take(window, isFinal, ref state, place, rows), async () => !(await rows.FlushAsync(cancellationToken)).IsCompleted,
            ValueBytesMax, _ => throw VendorError.Malformed(), cancellationToken);
    }

    /// <summary>Where the reading stands in the document, between two windows.</summary>
    sealed class Place
    {
        public bool Begun;
        public string? Member;
        public bool InContacts;
    }

    /// <summary>Reads what is whole in the window; returns how many bytes that was.</summary>
    int Take(ReadOnlySpan<byte> window, bool isFinal, ref JsonReaderState state, Place place, PipeWriter rows)
    {
        var consumed = !place.Begun && window.StartsWith("\uFEFF"u8) ? 3 : 0;
        place.Begun = true;
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(window[consumed..], isFinal, state);
                if (!TryStep(ref reader, place, rows))
                {
                    if (isFinal && (reader.BytesConsumed + consumed < window.Length || reader.CurrentDepth > 0))
                        throw VendorError.Malformed();
                    return consumed;
                }
                state = reader.CurrentState;
                consumed += (int)reader.BytesConsumed;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw VendorError.Malformed();
        }
    }

    /// <summary>One token of the frame, or one whole contact or value. False, with nothing consumed that counts, when the window ends before its end.</summary>
    bool TryStep(ref Utf8JsonReader reader, Place place, PipeWriter rows)
    {
        if (!reader.Read())
            return false;
        if (place.InContacts)
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                place.InContacts = false;
                return true;
            }
            if (!JsonDocument.TryParseValue(ref reader, out var contact))
                return false;
            using (contact)
                Write(contact.RootElement, rows);
            contacts++;
            return true;
        }
        if (reader.CurrentDepth == 0)
            return reader.TokenType is JsonTokenType.StartObject or JsonTokenType.EndObject ? true : throw VendorError.Malformed();
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            place.Member = reader.GetString()?.ToUpperInvariant();
            return true;
        }
        if (place.Member == "CONTACTS" && reader.TokenType == JsonTokenType.StartArray)
        {
            place.InContacts = true;
            return true;
        }
        if (!JsonDocument.TryParseValue(ref reader, out var value))
            return false;
        using (value)
            TakeMember(place.Member, value.RootElement);
        return true;
    }

    void TakeMember(string? member, JsonElement value)
    {
        if (member == "ADDRESSBOOKIDS" && value.ValueKind == JsonValueKind.Array)
            addressBookIds.AddRange(value.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.String ? int.Parse(id.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : id.GetInt32()));
        else if (member == "MERGEOPTION" && value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
            mergeOption = value.ToString();
    }

    static void Write(JsonElement contact, PipeWriter rows)
    {
        if (contact.ValueKind != JsonValueKind.Object)
            throw VendorError.Malformed();
        using (var json = new Utf8JsonWriter(rows))
        {
            json.WriteStartObject();
            var fields = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
            foreach (var member in contact.EnumerateObject())
            {
                switch (member.Name.ToUpperInvariant())
                {
                    case "EMAIL":
                        Plain(json, "email", member.Value);
                        break;
                    case "OPTINTYPE":
                        fields[DataFields.OptInType] = member.Value;
                        break;
                    case "EMAILTYPE":
                        fields[DataFields.EmailType] = member.Value;
                        break;
                    case "DATAFIELDS":
                        Pairs(member.Value, fields, static key => key);
                        break;
                    case "CONSENTFIELDS":
                        Pairs(member.Value, fields, ConsentColumn);
                        break;
                }
            }
            json.WriteStartObject("fields");
            foreach (var (key, value) in fields)
                Plain(json, key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        rows.Write("\n"u8);
    }

    /// <summary><c>[{key,value}]</c>; of consent records also <c>[{fields:[{key,value}]}]</c>, whose first counts.</summary>
    static void Pairs(JsonElement pairs, Dictionary<string, JsonElement> fields, Func<string, string?> column)
    {
        if (pairs.ValueKind != JsonValueKind.Array)
            return;
        foreach (var pair in pairs.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Object)
                throw VendorError.Malformed();
            if (Member(pair, "fields") is { } nested)
                Pairs(nested, fields, column);
            else if (Member(pair, "key") is { ValueKind: JsonValueKind.String } key && key.GetString() is { Length: > 0 } name && column(name) is { } to)
                fields.TryAdd(to, Member(pair, "value") ?? default);
        }
    }

    static JsonElement? Member(JsonElement of, string name)
    {
        foreach (var member in of.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value;
        }
        return null;
    }

    static string? ConsentColumn(string key) => key.ToUpperInvariant() switch
    {
        "TEXT" or "CONSENTTEXT" => "CONSENTTEXT",
        "URL" or "CONSENTURL" => "CONSENTURL",
        "DATETIMECONSENTED" or "DATETIME" or "CONSENTDATETIME" => "CONSENTDATETIME",
        "IPADDRESS" or "IP" or "CONSENTIP" => "CONSENTIP",
        "USERAGENT" or "CONSENTUSERAGENT" => "CONSENTUSERAGENT",
        _ => null,
    };

    /// <summary>A plain value as it is; of anything else its JSON, so that the row is kept and its value judged.</summary>
    static void Plain(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            json.WriteStringValue(value.GetRawText());
        else if (value.ValueKind == JsonValueKind.Undefined)
            json.WriteNullValue();
        else
            value.WriteTo(json);
    }
}
