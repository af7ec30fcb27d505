using System.Text.Json;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Server.Facades.Exotel;

/// <summary><c>/contacts/csv-upload</c> and <c>/csv-status</c>: a CSV file into a list, and how far it is.</summary>
static class CsvUploads
{
    /// <summary>E1: into the list of that name, made when there is none.</summary>
    public static Task CreateAsync(HttpContext context, ExotelCaller caller, CsvIntake intake, CancellationToken cancellationToken) =>
        TakeAsync(context, caller, intake, list: null, cancellationToken);

    /// <summary>E3: into a list that is there.</summary>
    public static async Task AddAsync(string listSid, HttpContext context, ExotelCaller caller, CsvIntake intake, IContactStore contacts, CancellationToken cancellationToken) =>
        await TakeAsync(context, caller, intake, await ExotelLists.FindAsync(contacts, caller, listSid, cancellationToken), cancellationToken);

    static async Task TakeAsync(HttpContext context, ExotelCaller caller, CsvIntake intake, ContactList? list, CancellationToken cancellationToken)
    {
        var (upload, into) = await intake.TakeAsync(context.Request, caller, list, cancellationToken);
        await Envelope.SingleAsync(context, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("list");
            caller.Wire.List(json, into, fresh: true);
            json.WritePropertyName("summary");
            Summary(json, caller, upload, caller.Wire.SidOf(into), fresh: true);
            json.WriteEndObject();
        });
    }

    /// <summary>E2.</summary>
    public static async Task StatusAsync(string uploadId, HttpContext context, ExotelCaller caller, IImportStore imports, CancellationToken cancellationToken)
    {
        if (!HexId.TryParse(uploadId, out var id) || await imports.GetAsync(caller.Account.Id, id, cancellationToken) is not { Kind: ImportKind.Import, Options.ListIds: [var list, ..] } upload)
            throw Reading.NotFound("upload");
        await Envelope.SingleAsync(context, json => Summary(json, caller, upload, caller.Wire.ListSid(list), fresh: false));
    }

    /// <summary>E4: the names of a list's columns. The vendor's shape is not known; this one is ours.</summary>
    public static async Task HeadersAsync(string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await ExotelLists.FindAsync(contacts, caller, listSid, cancellationToken);
        await Envelope.SingleAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("list_sid", caller.Wire.SidOf(list));
            json.WriteString("type", list.Kind);
            json.WriteStartArray("headers");
            json.WriteStringValue(CsvIntake.NumberColumn);
            foreach (var name in list.Kind == ListKinds.Dynamic ? list.Variables : CsvIntake.Optional.Keys)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Capital <c>Stats</c>, all null, in the answer to an upload; small <c>stats</c>, counting, in csv-status. <c>accountSid</c> in both.</summary>
    static void Summary(Utf8JsonWriter json, ExotelCaller caller, Import upload, string listSid, bool fresh)
    {
        var id = HexId.Of(upload.Id);
        json.WriteStartObject();
        json.WriteString("upload_id", id);
        json.WriteString("list_sid", listSid);
        json.WriteString("url", $"/v2/accounts/{caller.Account.Sid}/csv-status/{id}");
        json.WriteString("accountSid", caller.Account.Sid);
        json.WriteString("date_created", ExotelWire.Time(upload.CreatedAt, fresh));
        json.WriteString("date_updated", ExotelWire.Time(upload.FinishedAt ?? upload.StartedAt ?? upload.CreatedAt, fresh));
        json.WriteString("status", fresh ? "in-progress" : StatusOf(upload));
        json.WriteStartObject(fresh ? "Stats" : "stats");
        var counts = upload.Counts;
        Stat(json, "duplicate", fresh ? null : counts.Duplicate);
        Stat(json, "total", fresh ? null : counts.Read);
        Stat(json, "success", fresh ? null : counts.Accepted);
        Stat(json, "failed", fresh ? null : Failed(counts));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void Stat(Utf8JsonWriter json, string name, long? count)
    {
        json.WritePropertyName(name);
        if (count is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }

    /// <summary>Every status of the engine on this wire, which has three; an upload of which no row could enter has failed.</summary>
    internal static string StatusOf(Import upload) => upload.Status switch
    {
        ImportStatus.Completed or ImportStatus.Undone => Failed(upload.Counts) > 0 && Failed(upload.Counts) == upload.Counts.Read ? "failed" : "completed",
        ImportStatus.Failed or ImportStatus.Canceled => "failed",
        ImportStatus.Queued or ImportStatus.Running or ImportStatus.Paused or ImportStatus.Held or ImportStatus.Planned => "in-progress",
        _ => throw new InvalidOperationException($"Exotel has no word for {upload.Status}."),
    };

    internal static long Failed(ImportCounts counts) => counts.Rejected + counts.Suppressed + counts.Skipped;
}
