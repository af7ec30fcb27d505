using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;

namespace Muster.Tests.Formats;

sealed record ReadRow(long RowNumber, long Line, long Offset, int Length, ErrorCode Fault, int FaultColumn, long FaultLine, string[] Cells)
{
    public string Text => string.Join('|', Cells);

    public override string ToString() => $"{RowNumber} L{Line} @{Offset}+{Length} {Fault}/{FaultColumn}/L{FaultLine} {Text}";
}

/// <summary>Reads whole sources and checks on the way what must hold for every source.</summary>
static class CsvReading
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static (SourceShape Shape, List<ReadRow> Rows) Read(string text, CsvOptions? options = null) => Read(Utf8.GetBytes(text), options);

    public static (SourceShape Shape, List<ReadRow> Rows) Read(byte[] bytes, CsvOptions? options = null, Stream? stream = null)
    {
        var opened = Assert.IsType<OpenResult.Opened>(CsvRowReader.Open(stream ?? new MemoryStream(bytes), options ?? CsvOptions.Default));
        using var reader = opened.Reader;
        return (reader.Shape, ReadRest(reader, bytes));
    }

    public static OpenResult.Refused Refuse(byte[] bytes, CsvOptions? options = null) =>
        Assert.IsType<OpenResult.Refused>(CsvRowReader.Open(new MemoryStream(bytes), options ?? CsvOptions.Default));

    public static List<ReadRow> ReadRest(RowReader reader, byte[] bytes)
    {
        var rows = new List<ReadRow>();
        var next = reader.Next;
        while (reader.Read())
        {
            AssertBlank(bytes, next.ByteOffset, reader.ByteOffset);
            Assert.True(reader.ByteLength > 0);
            Assert.True(reader.RowNumber >= next.RowNumber && reader.Line >= next.Line, "Rows and lines count up.");
            Assert.Equal(next.Line + LineEnds.Count(bytes.AsSpan((int)next.ByteOffset, (int)(reader.ByteOffset - next.ByteOffset))), reader.Line);
            var lineEnds = LineEnds.Count(bytes.AsSpan((int)reader.ByteOffset, reader.ByteLength));
            Assert.Equal(reader.Line + lineEnds, reader.Next.Line);
            Assert.Equal(reader.ByteOffset + reader.ByteLength, reader.BytesRead);
            next = reader.Next;
            var cells = Enumerable.Range(0, reader.CellCount).Select(i => Encoding.UTF8.GetString(reader.GetCell(i))).ToArray();
            rows.Add(new ReadRow(reader.RowNumber, reader.Line, reader.ByteOffset, reader.ByteLength, reader.Fault, reader.FaultColumn, reader.FaultLine, cells));
            if (reader.Fault is not ErrorCode.RecordTooLong)
            {
                var again = CsvRecord.Parse(bytes.AsSpan((int)reader.ByteOffset, reader.ByteLength), reader.Shape.Delimiter ?? ',');
                Assert.Equal(cells, Enumerable.Range(0, again.CellCount).Select(i => Encoding.UTF8.GetString(again.GetCell(i))));
            }
        }

        AssertBlank(bytes, next.ByteOffset, bytes.Length);
        return rows;
    }

    static void AssertBlank(byte[] bytes, long from, long to)
    {
        Assert.True(to >= from, "Records do not overlap.");
        Assert.True(bytes.AsSpan((int)from, (int)(to - from)).IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0, "Nothing but blank records lies between two records.");
    }
}

/// <summary>Gives its bytes in pieces of the sizes a seed decides.</summary>
sealed class PiecemealStream(byte[] bytes, int seed, int pieceMax) : MemoryStream(bytes)
{
    readonly Random random = new(seed);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, pieceMax + 1)));
}
