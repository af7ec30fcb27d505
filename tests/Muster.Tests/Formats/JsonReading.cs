using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;
using Muster.Formats.Json;

namespace Muster.Tests.Formats;

/// <summary>Reads whole sources and checks on the way what must hold for every source.</summary>
static class JsonReading
{
    public static (SourceShape Shape, List<ReadRow> Rows) Read(string text, JsonOptions? options = null) => Read(Encoding.UTF8.GetBytes(text), options);

    public static (SourceShape Shape, List<ReadRow> Rows) Read(byte[] bytes, JsonOptions? options = null, Stream? stream = null)
    {
        var opened = Assert.IsType<OpenResult.Opened>(JsonRowReader.Open(stream ?? new MemoryStream(bytes), options ?? JsonOptions.Default));
        using var reader = opened.Reader;
        return (reader.Shape, ReadRest(reader, bytes));
    }

    public static OpenResult.Refused Refuse(string text, JsonOptions? options = null) =>
        Assert.IsType<OpenResult.Refused>(JsonRowReader.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), options ?? JsonOptions.Default));

    /// <summary>Everything that reading tells, in one text.</summary>
    public static string Answer(byte[] bytes, JsonOptions? options = null, Stream? stream = null)
    {
        switch (JsonRowReader.Open(stream ?? new MemoryStream(bytes), options ?? JsonOptions.Default))
        {
            case OpenResult.Opened opened:
                using (opened.Reader)
                    return $"{opened.Reader.Shape.Format} {string.Join('|', opened.Reader.Shape.Columns)}\n{string.Join('\n', ReadRest(opened.Reader, bytes))}";
            case var refused:
                return refused.ToString();
        }
    }

    public static List<ReadRow> ReadRest(RowReader reader, byte[] bytes)
    {
        var rows = new List<ReadRow>();
        var next = reader.Next.ByteOffset;
        while (reader.Read())
        {
            Assert.True(reader.ByteOffset >= next && reader.BytesRead <= bytes.Length, "Records do not overlap.");
            Assert.True(
                bytes.AsSpan((int)next, (int)(reader.ByteOffset - next)).IndexOfAnyExcept(" \t\r\n,]"u8) < 0 || reader.ByteLength == 0,
                "Nothing but what parts two records lies between them.");
            Assert.Equal(LineEnds.Count(bytes.AsSpan(0, (int)reader.ByteOffset)) + 1, reader.Line);
            next = reader.BytesRead;
            var cells = Enumerable.Range(0, reader.CellCount).Select(i => Encoding.UTF8.GetString(reader.GetCell(i))).ToArray();
            rows.Add(new(reader.RowNumber, reader.Line, reader.ByteOffset, reader.ByteLength, reader.Fault, reader.FaultColumn, reader.FaultLine, cells));
            Assert.Equal(ErrorCode.None, reader.Fault is ErrorCode.InvalidJson or ErrorCode.RecordTooLong or ErrorCode.InvalidUtf8 or ErrorCode.NulByte or ErrorCode.CellTooLong ? ErrorCode.None : reader.Fault);
        }
        return rows;
    }
}
