using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Server.Api;

/// <summary><c>/v1/suppressions</c>: addresses, numbers and domains that imports leave alone.</summary>
static class SuppressionsApi
{
    const int ReasonCharsMax = 500;
    const int AtOnceMax = 10_000;

    public static void MapSuppressions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/suppressions").WithTags("suppressions").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's suppressions, of one kind or all.");
        group.MapPost("", AddAsync).RequireScope(KeyScope.Write).Refuses(413, 415).Accepts<SuppressionsInput>("application/json")
            .Produces<SuppressionResource>(201).Produces<SuppressionResource>(200).Produces<SuppressionsAdded>(200)
            .WithSummary("Suppress one address, number or domain; or many at once: {\"suppressions\":[…]}, or a list.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One suppression. Its id is kind:value.");
        group.MapDelete("/{id}", RemoveAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Lift a suppression.");
    }

    static async Task<Ok<Client.Page<SuppressionResource>>> ListAsync(
        Caller caller, IContactStore contacts, [Description("email, phone or domain; absent: all.")] string? kind, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        if (kind is not (null or "" or SuppressedValue.Email or SuppressedValue.Phone or SuppressedValue.Domain))
            throw new RefusedException(Refusal.BadParameter("kind", "write email, phone or domain."));
        var paging = Paging.Of(cursor, limit);
        var page = await paging.OfStoreAsync((at, items) => contacts.Suppressions.ListAsync(caller.Account.Id, kind is "" ? null : kind, at, items, cancellationToken));
        return TypedResults.Ok(new Client.Page<SuppressionResource>([.. page.Items.Select(Wire.Suppression)], page.NextCursor));
    }

    static async Task<IResult> AddAsync(HttpRequest request, Caller caller, IContactStore contacts, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
            return Refusal.Of(415, "unsupported_media_type", "Send suppressions as application/json.");
        JsonElement body;
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new() { MaxDepth = 8 }, cancellationToken);
            body = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            return Refusal.Of(400, "malformed_json", $"The body is not JSON: malformed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        var many = body.ValueKind == JsonValueKind.Array ? body : body.ValueKind == JsonValueKind.Object && body.TryGetProperty("suppressions", out var list) ? list : default;
        if (many.ValueKind == JsonValueKind.Undefined)
        {
            var one = Read(body, caller.Account, time, "The suppression");
            var added = await contacts.Suppressions.AddAsync(caller.Account.Id, [one], cancellationToken);
            var stored = Wire.Suppression(await contacts.Suppressions.FindAsync(caller.Account.Id, one.Kind, one.Value, cancellationToken) ?? one);
            return added == 1 ? TypedResults.Created("/v1/suppressions/" + Uri.EscapeDataString(one.Id), stored) : TypedResults.Ok(stored);
        }
        if (many.ValueKind != JsonValueKind.Array || many.GetArrayLength() > AtOnceMax)
            throw Bad($"suppressions is a list of at most {AtOnceMax}.");
        var read = many.EnumerateArray().Select((item, i) => Read(item, caller.Account, time, $"Item {i + 1} of suppressions")).ToList();
        var news = await contacts.Suppressions.AddAsync(caller.Account.Id, read, cancellationToken);
        return TypedResults.Ok(new SuppressionsAdded(news, read.Count - news));
    }

    static async Task<Results<Ok<SuppressionResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Find(id, caller.Account) is { } key && await contacts.Suppressions.FindAsync(caller.Account.Id, key.Kind, key.Value, cancellationToken) is { } found
            ? TypedResults.Ok(Wire.Suppression(found)) : NotFound;

    /// <param name="id">kind:value, or the value alone.</param>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> LiftAsync(string id, Account account, ISuppressionStore suppressions, CancellationToken cancellationToken) =>
        Find(id, account) is { } key && await suppressions.RemoveAsync(account.Id, key.Kind, key.Value, cancellationToken);

    static async Task<Results<NoContent, Refusal>> RemoveAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        await LiftAsync(id, caller.Account, contacts.Suppressions, cancellationToken)
            ? TypedResults.NoContent() : NotFound;

    /// <summary>kind:value, or the value alone.</summary>
    static (string Kind, string Value)? Find(string id, Account account)
    {
        id = Uri.UnescapeDataString(id);
        return id.Split(':', 2) is [SuppressedValue.Email or SuppressedValue.Phone or SuppressedValue.Domain, _] parts
            ? SuppressedValue.Read(parts[0], parts[1], RegionOf(account)) : SuppressedValue.Read(null, id, RegionOf(account));
    }

    static Suppression Read(JsonElement json, Account account, TimeProvider time, string what)
    {
        SuppressionInput? input;
        try
        {
            input = json.ValueKind == JsonValueKind.String ? new(json.GetString()) : json.Deserialize(MusterJson.Wire.SuppressionInput);
        }
        catch (JsonException)
        {
            input = null;
        }
        return Of(input, account, time, what);
    }

    /// <param name="what">How a refusal names it.</param>
    public static Suppression Of(SuppressionInput? input, Account account, TimeProvider time, string what)
    {
        string? own = input?.Email is not null ? SuppressedValue.Email : input?.Phone is not null ? SuppressedValue.Phone : input?.Domain is not null ? SuppressedValue.Domain : null;
        var kind = own ?? input?.Kind switch { "address" => SuppressedValue.Email, "number" => SuppressedValue.Phone, var other => other };
        if (input is null || (input.Email ?? input.Phone ?? input.Domain ?? input.Value) is not { Length: > 0 and <= 512 } text
            || kind is not (null or SuppressedValue.Email or SuppressedValue.Phone or SuppressedValue.Domain) || input.Reason?.Length > ReasonCharsMax)
            throw Bad($"{what} needs a value, with kind email, phone or domain or without; or email, phone or domain itself; and takes a reason of at most {ReasonCharsMax} characters.");
        return SuppressedValue.Read(kind, text, RegionOf(account)) is { } value
            ? new(value.Kind, value.Value, input.Reason, time.GetUtcNow())
            : throw Bad($"{what} is no e-mail address, no phone number with + and its country code, and no domain.");
    }

    static PhoneRegion RegionOf(Account account) => PhoneRegion.TryParse(account.Region, out var region) ? region : PhoneRegion.None;

    static RefusedException Bad(string detail) => new(Refusal.BadBody(detail, "suppressions"));

    static Refusal NotFound => Refusal.NotFound("suppression");
}
