using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Reports;
using Muster.Server.Auth;

namespace Muster.Server.Api;

/// <summary><c>GET /v1/contacts/{id}/history</c>.</summary>
static class HistoryApi
{
    public static void MapHistory(this RouteGroupBuilder group) =>
        group.MapGet("/{id}/history", PageAsync).Refuses(404).WithSummary("Which import, row and file, or call of the API, set which field; newest first.");

    static async Task<Results<Ok<Page<HistoryResource>>, Refusal>> PageAsync(
        string id, Caller caller, ContactHistory history, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        var before = paging.Cursor is null ? long.MaxValue : paging.CursorNumber();
        if (!Ids.TryNumber(id, out var contactId) || await history.PageAsync(caller.Account.Id, contactId, before, paging.Limit, cancellationToken) is not var (writes, more))
            return Refusal.NotFound("contact");
        return TypedResults.Ok(new Page<HistoryResource>([.. writes.Select(Resource)], more ? writes[^1].Rev.ToString(CultureInfo.InvariantCulture) : null));
    }

    static HistoryResource Resource(WriteHistory w)
    {
        var byApi = w.Import.Kind == ImportKind.Api;
        var source = w.Import.Source;
        return new(
            w.Rev, w.At, Wire.Word(w.Import.Kind), byApi ? null : w.Import.Id, Wire.Word(w.Action),
            byApi ? null : new(source.FileName, source.Sha256, w.RowNumber, w.Line, w.ByteOffset, w.ByteLength),
            [.. w.Fields.Select(f => new FieldHistoryResource(f.Field, f.Before, f.After))]);
    }
}
