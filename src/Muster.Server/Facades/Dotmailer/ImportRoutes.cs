using System.Globalization;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Imports: of a file or a collection, into the account or address books; their status, report and faults.</summary>
static class ImportRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        foreach (var path in (string[])["/contacts/import", "/address-books/{book}/contacts/import"])
        {
            MapImport(group, path, FileAsync);
            MapImport(group, path + "/with-merge-option/{option}", FileAsync);
        }
        MapImport(group, "/contacts/import-collection", CollectionAsync);
        group.MapGet("/contacts/import/{import}", StatusAsync);
        group.MapGet("/contacts/imports/{import}", StatusAsync); // as some clients misspell it
        group.MapGet("/contacts/import/{import}/report", ReportAsync);
        group.MapGet("/contacts/import/{import}/report-faults", FaultsAsync);
    }

    static void MapImport(RouteGroupBuilder group, string path, Delegate handler) => group.MapPost(path, handler).RequireScope(KeyScope.Write)
        .Add(endpoint => endpoint.Metadata.Add(new FileLimit(endpoint.ApplicationServices.GetRequiredService<ServerSettings>())));

    static async Task<IResult> FileAsync(
        HttpContext context, Caller caller, ImportStart start, FileReception reception, UploadGate uploads, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (caller.Account.Settings.ImportsOff)
            return NotAvailable();
        var lists = await AddressBooks.WritableAsync(contacts, caller.Account, context.GetRouteValue("book") is string book ? [book] : [], cancellationToken);
        var merge = MergeOption.Parse(context.GetRouteValue("option") as string);
        using var place = uploads.Enter(caller.Account);
        var file = await reception.ReceiveAsync(context.Request, cancellationToken);
        return await start.RunAsync(caller.Account, file.Spooled, "file", file.FileName, lists, merge);
    }

    static async Task<IResult> CollectionAsync(
        HttpContext context, Caller caller, ImportStart start, Spool spool, UploadGate uploads, ServerSettings server, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (caller.Account.Settings.ImportsOff)
            return NotAvailable();
        await using var body = RequestReading.JsonOf(context.Request);
        using var place = uploads.Enter(caller.Account);
        var head = await new ContactCollection(spool, server.DotmailerFileBytesMax).ReceiveAsync(body, cancellationToken);
        try
        {
            var ids = head.AddressBookIds.Select(id => id.ToString(CultureInfo.InvariantCulture));
            var lists = await AddressBooks.WritableAsync(contacts, caller.Account, [.. ids], cancellationToken);
            return await start.RunAsync(caller.Account, head.Spooled, "contacts", null, lists, MergeOption.Parse(head.MergeOption));
        }
        catch (RefusedException)
        {
            spool.Delete(head.Spooled.Name);
            throw;
        }
    }

    static async Task<IResult> StatusAsync(string import, Caller caller, IImportStore imports, ImportFindings findings, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(import, out var id))
            throw VendorError.ImportNotFound();
        var word = await FindAsync(imports, caller, id, cancellationToken) is { } found
            ? ImportStatusWord.Of(found, await findings.QuotaPassedAsync(found, cancellationToken))
            : caller.Account.Settings.ImportsOff ? ImportStatusWord.NotAvailableInThisVersion : ImportStatusWord.Unknown;
        return Answer.Ok(new ApiContactImport(id, word), VendorJson.Wire.ApiContactImport);
    }

    static async Task<IResult> ReportAsync(string import, Caller caller, IImportStore imports, ImportFindings findings, ServerSettings server, CancellationToken cancellationToken)
    {
        var finished = await ReportedAsync(imports, caller, import, cancellationToken);
        return Answer.Ok(await findings.ReportAsync(finished, server.DotmailerReportFields == 15, cancellationToken), VendorJson.Wire.ApiContactImportReport);
    }

    static async Task FaultsAsync(string import, HttpContext context, Caller caller, IImportStore imports, SourceRecords records, ContactStanding standing, CancellationToken cancellationToken) =>
        await FaultsFile.WriteAsync(context.Response, await ReportedAsync(imports, caller, import, cancellationToken), records, standing, cancellationToken);

    /// <summary>The caller's import, once it has a report and as long as that is kept. An import without faults has one for ever: its counts tell all of it.</summary>
    static async Task<Import> ReportedAsync(IImportStore imports, Caller caller, string text, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(text, out var id) || await FindAsync(imports, caller, id, cancellationToken) is not { } import)
            throw VendorError.ImportNotFound();
        if (import.Status is not (ImportStatus.Completed or ImportStatus.Undone))
            throw VendorError.NoReport();
        return import.LedgerExpiredAt is null || ImportFindings.IsClean(import) ? import : throw VendorError.ReportExpired();
    }

    static async Task<Import?> FindAsync(IImportStore imports, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await imports.GetAsync(caller.Account.Id, id, cancellationToken) is { Kind: not ImportKind.Api } import ? import : null;

    /// <summary>The operator has switched imports off for the account. Nothing is kept, hence the empty id.</summary>
    static IResult NotAvailable() => Answer.Of(202, new ApiContactImport(Guid.Empty, ImportStatusWord.NotAvailableInThisVersion), VendorJson.Wire.ApiContactImport);
}
