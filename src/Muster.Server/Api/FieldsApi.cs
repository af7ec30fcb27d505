using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/fields</c>: the account's custom fields.</summary>
static class FieldsApi
{
    public static void MapFields(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/fields").WithTags("fields").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's custom fields.");
        group.MapPost("", CreateAsync).RequireScope(KeyScope.Write).Refuses(409, 422).WithSummary("Make a custom field. One that is there already with that type is answered as it is, with 200.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One custom field.");
    }

    static async Task<Ok<Client.Page<FieldResource>>> ListAsync(Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await contacts.FieldsAsync(caller.Account.Id, cancellationToken), f => f.Id, Wire.Field));

    static async Task<Results<Created<FieldResource>, Ok<FieldResource>, Refusal>> CreateAsync(
        FieldInput input, Caller caller, IContactStore contacts, MusterSettings settings, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        if (FieldTarget.IsReserved(name))
            return Refusal.BadBody("Every contact has a field of that name already. Choose another.", "name");
        if (!Wire.TryWord<FieldType>(input.Type ?? "text", out var type))
            return Refusal.BadBody($"The type of a field is one of {Wire.WordsOf<FieldType>()}.", "type");
        var fields = await contacts.FieldsAsync(caller.Account.Id, cancellationToken);
        if (fields.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known)
            return known.Type == type ? TypedResults.Ok(Wire.Field(known)) : Refusal.Of(409, "name_taken", "The account has a field of that name and another type.", "name");
        if (fields.Count >= settings.FieldsMax)
            return Refusal.Of(422, ErrorCode.TooManyFields, $"The account has {fields.Count} custom fields, as many as fields_max allows.");
        var field = await contacts.EnsureFieldAsync(caller.Account.Id, name, type, cancellationToken);
        return TypedResults.Created($"/v1/fields/{field.Id.ToString(CultureInfo.InvariantCulture)}", Wire.Field(field));
    }

    static async Task<Results<Ok<FieldResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var fieldId) && (await contacts.FieldsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(f => f.Id == fieldId) is { } field
            ? TypedResults.Ok(Wire.Field(field)) : Refusal.NotFound("field");
}
