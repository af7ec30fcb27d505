using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Muster.Server.Auth;

namespace Muster.Server.Hosting;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, committed as docs/openapi.json, and the page that shows it at <c>/docs</c>.</summary>
static class ApiDocument
{
    const string Name = "v1";
    const string Bearer = "bearer";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "Muster", Version = Name, Description = "Takes contacts in bulk and gets them into lists without losing, inventing or damaging any. Errors are RFC 9457 problems." };
            // The address is whatever the reader reached the server at.
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key's token: muster_<id>_<secret>. Also taken: Authorization: <token>, and Basic <id>:<secret>." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(QueryDocument.DescribeAsync);
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RequiredScope>().LastOrDefault() is { } required)
            {
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
                operation.Description = $"Takes a key of scope {Api.Wire.Word(required.Scope)}.";
            }
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi($"/openapi/{{documentName:regex(^{Name}$)}}.json");
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "Muster API";
            ui.SwaggerEndpoint($"/openapi/{Name}.json", "Muster " + Name);
            ui.ConfigObject.ValidatorUrl = null;
        });
    }
}
