using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Muster.Cli.Output;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources;

namespace Muster.Cli;

/// <summary>The embedded store of a data folder. Engine records become wire records as the server's API makes them.</summary>
sealed class LocalMuster : IMuster
{
    const string Route = "cli";
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    readonly DataFolder folder;
    readonly Account account;
    readonly ServerSettings server;

    LocalMuster(DataFolder folder, Account account, ServerSettings server)
    {
        this.folder = folder;
        this.account = account;
        this.server = server;
    }

    /// <summary>Opens the folder and the account; makes the account when it is missing, and the folder, too, if told to.</summary>
    public static async Task<IMuster> OpenAsync(Target target, bool makesFolder, CancellationToken cancellationToken)
    {
        var settings = SettingOptions.Load(target);
        if (!makesFolder)
            DataFolder.RefuseEmpty(settings.Muster);
        var opened = DataFolder.Open(settings.Muster);
        try
        {
            var accounts = opened.Stores.Accounts;
            var named = await accounts.FindAsync(target.Account, cancellationToken) ?? await accounts.EnsureAsync(target.Account, sid: null, region: null, match: null, cancellationToken);
            return new LocalMuster(opened, named, settings.Server);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    public Task<ImportResource> AcceptAsync(
        Stream content, string fileName, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken) =>
        AcceptAsync(content, fileName, Wire.Options(options), idempotencyKey, parent: null, cancellationToken);

    public async Task<ImportResource> RetryAsync(Guid id, Stream content, string fileName, CancellationToken cancellationToken)
    {
        var parent = await FindAsync(id, cancellationToken);
        return ImportRetry.Refuse(parent) is { } refused
            ? throw new MusterApiException(Refusal.Of(409, "wrong_status", refused).Problem)
            : await AcceptAsync(content, fileName, new ImportOptions(), idempotencyKey: null, parent, cancellationToken);
    }

    async Task<ImportResource> AcceptAsync(
        Stream content, string fileName, ImportOptions options, string? idempotencyKey, Import? parent, CancellationToken cancellationToken)
    {
        var source = await SpoolAsync(content, cancellationToken);
        return Told(await folder.Intake.AcceptAsync(new(account, source, "file", fileName, options, idempotencyKey, Route) { Parent = parent }, cancellationToken));
    }

    public async Task<ImportResource> AcceptUrlAsync(string url, ImportOptionsResource options, string? idempotencyKey, CancellationToken cancellationToken) =>
        Told(await folder.Intake.AcceptRemoteAsync(new(account, [url], Wire.Options(options), idempotencyKey, Route), cancellationToken));

    static ImportResource Told(IntakeResult result) => result switch
    {
        IntakeResult.Accepted accepted => Resource(accepted.Import),
        IntakeResult.Replayed replayed => Resource(replayed.Import),
        IntakeResult.KeyConflict => throw new UsageException("--idempotency-key came before with another file or other options. Use a new key for a new import."),
        IntakeResult.Refused refused => throw new MusterApiException(Refusal.OfIntake(refused.Code, refused.Detail, refused.Option).Problem),
        _ => throw new InvalidOperationException($"No answer is known for {result.GetType().Name}."),
    };

    async Task<SpooledSource> SpoolAsync(Stream content, CancellationToken cancellationToken) => await folder.Spool.ReceiveAsync(content, cancellationToken) switch
    {
        SpoolResult.Spooled spooled => spooled.Source,
        SpoolResult.TooLarge tooLarge => throw new MusterApiException(Refusal.TooLarge(tooLarge.BytesMax).Problem),
        _ => throw new MusterApiException(Refusal.DiskFull().Problem),
    };

    public async Task<PreviewResource> PreviewAsync(Stream content, string fileName, ImportOptionsResource options, int rows, CancellationToken cancellationToken)
    {
        var source = await SpoolAsync(content, cancellationToken);
        try
        {
            return await folder.Previewer.PreviewAsync(account, source, Wire.Options(options), rows, cancellationToken) switch
            {
                PreviewResult.Shown { Preview: var preview } => PreviewWire.Of(preview, fileName, source.Bytes, source.Sha256),
                PreviewResult.Refused { Why: var why } => throw new MusterApiException(Refusal.Of(400, why.Code, why.Detail, why.Option).Problem),
                _ => throw new InvalidOperationException("A preview has two results."),
            };
        }
        finally
        {
            folder.Spool.Delete(source.Name);
        }
    }

    public async Task<ImportResource> FollowAsync(Guid id, bool work, Action<ImportResource> moved, CancellationToken cancellationToken)
    {
        using var stopWorker = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        WorkerLock? worker = null;
        var running = Task.CompletedTask;
        try
        {
            while (true)
            {
                // Asked again and again: when the process that holds it dies, this one goes on with the import.
                if (work && worker is null && (worker = WorkerLock.TryTake(folder.Settings)) is not null)
                    running = folder.RunImportsAsync(new StderrLog(LogLevel.Warning), stopWorker.Token);
                var change = folder.Signals.ChangeOf(id);
                var import = await GetAsync(id, cancellationToken);
                moved(import);
                if (import.IsAtRest())
                {
                    if (worker is not null)
                        await UntilEarlierOnesRestAsync(import.Id, running, cancellationToken);
                    return import;
                }
                if (!work && IsNobodyWorking())
                    return await GetAsync(id, cancellationToken);
                await LookAgainAsync(change, running, cancellationToken);
            }
        }
        finally
        {
            await stopWorker.CancelAsync();
            await running;
            worker?.Dispose();
        }
    }

    /// <summary>Whether no process runs the folder's imports. Whoever would asks again until the lock is free, so that this look takes it from nobody.</summary>
    bool IsNobodyWorking()
    {
        using var free = WorkerLock.TryTake(folder.Settings);
        return free is not null;
    }

    /// <summary>Imports that a crash cut off, or that were only queued, are run by whoever next works on the folder: this process.</summary>
    async Task UntilEarlierOnesRestAsync(Guid own, Task running, CancellationToken cancellationToken)
    {
        foreach (var any in await folder.Stores.Accounts.AccountsAsync(cancellationToken))
        {
            var page = await folder.Stores.Imports.ListAsync(any.Id, cursor: null, limit: 100, cancellationToken);
            foreach (var earlier in page.Items.Where(i => i.Status is ImportStatus.Queued or ImportStatus.Running && i.Id.CompareTo(own) < 0))
            {
                await Console.Error.WriteLineAsync($"muster: finishing the earlier import {earlier.Id}, which had not come to its end");
                while (await folder.Stores.Imports.GetAsync(any.Id, earlier.Id, cancellationToken) is { Status: ImportStatus.Queued or ImportStatus.Running })
                    await LookAgainAsync(folder.Signals.ChangeOf(earlier.Id), running, cancellationToken);
            }
        }
    }

    static async Task LookAgainAsync(Task change, Task running, CancellationToken cancellationToken)
    {
        if (running.IsFaulted)
            await running;
        await Task.WhenAny(change, Task.Delay(LookEvery, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    public async Task<ImportResource> GetAsync(Guid id, CancellationToken cancellationToken) =>
        Wire.Import(await FindAsync(id, cancellationToken), TimeProvider.System, await folder.Stores.Imports.RetriesAsync(account.Id, [id], cancellationToken));

    public async Task<Client.Page<ImportResource>> ImportsAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        try
        {
            var page = await folder.Stores.Imports.ListAsync(account.Id, cursor, limit, cancellationToken);
            return new([.. page.Items.Select(Resource)], page.NextCursor);
        }
        catch (ArgumentException)
        {
            throw new UsageException("--cursor is not the next_cursor of an earlier page.");
        }
    }

    public async Task<ImportResource> MoveAsync(Guid id, ImportMove move, CancellationToken cancellationToken) =>
        await new ImportMoves(folder.Stores.Imports, folder.Signals).MoveAsync(account.Id, id, move, cancellationToken) switch
        {
            MoveResult.Moved moved => Resource(moved.Import),
            MoveResult.WrongStatus wrong => throw new MusterApiException(Refusal.Of(409, "wrong_status", wrong.Detail).Problem),
            _ => throw new MusterApiException(Refusal.NotFound("import").Problem),
        };

    public async Task<ImportResource> ReverseAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken) =>
        await ReverseAsync(id, redo, new(force, allowResubscribe), preview: false, cancellationToken) is ReversalResult.Accepted accepted
            ? Resource(accepted.Import) : throw new InvalidOperationException("What was asked for was not accepted, and not refused.");

    public async Task<ReversalPreviewResource> PreviewReversalAsync(Guid id, bool redo, bool force, bool allowResubscribe, CancellationToken cancellationToken) =>
        await ReverseAsync(id, redo, new(force, allowResubscribe), preview: true, cancellationToken) is ReversalResult.Previewed previewed
            ? Wire.Preview(previewed.Preview) : throw new InvalidOperationException("A preview has one answer.");

    async Task<ReversalResult> ReverseAsync(Guid id, bool redo, ReversalChoices choices, bool preview, CancellationToken cancellationToken)
    {
        var reversal = new ImportReversal(folder.Settings, folder.Stores.Imports, folder.Stores.Contacts, folder.Signals, TimeProvider.System);
        var result = redo
            ? await reversal.RedoAsync(account.Id, id, choices, preview, cancellationToken)
            : await reversal.UndoAsync(account.Id, id, choices, preview, cancellationToken);
        return result is ReversalResult.Accepted or ReversalResult.Previewed ? result : throw new MusterApiException(ReversalsApi.RefusalOf(result).Problem);
    }

    public async Task<ImportResource> ApplyAsync(Guid planId, bool replan, CancellationToken cancellationToken)
    {
        var plans = new PlanApplication(folder.Settings, folder.Spool, folder.Stores.Imports, folder.Stores.Contacts, folder.Signals, TimeProvider.System);
        var result = await plans.ApplyAsync(account.Id, planId, replan, cancellationToken);
        return result is ApplyResult.Accepted accepted ? Resource(accepted.Import) : throw new MusterApiException(ReversalsApi.RefusalOf(result).Problem);
    }

    public async IAsyncEnumerable<ChangeResource> ChangesAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var import = await FindAsync(id, cancellationToken);
        var changes = new ImportChanges(folder.Settings, folder.Spool, folder.Stores.Imports, folder.Stores.Contacts);
        if (await changes.RefuseAsync(import, cancellationToken) is not ErrorCode.None and var refused)
            throw new MusterApiException(Refusal.Of(410, refused).Problem);
        await foreach (var change in changes.ReadAsync(import, fromBatch: -1, fromRow: 0, cancellationToken))
            yield return Wire.Change(change);
    }

    public async Task RejectsAsync(Guid id, bool safe, Stream destination, CancellationToken cancellationToken)
    {
        var import = await FindReportedAsync(id, cancellationToken);
        if (safe && folder.Spool.Exists(import.Source.Spool))
        {
            // As for exports: the server writes to a response, whose body here is the file.
            var context = new DefaultHttpContext { Response = { Body = destination } };
            await SafeRecords.WriteAsync(context.Response, new(folder.Settings, folder.Spool, folder.Stores.Imports), import, Outcome.Rejected, "rejects", cancellationToken);
            await context.Response.CompleteAsync();
        }
        else if (await folder.Reports.WriteRejectsAsync(import, destination, cancellationToken) == RejectsResult.Expired)
        {
            throw new MusterApiException(Refusal.Of(410, ErrorCode.SourceExpired).Problem);
        }
    }

    public Task<IReadOnlyList<SuppressionResource>> SuppressionsAsync(string? kind, CancellationToken cancellationToken) => AllPages.ReadAsync(
        async (cursor, limit, stop) =>
        {
            var page = await folder.Stores.Contacts.Suppressions.ListAsync(account.Id, kind, cursor, limit, stop);
            return new Client.Page<SuppressionResource>([.. page.Items.Select(Wire.Suppression)], page.NextCursor);
        },
        cancellationToken);

    public async Task<SuppressionsAdded> SuppressAsync(IReadOnlyList<SuppressionInput> suppressions, CancellationToken cancellationToken)
    {
        List<Suppression> read = [.. suppressions.Select((input, i) => SuppressionsApi.Of(input, account, TimeProvider.System, $"Item {i + 1}"))];
        var added = await folder.Stores.Contacts.Suppressions.AddAsync(account.Id, read, cancellationToken);
        return new(added, read.Count - added);
    }

    public async Task LiftSuppressionAsync(string id, CancellationToken cancellationToken)
    {
        if (!await SuppressionsApi.LiftAsync(id, account, folder.Stores.Contacts.Suppressions, cancellationToken))
            throw new MusterApiException(Refusal.NotFound("suppression").Problem);
    }

    public Task<string?> RegionAsync(CancellationToken cancellationToken) => Task.FromResult(account.Region);

    public async IAsyncEnumerable<ErrorResource> ErrorsAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var error in folder.Reports.ErrorsAsync(await FindReportedAsync(id, cancellationToken), from: null, cancellationToken))
            yield return Wire.Error(error);
    }

    public async Task<IReadOnlyList<ListResource>> ListsAsync(CancellationToken cancellationToken) =>
        [.. (await folder.Stores.Contacts.ListsAsync(account.Id, cancellationToken)).Select(Wire.List)];

    public async Task<IReadOnlyList<ProfileResource>> ProfilesAsync(CancellationToken cancellationToken) =>
        [.. (await folder.Stores.Profiles.ProfilesAsync(account.Id, cancellationToken)).Select(ProfileSaving.Resource)];

    public async Task<ProfileResource> ProfileAsync(int id, int? version, CancellationToken cancellationToken) =>
        await folder.Stores.Profiles.GetAsync(account.Id, id, version, cancellationToken) is { } profile
            ? ProfileSaving.Resource(profile) : throw new MusterApiException(ProfileSaving.NotFound.Problem);

    public async Task<ProfileResource> SaveProfileAsync(int? id, ProfileInput profile, CancellationToken cancellationToken)
    {
        var (saved, refusal) = id is { } known
            ? await ProfileSaving.ReplaceAsync(known, profile, account, folder.Stores.Profiles, folder.Stores.Imports, cancellationToken)
            : await ProfileSaving.CreateAsync(profile, account, folder.Stores.Profiles, folder.Stores.Imports, folder.Settings, cancellationToken);
        return saved ?? throw new MusterApiException(refusal!.Problem); // one of the two is there
    }

    public async Task DeleteProfileAsync(int id, CancellationToken cancellationToken)
    {
        if (!await folder.Stores.Profiles.DeleteAsync(account.Id, id, cancellationToken))
            throw new MusterApiException(ProfileSaving.NotFound.Problem);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public async Task ExportAsync(string format, bool safe, Stream destination, CancellationToken cancellationToken)
    {
        // The server's export writes to a response; here its body is the file.
        var context = new DefaultHttpContext { Response = { Body = destination } };
        var caller = new Caller(account, new ApiKey("", account.Id, KeyScope.Read, account.CreatedAt, null, null));
        await ContactExport.WriteAsync(
            context, caller, folder.Stores.Contacts, format, safe ? "true" : "false", new ContactFilterQuery(), cancellationToken);
        await context.Response.CompleteAsync();
    }

    public async Task<IReadOnlyList<AccountResource>> AccountsAsync(CancellationToken cancellationToken) =>
        [.. (await folder.Stores.Accounts.AccountsAsync(cancellationToken)).Select(a => Wire.Account(a, folder.Settings, server, usage: null))];

    public async Task<AccountResource> LimitAccountAsync(AccountLimitRequest request, CancellationToken cancellationToken)
    {
        var changed = await folder.Stores.Accounts.ChangeSettingsAsync(account.Id, request.Apply, cancellationToken) ?? account;
        return Wire.Account(changed, folder.Settings, server, await folder.Stores.Accounts.UsageAsync(account.Id, cancellationToken));
    }

    public IWebhooks Webhooks => new LocalWebhooks(folder.Stores.Notifications, folder.Settings, folder.Signals, account.Id);

    public async Task<NewKeyResource> CreateKeyAsync(KeyRequest request, CancellationToken cancellationToken)
    {
        KeyKind? match = Wire.TryWord<KeyKind>(request.Match, out var kind) ? kind : null;
        if (request.Sid is not null || request.Region is not null || match is not null)
        {
            try
            {
                await folder.Stores.Accounts.EnsureAsync(account.Name, request.Sid, request.Region, match, cancellationToken);
            }
            catch (ArgumentException e) when (e.ParamName == "sid")
            {
                throw new UsageException($"--sid '{request.Sid}' belongs to another account. Choose another, or name that account.");
            }
        }
        _ = Wire.TryWord<KeyScope>(request.Scope, out var scope); // the command line takes no other words
        var minted = KeyMint.Create(account.Id, scope, TimeProvider.System);
        await folder.Stores.Accounts.AddKeyAsync(minted.Key, minted.SecretSha256, cancellationToken);
        return new(minted.Key.Id, request.Scope, minted.Secret, minted.Token, minted.Key.CreatedAt);
    }

    public async Task<IReadOnlyList<KeyResource>> KeysAsync(CancellationToken cancellationToken) =>
        [.. (await folder.Stores.Accounts.KeysAsync(account.Id, cancellationToken)).Select(Wire.Key)];

    public async Task RevokeKeyAsync(string id, CancellationToken cancellationToken)
    {
        if (!await folder.Stores.Accounts.RevokeKeyAsync(account.Id, id, cancellationToken))
            throw new MusterApiException(Refusal.NotFound("key").Problem);
    }

    async Task<Import> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await folder.Stores.Imports.GetAsync(account.Id, id, cancellationToken) is { Kind: not ImportKind.Api } import
            ? import : throw new MusterApiException(Refusal.NotFound("import").Problem);

    /// <summary>An import whose rows can still be told.</summary>
    async Task<Import> FindReportedAsync(Guid id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { LedgerExpiredAt: null } import ? import : throw new MusterApiException(Refusal.Of(410, ErrorCode.LedgerExpired).Problem);

    static ImportResource Resource(Import import) => Wire.Import(import, TimeProvider.System);
}
