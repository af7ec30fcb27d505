using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Muster.Server.Api;
using Muster.Server.Auth;

namespace Muster.Server.Hosting;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and the page that shows it at <c>/docs</c>.</summary>
/// <remarks>
/// A server answers with docs/openapi.json as it was when it was built, and so does without the libraries that make such a document. A test makes it from the
/// routes and compares. Why: docs/decisions/0022-the-committed-document-is-served.md.
/// </remarks>
static class ApiDocument
{
    const string Name = "v1";
    const string Path = $"/openapi/{Name}.json";
    const string Page = "docs";
    const string Bearer = "bearer";

    /// <summary>The document that was committed with this build.</summary>
    public static Stream Committed() =>
        typeof(ApiDocument).Assembly.GetManifestResourceStream("openapi.json") ?? throw new InvalidOperationException("The build holds no openapi.json.");

    /// <summary>What makes the document from the routes.</summary>
    public static void AddDescription(this IServiceCollection services) => services.AddOpenApi(Name, options =>
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
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<StreamedBody>().LastOrDefault() is { } body)
                SubmissionDocument.Describe(operation, body);
            return Task.CompletedTask;
        });
    });

    /// <summary>Answers with the document as the routes make it. Needs <see cref="AddDescription"/>.</summary>
    public static void MapDescription(this WebApplication app) => app.MapOpenApi("/openapi/{documentName}.json");

    /// <summary>Answers with the document that was committed.</summary>
    public static void MapCommitted(this WebApplication app) => app.MapGet(Path, () => TypedResults.Stream(Committed(), "application/json; charset=utf-8")).ExcludeFromDescription();

    /// <summary>The page, put together when somebody looks at it for the first time.</summary>
    public static void UsePage(this WebApplication app)
    {
        var page = new Lazy<RequestDelegate>(() => BuildPage(app));
        app.Use((context, next) => context.Request.Path.StartsWithSegments("/" + Page, StringComparison.OrdinalIgnoreCase) ? page.Value(context) : next(context));
    }

    static RequestDelegate BuildPage(IApplicationBuilder app) => app.New().UseSwaggerUI(ui =>
    {
        ui.RoutePrefix = Page;
        ui.DocumentTitle = "Muster API";
        ui.SwaggerEndpoint(Path, "Muster " + Name);
        ui.ConfigObject.ValidatorUrl = null;
    }).Build();
}
