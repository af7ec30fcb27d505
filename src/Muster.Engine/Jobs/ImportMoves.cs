using Muster.Contacts;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>What may be asked of an import on its way.</summary>
public enum ImportMove { Pause, Resume, Cancel, Approve }

/// <summary>What became of that.</summary>
public abstract record MoveResult
{
    /// <summary>It is done, now or before: asking twice is no error.</summary>
    public sealed record Moved(Import Import) : MoveResult;

    /// <summary>Its status stands against it. <paramref name="Detail"/> names those that would not.</summary>
    public sealed record WrongStatus(string Detail) : MoveResult;

    public sealed record NotFound : MoveResult;
}

/// <summary>Pauses, resumes, cancels and approves imports: a change of state in the store, which whoever runs the import sees between two batches.</summary>
public sealed class ImportMoves(IImportStore imports, ImportSignals signals)
{
    static readonly ImportStatus[] Unended = [ImportStatus.Queued, ImportStatus.Running, ImportStatus.Paused, ImportStatus.Held];

    public async Task<MoveResult> MoveAsync(int accountId, Guid importId, ImportMove move, CancellationToken cancellationToken)
    {
        var result = move switch
        {
            ImportMove.Pause => await MoveAsync(accountId, importId, [ImportStatus.Queued, ImportStatus.Running], ImportStatus.Paused, [], "paused", cancellationToken),
            ImportMove.Resume => await MoveAsync(accountId, importId, [ImportStatus.Paused], ImportStatus.Queued, [ImportStatus.Running], "resumed", cancellationToken),
            ImportMove.Cancel => await MoveAsync(accountId, importId, Unended, ImportStatus.Canceled, [], "canceled", cancellationToken),
            _ => await ApproveAsync(accountId, importId, cancellationToken),
        };
        if (result is MoveResult.Moved { Import: var import })
        {
            signals.Changed(import.Id);
            if (import.Status == ImportStatus.Queued)
                signals.Queued();
        }
        return result;
    }

    /// <param name="beyond">Statuses at which the import has already gone further than was asked for.</param>
    async Task<MoveResult> MoveAsync(
        int accountId, Guid importId, ImportStatus[] from, ImportStatus to, ImportStatus[] beyond, string moved, CancellationToken cancellationToken)
    {
        var failure = to == ImportStatus.Canceled ? new ImportFailure(ErrorCode.Canceled, ErrorCode.Canceled.Message()) : null;
        if (await imports.MoveAsync(accountId, importId, from, to, failure, cancellationToken) is not { Kind: not ImportKind.Api } import)
            return new MoveResult.NotFound();
        return import.Status == to || beyond.Contains(import.Status)
            ? new MoveResult.Moved(import)
            : new MoveResult.WrongStatus($"The import is {Word(import.Status)}. Only an import that is {Words(from)} can be {moved}.{(import.Status == ImportStatus.Held ? " Approve it to let it go on, or cancel it." : "")}");
    }

    async Task<MoveResult> ApproveAsync(int accountId, Guid importId, CancellationToken cancellationToken)
    {
        if (await imports.GetAsync(accountId, importId, cancellationToken) is not { Kind: not ImportKind.Api } before
            || await imports.ApproveAsync(accountId, importId, cancellationToken) is not { } import)
            return new MoveResult.NotFound();
        // Asking twice is no error, as long as a person has approved and nothing has held it again.
        return before.Status == ImportStatus.Held || before.Hold.Any(f => f.ApprovedAt is not null)
            ? new MoveResult.Moved(import)
            : new MoveResult.WrongStatus($"The import is {Word(import.Status)}. Only an import that is held can be approved.");
    }

    static string Words(ImportStatus[] statuses) => statuses is [.. var but, var last] && but.Length > 0 ? $"{string.Join(", ", but.Select(Word))} or {Word(last)}" : Word(statuses[0]);

    static string Word(ImportStatus status) => status.ToString().ToLowerInvariant();
}
