using Muster.Client;
using Muster.Jobs;

namespace Muster.Cli;

/// <summary>A server, through the typed client.</summary>
sealed class RemoteMuster(Uri server, string key) : IMuster
{
    readonly MusterClient client = new(WithSlash(server), key);

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    public Task<ImportResource> AcceptAsync(
        Stream content, string fileName, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken) =>
        client.SubmitAsync(content, fileName, options, idempotencyKey, cancellationToken);

    public Task<ImportResource> AcceptUrlAsync(string url, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken) =>
        client.SubmitUrlAsync(url, options, idempotencyKey, cancellationToken);

    public Task<ImportResource> RetryAsync(Guid id, Stream content, string fileName, CancellationToken cancellationToken) =>
        client.RetryAsync(id, content, fileName, null, null, cancellationToken);

    public async Task<PreviewResource> PreviewAsync(Stream content, string fileName, ImportOptionsResource options, int rows, CancellationToken cancellationToken)
    {
        var upload = await client.UploadAsync(content, fileName, cancellationToken);
        try
        {
            return await client.PreviewAsync(upload.Id, options, rows, cancellationToken);
        }
        finally
        {
            await client.DeleteUploadAsync(upload.Id, CancellationToken.None);
        }
    }

    public async Task<ImportResource> FollowAsync(Guid id, bool work, Action<ImportResource> moved, CancellationToken cancellationToken)
    {
        await foreach (var import in client.WatchAsync(id, cancellationToken))
        {
            moved(import);
            if (import.IsAtRest())
                return import;
        }
        return await client.GetImportAsync(id, cancellationToken);
    }

    public Task<IReadOnlyList<ProfileResource>> ProfilesAsync(CancellationToken cancellationToken) => AllPages.ReadAsync(client.ProfilesAsync, cancellationToken);

    public Task<ProfileResource> ProfileAsync(int id, int? version, CancellationToken cancellationToken) => client.ProfileAsync(id, version, cancellationToken);

    public Task<ProfileResource> SaveProfileAsync(int? id, ProfileInput profile, CancellationToken cancellationToken) =>
        id is { } known ? client.PutProfileAsync(known, profile, cancellationToken) : client.CreateProfileAsync(profile, cancellationToken);

    public Task DeleteProfileAsync(int id, CancellationToken cancellationToken) => client.DeleteProfileAsync(id, cancellationToken);

    public Task<ImportResource> GetAsync(Guid id, CancellationToken cancellationToken) => client.GetImportAsync(id, cancellationToken);

    public Task<Page<ImportResource>> ImportsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        client.ImportsAsync(cursor, limit, cancellationToken);

    public Task<ImportResource> MoveAsync(Guid id, ImportMove move, CancellationToken cancellationToken) => move switch
    {
        ImportMove.Pause => client.PauseAsync(id, cancellationToken),
        ImportMove.Resume => client.ResumeAsync(id, cancellationToken),
        ImportMove.Approve => client.ApproveAsync(id, cancellationToken),
        _ => client.CancelAsync(id, cancellationToken),
    };

    public Task<ImportResource> ReverseAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken) =>
        redo ? client.RedoAsync(id, force, cancellationToken, allowResubscribe) : client.UndoAsync(id, force, cancellationToken, allowResubscribe);

    public Task<ReversalPreviewResource> PreviewReversalAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken) =>
        redo ? client.PreviewRedoAsync(id, force, cancellationToken, allowResubscribe) : client.PreviewUndoAsync(id, force, cancellationToken, allowResubscribe);

    public Task<ImportResource> ApplyAsync(Guid planId, bool replan, CancellationToken cancellationToken) => client.ApplyAsync(planId, replan, cancellationToken);

    public IAsyncEnumerable<ChangeResource> ChangesAsync(Guid id, CancellationToken cancellationToken) => client.ChangesAsync(id, cancellationToken);

    public Task RejectsAsync(Guid id, bool safe, Stream destination, CancellationToken cancellationToken) =>
        safe ? client.DownloadSafeRejectsAsync(id, destination, cancellationToken) : client.DownloadRejectsAsync(id, destination, cancellationToken);

    public Task<IReadOnlyList<SuppressionResource>> SuppressionsAsync(string? kind, CancellationToken cancellationToken) =>
        AllPages.ReadAsync((cursor, limit, stop) => client.SuppressionsAsync(kind, cursor, limit, stop), cancellationToken);

    public Task<SuppressionsAdded> SuppressAsync(IReadOnlyList<SuppressionInput> suppressions, CancellationToken cancellationToken) => client.SuppressAsync(suppressions, cancellationToken);

    public Task LiftSuppressionAsync(string id, CancellationToken cancellationToken) => client.RemoveSuppressionAsync(id, cancellationToken);

    public async Task<string?> RegionAsync(CancellationToken cancellationToken) => (await client.AccountAsync(cancellationToken)).Region;

    public IAsyncEnumerable<ErrorResource> ErrorsAsync(Guid id, CancellationToken cancellationToken) => client.ErrorsAsync(id, cancellationToken);

    public Task<IReadOnlyList<ListResource>> ListsAsync(CancellationToken cancellationToken) => AllPages.ReadAsync(client.ListsAsync, cancellationToken);

    public Task ExportAsync(string format, bool safe, Stream destination, CancellationToken cancellationToken) =>
        client.ExportContactsAsync(new ContactQuery(), format, safe, destination, cancellationToken);

    public async Task<IReadOnlyList<AccountResource>> AccountsAsync(CancellationToken cancellationToken) =>
        [await client.AccountAsync(cancellationToken)];

    public Task<AccountResource> LimitAccountAsync(AccountLimitRequest request, CancellationToken cancellationToken) =>
        throw new UsageException("muster limits works on a data folder only: what an account may use is the operator's to say.");

    public async Task<NewKeyResource> CreateKeyAsync(KeyRequest request, CancellationToken cancellationToken)
    {
        if (request.Sid is not null)
            throw new UsageException("--sid works on a data folder only: a server does not change an account's sid.");
        if (request.Region is not null || request.Match is not null)
            await client.PatchAccountAsync(new AccountInput(request.Region, request.Match), cancellationToken);
        return await client.CreateKeyAsync(request.Scope, cancellationToken);
    }

    public Task<IReadOnlyList<KeyResource>> KeysAsync(CancellationToken cancellationToken) => AllPages.ReadAsync(client.KeysAsync, cancellationToken);

    public Task RevokeKeyAsync(string id, CancellationToken cancellationToken) => client.RevokeKeyAsync(id, cancellationToken);

    public IWebhooks Webhooks => new RemoteWebhooks(client);

    /// <summary>A server behind a path prefix keeps it: RFC 3986 §5.2.3 drops what follows the last slash.</summary>
    static Uri WithSlash(Uri server) => server.AbsolutePath.EndsWith('/') ? server : new Uri(server.GetLeftPart(UriPartial.Path) + "/");
}
