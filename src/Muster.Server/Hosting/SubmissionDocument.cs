using Microsoft.OpenApi;
using Muster.Server.Api;

namespace Muster.Server.Hosting;

/// <summary>What the OpenAPI document says of the bodies of <c>POST /v1/imports</c> and <c>/v1/uploads</c>.</summary>
static class SubmissionDocument
{
    public static void Describe(OpenApiOperation operation, StreamedBody body)
    {
        if (body.StartsImport)
            DescribeSubmission(operation);
        else
            DescribeUpload(operation);
    }

    static void DescribeSubmission(OpenApiOperation operation)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = Form(new()
                {
                    ["file"] = Binary,
                    ["options"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Import options as JSON, such as {\"lists\":[\"Customers\"]}. Either part may come first." },
                }),
                ["text/csv"] = new() { Schema = Binary },
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Description = "Either contacts or source.",
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["source"] = new OpenApiSchema
                            {
                                Type = JsonSchemaType.Object,
                                Properties = new Dictionary<string, IOpenApiSchema> { ["upload_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }, ["url"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "http, https or s3://bucket/key; fetched in the background." } },
                            },
                            ["contacts"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } },
                            ["options"] = new OpenApiSchema { Type = JsonSchemaType.Object },
                        },
                    },
                },
            },
        };
        operation.Parameters ??= [];
        operation.Parameters.Add(Header("Idempotency-Key", "The same key with the same bytes and options answers with the import that is there; with others, 422."));
        operation.Parameters.Add(Header("Prefer", "wait=N waits up to N seconds for the import's end."));
    }

    static void DescribeUpload(OpenApiOperation operation)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = Form(new() { ["file"] = Binary }),
                ["application/octet-stream"] = new() { Schema = Binary },
            },
        };
    }

    static OpenApiSchema Binary => new() { Type = JsonSchemaType.String, Format = "binary" };

    static OpenApiMediaType Form(Dictionary<string, IOpenApiSchema> parts) =>
        new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Required = new HashSet<string> { "file" }, Properties = parts } };

    static OpenApiParameter Header(string name, string description) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
