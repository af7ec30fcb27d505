using System.Text;
using Muster.Contacts;
using Muster.Formats.Csv;

namespace Muster.Formats.Encodings;

/// <summary>Reads a source in another encoding than UTF-8 through a reader of its text, and tells the source's own offsets.</summary>
/// <param name="inner">Reads the text; disposes <paramref name="stream"/>.</param>
/// <param name="delimiter">The delimiter as the source has it.</param>
/// <param name="totals">In the source's offsets; <paramref name="inner"/> knows of none.</param>
sealed class TranscodedRowReader(RowReader inner, TranscodingStream stream, SourceEncoding encoding, char? delimiter, CsvTotals totals) : RowReader
{
    long byteOffset;
    int byteLength;
    ErrorCode fault;
    int faultColumn = -1;

    public override SourceShape Shape { get; } =
        inner.Shape with
        {
            Columns = delimiter is > '\x7F' and var sign ? [.. inner.Shape.Columns.Select(c => c.Replace(DelimiterDecoder.Stand, sign))] : inner.Shape.Columns,
            Encoding = encoding.Name, Delimiter = delimiter, HeaderEnd = stream.SourceOffset(inner.Shape.HeaderEnd), TotalsRows = totals.Rows, TotalsOffset = totals.Offset,
        };

    readonly long totalsOffset = totals.Rows > 0 ? totals.Offset : long.MaxValue;

    public override long RowNumber => inner.RowNumber;

    public override long Line => inner.Line;

    public override long ByteOffset => byteOffset;

    public override int ByteLength => byteLength;

    public override int CellCount => inner.CellCount;

    public override ErrorCode Fault => fault;

    public override int FaultColumn => faultColumn;

    public override long FaultLine => inner.FaultLine;

    public override long BytesRead => stream.SourceOffset(inner.BytesRead);

    public override SourcePosition Next => inner.Next with { ByteOffset = BytesRead };

    /// <remarks>A quoted cell may hold the delimiter itself, which the text has its stand-in for.</remarks>
    public override ReadOnlySpan<byte> GetCell(int index)
    {
        var cell = inner.GetCell(index);
        return delimiter > '\x7F' && cell.Contains((byte)DelimiterDecoder.Stand) ? Encoding.UTF8.GetBytes(SourceEncoding.Restore(cell, delimiter)) : cell;
    }

    public override bool Read()
    {
        if (!inner.Read())
            return false;
        byteOffset = stream.SourceOffset(inner.ByteOffset);
        byteLength = (int)(stream.SourceOffset(inner.ByteOffset + inner.ByteLength) - byteOffset);
        (fault, faultColumn) = (inner.Fault, inner.FaultColumn);
        if (byteOffset >= totalsOffset)
            (fault, faultColumn) = (ErrorCode.TotalsRow, -1);
        else if (fault == ErrorCode.InvalidUtf8)
            fault = encoding.IsUtf8 ? fault : ErrorCode.InvalidEncoding;
        else if (fault == ErrorCode.None && encoding.TellsUtf8 && (faultColumn = FindUtf8Cell()) >= 0)
            fault = ErrorCode.MixedEncoding;
        return true;
    }

    public override void Resume(SourcePosition position)
    {
        // JSON goes there by counting rows from the start, CSV by offset.
        if (inner.Shape.Delimiter is not null)
            stream.StartAt(position.ByteOffset);
        inner.Resume(position);
        (byteOffset, byteLength, fault, faultColumn) = (position.ByteOffset, 0, ErrorCode.None, -1);
    }

    public override bool TryJump(long byteOffset)
    {
        if (inner.Shape.Delimiter is null || !stream.CanSeek)
            return false;
        stream.StartAt(byteOffset - byteOffset % encoding.Unit);
        return inner.TryJump(stream.Position);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
    }

    int FindUtf8Cell()
    {
        for (var i = 0; i < CellCount; i++)
        {
            var cell = inner.GetCell(i);
            if (!Ascii.IsValid(cell) && IsUtf8InSource(cell, (SingleByteDecoder)encoding.Decoder)) // what tells UTF-8 has a byte a character
                return i;
        }
        return -1;
    }

    /// <summary>Whether the cell's own bytes, which were read as another encoding, are UTF-8.</summary>
    static bool IsUtf8InSource(ReadOnlySpan<byte> cell, SingleByteDecoder decoder)
    {
        Span<byte> bytes = cell.Length <= 1024 ? stackalloc byte[cell.Length] : new byte[cell.Length];
        var length = 0;
        foreach (var rune in Encoding.UTF8.GetString(cell).EnumerateRunes())
        {
            var b = decoder.ByteOf(rune.Value);
            if (b < 0)
                return false;
            bytes[length++] = (byte)b;
        }
        return System.Text.Unicode.Utf8.IsValid(bytes[..length]);
    }
}
