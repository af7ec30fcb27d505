using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Server.Auth;
using Muster.Storage;
using Muster.Validation;

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
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Remove a custom field and what contacts have in it.");
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
        var visibility = Visibility.Private;
        if (input.Visibility is not null && !Wire.TryWord(input.Visibility, out visibility))
            return Refusal.BadBody($"visibility is one of {Wire.WordsOf<Visibility>()}.", "visibility");
        if (input.DefaultValue is { } value && !FieldValue.TryRead(type, value, out _))
            return Refusal.BadBody($"default_value is not a {Wire.Word(type)}.", "default_value");
        var draft = new FieldDefinition(0, name, type) { Visibility = visibility, DefaultValue = input.DefaultValue };
        return await contacts.MakeFieldAsync(caller.Account.Id, draft, createdBy: null, settings.FieldsMax, cancellationToken) switch
        {
            FieldMaking.Made { New: var field } => TypedResults.Created($"/v1/fields/{field.Id.ToString(CultureInfo.InvariantCulture)}", Wire.Field(field)),
            FieldMaking.Known { Old: var known } when known.Type == type => TypedResults.Ok(Wire.Field(known)),
            FieldMaking.Known => Refusal.Of(409, "name_taken", "The account has a field of that name and another type.", "name"),
            _ => Refusal.Of(422, ErrorCode.TooManyFields, $"The account has {settings.FieldsMax} custom fields, as many as fields_max allows. Remove one, or have the operator raise the limit."),
        };
    }

    static async Task<Results<Ok<FieldResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var fieldId) && (await contacts.FieldsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(f => f.Id == fieldId) is { } field
            ? TypedResults.Ok(Wire.Field(field)) : Refusal.NotFound("field");

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IContactStore contacts, IImportStore imports, CancellationToken cancellationToken)
    {
        if (!Ids.TryNumber(id, out var fieldId) || (await contacts.FieldsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(f => f.Id == fieldId) is not { } field)
            return Refusal.NotFound("field");
        if (await ImportsWritingAsync(imports, caller.Account.Id, field, cancellationToken) is { Count: > 0 })
            return Refusal.Of(409, "field_in_use", "An import that has not ended writes the field. Wait for its end, or cancel it.");
        return await contacts.DeleteFieldAsync(caller.Account.Id, fieldId, cancellationToken) ? TypedResults.NoContent() : Refusal.NotFound("field");
    }

    /// <summary>The account's imports that have not ended and that one of its columns goes to the field.</summary>
    public static async Task<IReadOnlyList<Import>> ImportsWritingAsync(IImportStore imports, int accountId, FieldDefinition field, CancellationToken cancellationToken) =>
        [.. (await imports.UnfinishedAsync(accountId, cancellationToken)).Where(i => i.Mapping.Any(c => c.Field.Equals("field:" + field.Name, StringComparison.OrdinalIgnoreCase)))];
}
