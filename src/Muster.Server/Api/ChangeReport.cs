using System.ComponentModel;
using System.Globalization;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Reports;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/imports/{id}/changes</c>: a page as JSON, or every change as a stream of NDJSON or CSV.</summary>
static class ChangeReport
{
    static readonly string[] Columns = ["row_number", "contact_id", "outcome", "action", "field", "before", "after"];

    public static async Task WriteAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportChanges changes, string? cursor, string? limit, [Description(QueryValues.SafeIs)] string? safe, CancellationToken cancellationToken)
    {
        var media = ReportMedia.Preferred(context.Request);
        var paging = Paging.Of(cursor, limit);
        var position = Position(paging);
        var neutralise = QueryValues.Boolean("safe", safe);
        if (await ImportsApi.FindAsync(imports, caller, id, cancellationToken) is not { } import)
            await ImportsApi.NotFound.ExecuteAsync(context);
        else if (media is null)
            await ReportMedia.NotAcceptable.ExecuteAsync(context);
        else if (await changes.RefuseAsync(import, cancellationToken) is not ErrorCode.None and var refused)
            await Refusal.Of(410, refused).ExecuteAsync(context);
        else if (media == ReportMedia.Json)
            await TypedResults.Ok(await PageAsync(changes, import, position, paging.Limit, cancellationToken)).ExecuteAsync(context);
        else if (media == ReportMedia.NdJson)
            await ReportMedia.NdJsonAsync(context.Response, $"{import.Id}-changes", changes.ReadAsync(import, -1, 0, cancellationToken), Wire.Change, MusterJson.Wire.ChangeResource, cancellationToken);
        else
            await ReportMedia.CsvAsync(context.Response, $"{import.Id}-changes", Columns, changes.ReadAsync(import, -1, 0, cancellationToken), Cells, neutralise, cancellationToken);
    }

    /// <summary>Where a page begins: the batch and row of the change before it, and how many of that row's changes have been told.</summary>
    readonly record struct Place(int Batch, long Row, int Told)
    {
        public static Place Start { get; } = new(-1, 0, 0);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Batch}-{Row}-{Told}");
    }

    static async Task<Client.Page<ChangeResource>> PageAsync(ImportChanges changes, Import import, Place from, int limit, CancellationToken cancellationToken)
    {
        var items = new List<ChangeResource>();
        var last = from;
        var skip = from.Told;
        await foreach (var change in changes.ReadAsync(import, from.Batch, from.Row, cancellationToken))
        {
            if (change.RowNumber == from.Row && skip-- > 0)
                continue;
            if (items.Count == limit)
                return new(items, last.ToString());
            last = new(change.Batch, change.RowNumber, change.RowNumber == last.Row ? last.Told + 1 : 1);
            items.Add(Wire.Change(change));
        }
        return new(items, null);
    }

    static Place Position(Paging paging)
    {
        if (paging.Cursor is not { } cursor)
            return Place.Start;
        var parts = cursor.Split('-');
        return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var row) && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var told)
            ? new(batch, row, told) : throw Paging.BadCursor();
    }

    static string?[] Cells(RowChange change) =>
    [
        change.RowNumber.ToString(CultureInfo.InvariantCulture), change.ContactId?.ToString(CultureInfo.InvariantCulture),
        Wire.Word(change.Outcome), Wire.Word(change.Action), change.Field, change.Before, change.After,
    ];
}
