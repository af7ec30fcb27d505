using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/uploads</c>: bytes held until an import uses them, and what an import would make of them.</summary>
static class UploadsApi
{
    const string Route = "/v1/uploads";
    const string OptionsParameter = "options";
    const string RowsParameter = "rows";
    const int RowsDefault = 10;
    const int RowsMax = 100;

    public static void MapUploads(this IEndpointRouteBuilder routes, MusterSettings settings)
    {
        var group = routes.MapGroup(Route).WithTags("uploads").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapPost("", ReceiveAsync).RequireScope(KeyScope.Write).Refuses(409, 413, 415, 429, 507).WithMetadata(new BodyLimit(settings.SourceBytesMax)).DescribesUpload()
            .WithSummary("Send a source ahead of its import, as the body or as a form with one file.");
        group.MapGet("", ListAsync).WithSummary("The account's uploads, newest first.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One upload.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove an upload; imports made from it keep their source.");
        group.MapGet("/{id}/preview", PreviewAsync).Refuses(404, 410)
            .TakesImportOptions(
                new(RowsParameter, $"How many of the first rows to show: 0 to {RowsMax}, {RowsDefault} unless said.", QueryType.Integer),
                new QueryParameter(OptionsParameter, "Import options as one JSON object, instead of one by one."))
            .WithSummary("What an import of the upload would make of it: format, columns with their fields, first rows, worst rows. Takes import options in the query; writes nothing.");
    }

    static async Task<Results<Created<UploadResource>, Refusal>> ReceiveAsync(
        HttpRequest request, Caller caller, ImportSubmission submissions, UploadGate gate, IUploadStore uploads, Spool spool, MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        using var place = gate.Enter(caller.Account);
        var submission = await submissions.ReceiveUploadAsync(request, cancellationToken);
        var spooled = submission.Spooled;
        if (spooled.Bytes == 0)
        {
            spool.Delete(spooled.Name);
            return Refusal.Of(400, ErrorCode.EmptySource);
        }
        // As stored: to the millisecond.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var upload = new Upload(
            Guid.CreateVersion7(now), caller.Account.Id, submission.FileName, spooled.Bytes, spooled.Sha256, spooled.Name, now, now.AddHours(settings.UploadHours));
        // Once the bytes lie in the spool, a caller who goes away no longer stops the upload from being noted.
        UploadRoom room;
        try
        {
            room = await uploads.AddAsync(upload, settings.UploadsHeldMax, caller.Account.Settings.Limits.With(settings).SpoolBytesMax ?? 0, CancellationToken.None);
        }
        catch (IOException e) when (e is StoreFullException or StoreBusyException)
        {
            spool.Delete(spooled.Name); // nothing was written that names it
            throw;
        }
        if (room != UploadRoom.Taken)
            spool.Delete(spooled.Name);
        if (room == UploadRoom.UploadsFull)
            return Refusal.Of(409, "uploads_full", $"The account holds {settings.UploadsHeldMax} uploads, as many as uploads_held_max allows. Delete some, or wait until they expire.");
        if (room == UploadRoom.SpoolFull)
            return Refusal.Of(507, ErrorCode.SpoolQuotaExceeded);
        return TypedResults.Created($"{Route}/{upload.Id}", Resource(upload));
    }

    static async Task<Ok<Client.Page<UploadResource>>> ListAsync(Caller caller, IUploadStore uploads, TimeProvider time, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var page = await Paging.Of(cursor, limit).OfStoreAsync((at, items) => uploads.ListAsync(caller.Account.Id, time.GetUtcNow(), at, items, cancellationToken));
        return TypedResults.Ok(new Client.Page<UploadResource>([.. page.Items.Select(Resource)], page.NextCursor));
    }

    static async Task<Results<Ok<UploadResource>, Refusal>> GetAsync(string id, Caller caller, IUploadStore uploads, TimeProvider time, CancellationToken cancellationToken) =>
        await FindAsync(uploads, caller, id, time, cancellationToken) is { } upload ? TypedResults.Ok(Resource(upload)) : NotFound;

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IUploadStore uploads, Spool spool, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var uploadId) || await uploads.DeleteAsync(caller.Account.Id, uploadId, cancellationToken) is not { } unneeded)
            return NotFound;
        foreach (var name in unneeded)
            spool.Delete(name);
        return TypedResults.NoContent();
    }

    static async Task<Results<Ok<PreviewResource>, Refusal>> PreviewAsync(
        string id, HttpRequest request, Caller caller, IUploadStore uploads, SourcePreviewer previewer, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = RowsDefault;
        if (request.Query.TryGetValue(RowsParameter, out var asked)
            && (!int.TryParse(asked.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out rows) || rows > RowsMax))
            return Refusal.BadParameter(RowsParameter, $"write a whole number from 0 to {RowsMax}.");
        var options = ImportOptionsReading.OfQuery(request.Query, OptionsParameter, RowsParameter);
        if (request.Query.TryGetValue(OptionsParameter, out var json))
        {
            if (options != new ImportOptions())
                return Refusal.Of(400, "invalid_option", "The options stand both in the query and in its parameter options. Send them in one place.", OptionsParameter);
            options = ImportOptionsReading.OfJson(System.Text.Encoding.UTF8.GetBytes(json.ToString()));
        }
        if (await FindAsync(uploads, caller, id, time, cancellationToken) is not { } upload)
            return NotFound;
        try
        {
            return await previewer.PreviewAsync(caller.Account, new(upload.Spool, upload.Bytes, upload.Sha256), options, rows, cancellationToken) switch
            {
                PreviewResult.Refused { Why: var why } => Refusal.Of(400, why.Code, why.Detail, why.Option),
                PreviewResult.Shown { Preview: var preview } => TypedResults.Ok(PreviewWire.Of(preview, upload.FileName, upload.Bytes, upload.Sha256)),
                _ => throw new InvalidOperationException("A preview has two results."),
            };
        }
        catch (SourceException e)
        {
            return Refusal.Of(410, e.Code, e.Message);
        }
    }

    /// <summary>The caller's upload of that id. An id that is none, a foreign, an unknown and an expired one are the same.</summary>
    static async Task<Upload?> FindAsync(IUploadStore uploads, Caller caller, string id, TimeProvider time, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var uploadId) ? await uploads.GetAsync(caller.Account.Id, uploadId, time.GetUtcNow(), cancellationToken) : null;

    static UploadResource Resource(Upload u) => new(u.Id, u.FileName, u.Bytes, u.Sha256, u.CreatedAt, u.ExpiresAt);

    static Refusal NotFound => Refusal.NotFound("upload");
}
