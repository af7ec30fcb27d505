using Muster.Contacts;
using Muster.Formats;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>What a spooled source is, before anything is decided about it.</summary>
public abstract record LookResult
{
    /// <summary>It can be read and has at least one record.</summary>
    public sealed record Seen(SourceShape Shape) : LookResult;

    /// <param name="Detail">The rule, what was found and the remedy.</param>
    public sealed record Refused(ErrorCode Code, string Detail) : LookResult;
}

/// <summary>Looks at a source's shape for a caller who must know its columns before it makes anything.</summary>
public sealed class SourceLook(MusterSettings settings, Spool spool)
{
    /// <exception cref="SourceException">The spool no longer has the source.</exception>
    public LookResult At(SpooledSource spooled, ImportOptions options)
    {
        using var taken = new SourceTaking(settings, spool).Take(spooled, options);
        if (taken.Refusal is { } unreadable)
            return new LookResult.Refused(unreadable.Code, unreadable.Detail);
        var stream = spool.TryOpen(taken.Spooled.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = SourceOpening.Open(stream, options, settings);
        if (opening is OpenResult.Refused refused)
            return new LookResult.Refused(refused.Code, refused.Detail);
        using var reader = ((OpenResult.Opened)opening).Reader;
        return reader.Read() ? new LookResult.Seen(reader.Shape) : new LookResult.Refused(ErrorCode.NoRows, ErrorCode.NoRows.Message());
    }
}
