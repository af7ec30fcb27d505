using Muster.Contacts;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>A source that lies in the spool and waits to be accepted.</summary>
/// <param name="Kind">file (multipart or command line), body or contacts.</param>
/// <param name="Route">Scope of the idempotency key beside the account.</param>
public sealed record IntakeRequest(
    Account Account, SpooledSource Spooled, string Kind, string? FileName, ImportOptions Options, string? IdempotencyKey, string Route);

/// <summary>What became of a request to import.</summary>
public abstract record IntakeResult
{
    public sealed record Accepted(Import Import) : IntakeResult;

    /// <summary>The same Idempotency-Key with the same bytes and options came before.</summary>
    public sealed record Replayed(Import Import) : IntakeResult;

    /// <summary>The same Idempotency-Key came before with other bytes or options.</summary>
    public sealed record KeyConflict(Guid ImportId) : IntakeResult;

    /// <summary>The source or an option cannot be used. <paramref name="Detail"/> names the rule, what was found and the remedy.</summary>
    /// <param name="Option">Name of the option at fault, or null when the source is.</param>
    public sealed record Refused(ErrorCode Code, string Detail, string? Option = null) : IntakeResult;
}
