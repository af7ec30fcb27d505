using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Data fields.</summary>
static class DataFieldRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/data-fields", ListAsync);
        group.MapPost("/data-fields", CreateAsync).RequireScope(KeyScope.Write);
        group.MapDelete("/data-fields/{name}", DeleteAsync).RequireScope(KeyScope.Write);
    }

    static async Task<IResult> ListAsync(Caller caller, ContactForm form, CancellationToken cancellationToken) =>
        Answer.Ok([.. (await form.FieldsAsync(caller.Account, cancellationToken)).All.Select(Wire)], VendorJson.Wire.ListApiDataField);

    static ApiDataField Wire(DataField field) =>
        new(field.Name, DataFields.TypeWord(field.Type), field.Visibility == Visibility.Public ? "Public" : "Private", DataFields.Default(field));

    static async Task<IResult> CreateAsync(
        HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, MusterSettings settings, ServerSettings server, CancellationToken cancellationToken)
    {
        var body = await RequestReading.BodyAsync(request, VendorJson.Wire.DataFieldBody, cancellationToken);
        if (!DataFields.IsName(body.Name) || !DataFields.TryType(body.Type, out var type) || body.Name!.Equals("email", StringComparison.OrdinalIgnoreCase))
            throw VendorError.FieldInvalid();
        var visibility = body.Visibility?.ToUpperInvariant() switch
        {
            null or "" or "PRIVATE" => Visibility.Private,
            "PUBLIC" => Visibility.Public,
            _ => throw VendorError.FieldInvalid(),
        };
        var draft = new FieldDefinition(0, body.Name, type) { Visibility = visibility, DefaultValue = Default(type, body.DefaultValue, server) };
        var known = await contacts.FieldsAsync(caller.Account.Id, cancellationToken);
        if (new DataFields(known).Find(body.Name) is not null || DataFields.IsBeside(body.Name))
            throw VendorError.FieldExists();
        var made = await contacts.MakeFieldAsync(caller.Account.Id, draft, createdBy: null, settings.FieldsMax, cancellationToken) switch
        {
            FieldMaking.Made { New: var field } => field,
            FieldMaking.Known => throw VendorError.FieldExists(),
            _ => throw VendorError.FieldsFull(),
        };
        var wire = (await form.FieldsAsync(caller.Account, cancellationToken)).Find(made.Name) ?? throw VendorError.FieldInvalid();
        return Answer.Of(201, Wire(wire), VendorJson.Wire.ApiDataField);
    }

    /// <summary>The default as contacts would keep it; null when there is none.</summary>
    static string? Default(FieldType type, JsonElement value, ServerSettings server)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.GetString() is null or "" or "null" or "NULL"))
            return null;
        var text = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? throw VendorError.FieldInvalid() : value.ToString();
        if (type == FieldType.Text && text.Length > DataFields.TextLengthMax)
            throw VendorError.FieldOverflow();
        return FieldValue.TryRead(type, text, out var canonical, ContactForm.Order(server)) ? canonical : throw VendorError.FieldInvalid();
    }

    static async Task<IResult> DeleteAsync(string name, Caller caller, IContactStore contacts, IImportStore imports, CancellationToken cancellationToken)
    {
        if (DataFields.IsReserved(name))
            throw VendorError.FieldInvalid();
        var known = await contacts.FieldsAsync(caller.Account.Id, cancellationToken);
        if (new DataFields(known).Find(name) is not { Id: var id } || known.FirstOrDefault(f => f.Id == id) is not { } field)
            throw VendorError.FieldNotFound(404);
        if (await FieldsApi.ImportsWritingAsync(imports, caller.Account.Id, field, cancellationToken) is { Count: > 0 } writing)
            // An import's id is no number: the vendor's object ids are.
            return Answer.Of(409, new ApiDependencyResult([.. writing.Select(_ => new ApiDependency("Import", 0))], Result: false), VendorJson.Wire.ApiDependencyResult);
        return await contacts.DeleteFieldAsync(caller.Account.Id, field.Id, cancellationToken)
            ? Answer.Ok(new ApiDependencyResult(null, Result: true), VendorJson.Wire.ApiDependencyResult) : throw VendorError.FieldNotFound(404);
    }
}
