using Muster.Client;
using Muster.Jobs;

namespace Muster.Cli;

/// <summary>What the commands ask of Muster, wherever it runs: answers are the native API's wire records.</summary>
/// <remarks>A refusal is a <see cref="MusterApiException"/>, from the embedded store as from a server.</remarks>
interface IMuster : IAsyncDisposable
{
    /// <summary>When this returns, the import survives power loss; nothing has run yet, or a server runs it.</summary>
    Task<ImportResource> AcceptAsync(
        Stream content, string fileName, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Brings the corrected rejects of an import, as an import of their own with that one's options.</summary>
    Task<ImportResource> RetryAsync(Guid id, Stream content, string fileName, CancellationToken cancellationToken);

    /// <summary>What an import of the source would make of it. Nothing is kept.</summary>
    /// <param name="rows">How many of the first rows to show.</param>
    Task<PreviewResource> PreviewAsync(Stream content, string fileName, ImportOptionsResource options, int rows, CancellationToken cancellationToken);

    /// <summary>Accepts a source by its address; it is fetched when the import runs.</summary>
    Task<ImportResource> AcceptUrlAsync(string url, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Watches the import to its end, or to where it waits for a person (held, paused). Told to <paramref name="moved"/> at every move.</summary>
    /// <remarks>Where nobody runs it, and this process is not to, it is answered as it is: queued, or cut off while running.</remarks>
    /// <param name="work">Whether this process runs the import when no other process works on the data folder. A server always runs it itself.</param>
    Task<ImportResource> FollowAsync(Guid id, bool work, Action<ImportResource> moved, CancellationToken cancellationToken);

    Task<ImportResource> GetAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<Page<ImportResource>> ImportsAsync(string? cursor, int limit, CancellationToken cancellationToken);

    Task<ImportResource> MoveAsync(Guid id, ImportMove move, CancellationToken cancellationToken);

    /// <summary>Takes an import back, or (redo) its undo: answers with the undo, which waits for a worker.</summary>
    Task<ImportResource> ReverseAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken);

    /// <summary>What that would do.</summary>
    Task<ReversalPreviewResource> PreviewReversalAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken);

    /// <summary>Carries out a plan: answers with the apply, which waits for a worker.</summary>
    /// <param name="replan">Rows whose contact has moved since go in as they are decided now; otherwise they are left out.</param>
    Task<ImportResource> ApplyAsync(Guid planId, bool replan, CancellationToken cancellationToken);

    /// <summary>Field by field what the import changed, in the order of the rows.</summary>
    IAsyncEnumerable<ChangeResource> ChangesAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The source's header record and its rejected records, byte for byte.</summary>
    /// <param name="safe">As CSV for people, in which no cell runs as a formula.</param>
    Task RejectsAsync(Guid id, bool safe, Stream destination, CancellationToken cancellationToken);

    /// <param name="kind">email, phone or domain; null: all.</param>
    Task<IReadOnlyList<SuppressionResource>> SuppressionsAsync(string? kind, CancellationToken cancellationToken);

    Task<SuppressionsAdded> SuppressAsync(IReadOnlyList<SuppressionInput> suppressions, CancellationToken cancellationToken);

    /// <param name="id">kind:value, or the value alone.</param>
    Task LiftSuppressionAsync(string id, CancellationToken cancellationToken);

    /// <summary>Country of the account's phone numbers without +, or null.</summary>
    Task<string?> RegionAsync(CancellationToken cancellationToken);

    /// <summary>In the order of the rows.</summary>
    IAsyncEnumerable<ErrorResource> ErrorsAsync(Guid id, CancellationToken cancellationToken);

    Task<IReadOnlyList<ListResource>> ListsAsync(CancellationToken cancellationToken);

    /// <summary>The newest version of each.</summary>
    Task<IReadOnlyList<ProfileResource>> ProfilesAsync(CancellationToken cancellationToken);

    /// <param name="version">Null: the newest.</param>
    Task<ProfileResource> ProfileAsync(int id, int? version, CancellationToken cancellationToken);

    /// <param name="id">The profile that gets a version more; null makes one.</param>
    Task<ProfileResource> SaveProfileAsync(int? id, ProfileInput profile, CancellationToken cancellationToken);

    Task DeleteProfileAsync(int id, CancellationToken cancellationToken);

    /// <param name="format">csv or ndjson.</param>
    Task ExportAsync(string format, bool safe, Stream destination, CancellationToken cancellationToken);

    /// <summary>All accounts of the embedded store; of a server, the one that the key opens.</summary>
    Task<IReadOnlyList<AccountResource>> AccountsAsync(CancellationToken cancellationToken);

    /// <summary>Changes what the account may use. A data folder only.</summary>
    Task<AccountResource> LimitAccountAsync(AccountLimitRequest request, CancellationToken cancellationToken);

    /// <summary>Whom the account tells of its imports.</summary>
    IWebhooks Webhooks { get; }

    Task<NewKeyResource> CreateKeyAsync(KeyRequest request, CancellationToken cancellationToken);

    Task<IReadOnlyList<KeyResource>> KeysAsync(CancellationToken cancellationToken);

    Task RevokeKeyAsync(string id, CancellationToken cancellationToken);
}

/// <param name="Scope">read, write or admin.</param>
/// <param name="Sid">Account's name in vendor paths; null leaves it.</param>
/// <param name="Match">phone, email or external_id; null leaves it.</param>
sealed record KeyRequest(string Scope, string? Sid, string? Region, string? Match);
