using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Muster.Client;
using Muster.Server.Api;

namespace Muster.Server.Hosting;

/// <summary>What the OpenAPI document says of query parameters: those of pages alike everywhere, those that routes read by themselves, and import options one by one.</summary>
static class QueryDocument
{
    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Query))
            DescribePage(parameter);
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var own in metadata.OfType<QueryParameter>())
            Add(operation, new() { Name = own.Name, Description = own.Description, Schema = new OpenApiSchema { Type = TypeOf(own.Type) } });
        if (!metadata.OfType<ImportOptionParameters>().Any())
            return;
        var options = await context.GetOrCreateSchemaAsync(typeof(ImportOptionsResource), null, cancellationToken);
        foreach (var property in typeof(ImportOptionsResource).GetProperties())
        {
            var name = ImportOptionsReading.NameOf(property);
            Add(operation, OptionOf(name, property.PropertyType, options.Properties?[name].Description));
        }
    }

    static JsonSchemaType TypeOf(QueryType type) => type switch
    {
        QueryType.Integer => JsonSchemaType.Integer,
        QueryType.Flag => JsonSchemaType.Boolean,
        _ => JsonSchemaType.String,
    };

    static void DescribePage(OpenApiParameter parameter)
    {
        switch (parameter.Name)
        {
            case "cursor":
                parameter.Description = "next_cursor of the page before, as it was; absent: the first page.";
                break;
            case "limit":
                parameter.Description = "Items of a page.";
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Paging.LimitMax.ToString(System.Globalization.CultureInfo.InvariantCulture), Default = Paging.LimitDefault };
                break;
        }
    }

    static OpenApiParameter OptionOf(string name, Type type, string? description)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool))
            return new() { Name = name, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean } };
        if (type == typeof(int) || type == typeof(long))
            return new() { Name = name, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } };
        if (type == typeof(IReadOnlyList<string>))
            return new() { Name = name, Description = $"{description} Repeated once a name.", Explode = true, Schema = ListOf(JsonSchemaType.String) };
        if (type == typeof(IReadOnlyList<int>))
            return new() { Name = name, Description = $"{description} Commas between, or repeated.", Explode = false, Schema = ListOf(JsonSchemaType.Integer) };
        return new() { Name = name, Description = type == typeof(string) ? description : $"{description} As JSON.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
    }

    static OpenApiSchema ListOf(JsonSchemaType items) => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = items } };

    static void Add(OpenApiOperation operation, OpenApiParameter parameter)
    {
        parameter.In = ParameterLocation.Query;
        operation.Parameters ??= [];
        operation.Parameters.Add(parameter);
    }
}
