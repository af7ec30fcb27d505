using Muster.Contacts;

namespace Muster.Jobs;

/// <summary>How an all-or-nothing import ends when it cannot be all: docs/atomic.md.</summary>
static class AtomicEnding
{
    /// <summary>The check found too many rejected rows; nothing was written.</summary>
    public static ImportFailure OfCheck(Import import, ImportCounts found) => new(
        ErrorCode.AtomicRejected,
        FormattableString.Invariant($"{found.Rejected} of {found.Read} rows were rejected and {(import.RejectsAllowed == 0 ? "none may be" : $"{import.RejectsAllowed} may be")}: nothing was imported. Correct them, and send the whole source again."));

    /// <summary>Something that others wrote between check and writing stands against a row.</summary>
    public static ImportFailure OfWriting((long RowNumber, ErrorCode Code)? broken) => new(
        ErrorCode.AtomicRejected,
        broken is var (row, code)
            ? FormattableString.Invariant($"Row {row} could not go in any more ({code.Name()}): something else was written after the source had been checked. What was in by then is taken back. Send the source again.")
            : ErrorCode.AtomicRejected.Message());
}
