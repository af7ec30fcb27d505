using System.Text.Json;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Cellcast;

/// <summary><c>/api/v1/contact/bulk</c> and <c>/single</c>: contacts as JSON, answered when they are in.</summary>
static class ContactsV1
{
    const string AllGood = "all data success to process";
    const string SomeBad = "The data was successfully processed, but there was some data that was not processed because it was invalid";
    const string NoneGood = "fail process data";
    const string Empty = "phone_number empty";

    public static async Task BulkAsync(HttpContext context, CellcastCaller caller, AwaitedImport awaited, ServerSettings server, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using var document = JsonBody.TryParse(body);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("contacts", out var contacts)
            || contacts.ValueKind != JsonValueKind.Array || contacts.GetArrayLength() == 0)
            await FailAsync(context, ["contacts empty"]);
        else if (contacts.GetArrayLength() > server.CellcastContactsMax)
            await FailAsync(context, ["contacts too many"]);
        else
            await ImportAsync(context, caller, awaited, server, body, root, contacts.GetArrayLength(), cancellationToken);
    }

    /// <summary>One contact, flat, with its tags and lists beside its fields. The vendor's answer is not published; ours is that of a bulk call with one contact.</summary>
    public static async Task SingleAsync(HttpContext context, CellcastCaller caller, AwaitedImport awaited, ServerSettings server, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using var document = JsonBody.TryParse(body);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.EnumerateObject().Any())
            await FailAsync(context, ["contacts empty"]);
        else
            await ImportAsync(context, caller, awaited, server, body, root, 1, cancellationToken);
    }

    static async Task ImportAsync(
        HttpContext context, CellcastCaller caller, AwaitedImport awaited, ServerSettings server, byte[] body, JsonElement root, int count, CancellationToken cancellationToken)
    {
        var options = new ImportOptions
        {
            Lists = CellcastWire.Names(root, "list"), Tags = CellcastWire.Names(root, "tags"), Match = "phone", Region = server.CellcastRegion,
            OnInvalidValue = "drop_value", OnDuplicateRow = "last", UnknownColumns = "create_field", Nested = "text", Hold = HoldRules.Off,
        };
        var result = await awaited.RunAsync(
            new(caller.Account, body, options, ColumnsOf, context.Request.Path.Value ?? "", TimeSpan.FromSeconds(server.FacadeWaitSeconds)), cancellationToken);
        switch (result)
        {
            case AwaitedResult.Unfinished:
                context.Response.Headers.RetryAfter = "5";
                await CellcastFacade.FailAsync(context, 503, "The contacts are still being processed. Send the same request again for the answer.");
                break;
            case AwaitedResult.Refused { Code: ErrorCode.NoRows or ErrorCode.InvalidJson }:
                await FailAsync(context, [.. Enumerable.Range(0, count).Select(i => ErrorOf(i, Empty))]);
                break;
            case AwaitedResult.Refused refused:
                await FailAsync(context, [refused.Detail]);
                break;
            case AwaitedResult.Ended ended:
                var errors = Enumerable.Range(0, count).Select(i => (Index: i, Fault: FaultOf(ended.Rows.GetValueOrDefault(i + 1)))).Where(e => e.Fault is not null)
                    .Select(e => ErrorOf(e.Index, e.Fault!)).ToList(); // asked just before
                await AnswerAsync(context, count - errors.Count, errors);
                break;
        }
    }

    /// <summary>In a single call, tags and lists stand among the fields.</summary>
    static ColumnMap ColumnsOf(IReadOnlyList<string> columns) => new([.. columns.Select((name, i) => name is "tags" or "list"
        ? new MappedColumn(i, name, FieldTarget.Ignored, 1, "Names of tags or lists.")
        : new MappedColumn(i, name, CellcastWire.TargetOf(name), 1, "A member of Cellcast's contact."))]);

    /// <summary>Why a contact did not go in: one reason each. Repeats and contacts that are there are no faults.</summary>
    static string? FaultOf(RowEntry? row) => FaultOf(row?.Outcome ?? Outcome.Rejected, row?.Codes.FirstOrDefault() ?? ErrorCode.None);

    internal static string? FaultOf(Outcome outcome, ErrorCode code) => outcome switch
    {
        Outcome.Created or Outcome.Updated or Outcome.Unchanged or Outcome.Duplicate => null,
        Outcome.Suppressed => "phone_number is suppressed",
        _ => code switch
        {
            ErrorCode.None or ErrorCode.MissingMatchKey or ErrorCode.InvalidJson => Empty,
            >= ErrorCode.InvalidPhone and <= ErrorCode.PhoneDamagedBySpreadsheet => "phone_number is not valid",
            _ => code.Message(),
        },
    };

    static string ErrorOf(int index, string fault) => $"contact[{index}] error : {fault}";

    static Task AnswerAsync(HttpContext context, int good, List<string> errors) => good == 0 ? FailAsync(context, errors) : CellcastWire.WriteAsync(context, 200, json =>
    {
        json.WriteString("message", errors.Count == 0 ? "success" : "partial_success");
        json.WriteStartObject("data");
        json.WriteString("message", errors.Count == 0 ? AllGood : SomeBad);
        json.WriteNumber("success_data", good);
        json.WriteNumber("failed_data", errors.Count);
        Errors(json, errors);
        json.WriteEndObject();
    });

    /// <summary>None is in. No counts here, as the vendor's own answer has none.</summary>
    static Task FailAsync(HttpContext context, IReadOnlyList<string> errors) => CellcastWire.WriteAsync(context, 400, json =>
    {
        json.WriteString("message", "fail");
        json.WriteStartObject("data");
        json.WriteString("message", NoneGood);
        Errors(json, errors);
        json.WriteEndObject();
    });

    static void Errors(Utf8JsonWriter json, IReadOnlyList<string> errors)
    {
        json.WriteStartArray("errors");
        foreach (var error in errors)
            json.WriteStringValue(error);
        json.WriteEndArray();
    }
}
