using Muster.Client;

namespace Muster.Cli.Commands;

static class ImportIds
{
    const string Newest = "last";

    /// <summary>The import that was typed: a GUID with or without dashes, or <c>last</c>.</summary>
    public static async Task<Guid> ResolveAsync(IMuster muster, string typed, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(typed, out var id))
            return id;
        if (typed != Newest)
            throw new UsageException($"ID '{typed}' is not the id of an import. List them with: muster imports");
        var page = await muster.ImportsAsync(cursor: null, limit: 1, cancellationToken);
        return page.Items is [ImportResource import, ..] ? import.Id : throw new UsageException("ID last: there is no import yet.");
    }
}
