using System.Runtime.InteropServices;
using Muster.Contacts;

namespace Muster.Formats;

/// <summary>Reads the records of one source, in order, as UTF-8 cells that are valid until the next <see cref="Read"/>.</summary>
/// <remarks>
/// A damaged record is returned like any other, with its <see cref="Fault"/>: it costs one row, never the import. What is wrong with a whole
/// source is told when it is opened (<see cref="OpenResult"/>). A stream that breaks off throws its own <see cref="IOException"/>.
/// The same bytes and options give the same records, however the stream cuts them. Disposing the reader disposes its stream.
/// </remarks>
public abstract class RowReader : IDisposable
{
    /// <summary>What opening found out about the source; it does not change while reading.</summary>
    public abstract SourceShape Shape { get; }

    /// <summary>Goes to the next data record. Blank records are counted in <see cref="RowNumber"/> and passed over.</summary>
    /// <returns>False at the end of the source.</returns>
    public abstract bool Read();

    /// <summary>Ordinal of the record in the source, header, preamble and blank records counted: the first contact under a one-record header is 2.</summary>
    public abstract long RowNumber { get; }

    /// <summary>Physical line where the record starts, the first being 1. CRLF, LF and a lone CR each end a line, also inside quotes.</summary>
    public abstract long Line { get; }

    /// <summary>Offset of the record's first byte in the source's own bytes, a byte order mark included.</summary>
    public abstract long ByteOffset { get; }

    /// <summary>Bytes of the record, its line end included. Records and blank records follow each other without a gap.</summary>
    public abstract int ByteLength { get; }

    /// <summary>Cells that the record has; it may differ from the number of columns. A record at fault keeps the cells that could be told apart.</summary>
    public abstract int CellCount { get; }

    /// <summary>One cell as UTF-8, quotes taken off. Empty when the record has no such cell.</summary>
    public abstract ReadOnlySpan<byte> GetCell(int index);

    /// <summary>Why the record is unusable, or <see cref="ErrorCode.None"/>.</summary>
    public abstract ErrorCode Fault { get; }

    /// <summary>Index of the cell at fault; −1 when the whole row is, or none.</summary>
    public abstract int FaultColumn { get; }

    /// <summary>Physical line of the fault: where the unclosed quote opened, else where the record starts.</summary>
    public abstract long FaultLine { get; }

    /// <summary>Bytes of the source behind the reader: the current record's end. For progress.</summary>
    public abstract long BytesRead { get; }

    /// <summary>Where the next record starts. Kept as a checkpoint, it lets a new reader of the same source go on by <see cref="Resume"/>.</summary>
    public abstract SourcePosition Next { get; }

    /// <summary>Goes on at a position that <see cref="Next"/> told earlier, by a reader of the same source with the same options.</summary>
    public abstract void Resume(SourcePosition position);

    /// <summary>Goes to what is most likely the first record behind an offset, for looking at a sample of a source.</summary>
    /// <remarks>A guess: row numbers and lines count from there, and the first record may be a part of one. False where the format or its stream cannot jump; the reader then stays where it was.</remarks>
    public virtual bool TryJump(long byteOffset) => false;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>What opening found out about a source.</summary>
/// <param name="Format">The format's name on the wire: <c>csv</c>.</param>
/// <param name="Encoding">The encoding's name on the wire: <c>utf-8</c>.</param>
/// <param name="Delimiter">What parts the cells, or null in formats without one.</param>
/// <param name="Columns">Header texts, trimmed, in order; <c>column_1</c>… without a header.</param>
/// <param name="HeaderEnd">Offset behind the header record's line end: a rejects file begins with the bytes before it.</param>
/// <param name="HasHeader">Whether the columns' names come from the source.</param>
public sealed record SourceShape(string Format, string Encoding, char? Delimiter, IReadOnlyList<string> Columns, long HeaderEnd, bool HasHeader)
{
    /// <summary>Rows above the header, blank ones counted.</summary>
    public int PreambleRows { get; init; }

    /// <summary>Rows of totals at the end, and where they begin; 0 when there are none.</summary>
    public int TotalsRows { get; init; }

    public long TotalsOffset { get; init; }
}

/// <summary>The start of a record: its offset in bytes, its ordinal and its physical line, each as <see cref="RowReader"/> tells them.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SourcePosition(long ByteOffset, long RowNumber, long Line);

/// <summary>What became of opening a source.</summary>
public abstract record OpenResult
{
    OpenResult() { }

    /// <summary>The source can be read. The caller disposes the reader.</summary>
    public sealed record Opened(RowReader Reader) : OpenResult
    {
        /// <summary>What says that the source is read rightly.</summary>
        public SourceEvidence? Evidence { get; init; }

        /// <summary>What a person should know of how the source was understood.</summary>
        public IReadOnlyList<string> Warnings { get; init; } = [];
    }

    /// <summary>The source as a whole cannot be imported; its stream is disposed.</summary>
    /// <param name="Code">Why.</param>
    /// <param name="Detail">One sentence with the numbers or column names that matter; never a contact's value.</param>
    public sealed record Refused(ErrorCode Code, string Detail) : OpenResult;
}
