using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;

namespace Muster.Tests.Formats;

public sealed class CsvRowReaderTests
{
    [Fact]
    public void First_contact_under_a_header_is_row_2_on_line_2()
    {
        var (shape, rows) = CsvReading.Read("email,name\na@x.org,Ann\nb@x.org,Bob\n");
        Assert.Equal(["email", "name"], shape.Columns);
        Assert.Equal(11, shape.HeaderEnd);
        Assert.Equal((2, 2, 11, 12), (rows[0].RowNumber, rows[0].Line, rows[0].Offset, rows[0].Length));
        Assert.Equal(["a@x.org|Ann", "b@x.org|Bob"], rows.Select(r => r.Text));
    }

    [Fact]
    public void Quoted_newline_stays_inside_one_cell()
    {
        var (_, rows) = CsvReading.Read("a,b\r\n\"x\r\ny\rz\n\",1\r\nq,2\r\n");
        Assert.Equal(["x\r\ny\rz\n|1", "q|2"], rows.Select(r => r.Text));
        Assert.Equal([2L, 6L], rows.Select(r => r.Line));
        Assert.Equal([2L, 3L], rows.Select(r => r.RowNumber));
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,4")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("a,b\r\n1,2\r3,4\n")]
    public void Every_kind_of_line_end_ends_a_record(string text)
    {
        var (_, rows) = CsvReading.Read(text);
        Assert.Equal(["1|2", "3|4"], rows.Select(r => r.Text));
        Assert.Equal([2L, 3L], rows.Select(r => r.Line));
    }

    [Fact]
    public void Blank_lines_are_counted_but_not_returned()
    {
        var (_, rows) = CsvReading.Read("a,b\n\n\r\n1,2\n\n3,4\n\n\n");
        Assert.Equal([(4L, 4L), (6L, 6L)], rows.Select(r => (r.RowNumber, r.Line)));
    }

    [Fact]
    public void Byte_order_mark_is_no_part_of_the_first_column()
    {
        var (shape, rows) = CsvReading.Read([0xEF, 0xBB, 0xBF, .. "a,b\n1,2\n"u8]);
        Assert.Equal("a", shape.Columns[0]);
        Assert.Equal(7, shape.HeaderEnd);
        Assert.Equal(7, rows.Single().Offset);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", ',')]
    [InlineData("a;b\n\"1,5\";2\n", ';')]
    [InlineData("a;b\n1,5;2,5\n3,5;4,5\n", ';')]
    [InlineData("a\tb\nx, y\t2\n", '\t')]
    [InlineData("a|b\n1|2\n", '|')]
    [InlineData("sep=;\na;b\n1;2\n", ';')]
    [InlineData("SEP=|\r\na,x|b\r\n1,1|2\r\n", '|')]
    [InlineData("email\na@x.org\n", ',')]
    [InlineData("name;notes;email\nA;\"one, two\nthree, four\";a@x\nB;x, y;b@x\nC;;c@x\nbroken\n", ';')]
    public void Delimiter_is_the_one_that_cuts_most_records_alike(string text, char expected) => Assert.Equal(expected, CsvReading.Read(text).Shape.Delimiter);

    [Fact]
    public void Given_delimiter_beats_what_is_found()
    {
        var (shape, rows) = CsvReading.Read("a,b;c\n1,2;3\n", new CsvOptions { Delimiter = ';' });
        Assert.Equal(["a,b", "c"], shape.Columns);
        Assert.Equal("1,2|3", rows.Single().Text);
    }

    [Fact]
    public void Delimiter_line_is_a_record_of_its_own()
    {
        var (shape, rows) = CsvReading.Read("sep=;\r\na;b\r\n1;2\r\n");
        Assert.Equal(12, shape.HeaderEnd);
        Assert.Equal((3, 3), (rows.Single().RowNumber, rows.Single().Line));
    }

    [Fact]
    public void Without_a_header_columns_are_numbered_and_the_first_record_is_data()
    {
        var (shape, rows) = CsvReading.Read("1,2,3\n4,5\n", new CsvOptions { HasHeader = false });
        Assert.Equal(["column_1", "column_2", "column_3"], shape.Columns);
        Assert.Equal((0, false), (shape.HeaderEnd, shape.HasHeader));
        Assert.Equal(["1|2|3", "4|5"], rows.Select(r => r.Text));
        Assert.Equal(1, rows[0].RowNumber);
    }

    [Fact]
    public void Unquoted_quote_is_text()
    {
        var (_, rows) = CsvReading.Read("a,b\n5\" pipe,2\nx \"y\" z,3\n");
        Assert.Equal(["5\" pipe|2", "x \"y\" z|3"], rows.Select(r => r.Text));
        Assert.All(rows, r => Assert.Equal(ErrorCode.None, r.Fault));
    }

    [Fact]
    public void Blanks_after_a_closing_quote_are_ignored()
    {
        var (_, rows) = CsvReading.Read("a,b\n\"1\" ,\"2\"\t \n");
        Assert.Equal("1|2", rows.Single().Text);
        Assert.Equal(ErrorCode.None, rows[0].Fault);
    }

    [Theory]
    [InlineData("\"ab\"c,2")]
    [InlineData("1,\"say \"hello\" now\"")]
    [InlineData("\"a,\"b\",c\"")]
    public void Text_after_a_closing_quote_costs_its_row_alone(string record)
    {
        var (_, rows) = CsvReading.Read($"a,b\n0,0\n{record}\n3,4\n");
        Assert.Equal([ErrorCode.None, ErrorCode.StrayQuote, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal("3|4", rows[2].Text);
    }

    [Theory]
    [InlineData("1,\"open\n3,4\n5,6\n", 1)]
    [InlineData("\"open,2\n\"3\",\"4\"\n5,6\n", 0)]
    [InlineData("\"1\",\"open\r\n\"3\",\"4\"\r\n5,6\r\n", 1)]
    [InlineData("\"1,open\r3,\"4\"\r5,6", 0)]
    public void Unclosed_quote_costs_the_line_where_it_opened(string records, int column)
    {
        var (_, rows) = CsvReading.Read("a,b\n" + records);
        Assert.Equal([ErrorCode.UnclosedQuote, ErrorCode.None, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal((column, 2), (rows[0].FaultColumn, rows[0].FaultLine));
        Assert.Equal(["3|4", "5|6"], rows.Skip(1).Select(r => r.Text));
        Assert.Equal([2L, 3L, 4L], rows.Select(r => r.Line));
    }

    [Fact]
    public void Unclosed_quote_behind_a_sound_cell_of_two_lines_is_named_by_its_own_line()
    {
        var (_, rows) = CsvReading.Read("a,b\n\"x\ny\",\"open\n3,4\n");
        Assert.Equal((2, 3, ErrorCode.UnclosedQuote), (rows[0].Line, rows[0].FaultLine, rows[0].Fault));
        Assert.Equal("3|4", rows[1].Text);
    }

    // listmonk, L1: 30,000 rows, one unquoted " at record 15,001.
    [Theory]
    [InlineData("x\"y{0},n", ErrorCode.None)]
    [InlineData("\"xy{0},n", ErrorCode.UnclosedQuote)]
    [InlineData("xy{0},\"n", ErrorCode.UnclosedQuote)]
    public void One_stray_quote_among_30000_rows_costs_one_row_at_most(string damaged, ErrorCode fault)
    {
        var text = new StringBuilder("email,name\n");
        for (var i = 1; i <= 30_000; i++)
            text.Append(i == 15_001 ? string.Format(null, damaged, i) : $"u{i}@x.org,\"Name {i}\"").Append('\n');
        var (_, rows) = CsvReading.Read(text.ToString());
        Assert.Equal(30_000, rows.Count);
        Assert.Equal(fault, rows[15_000].Fault);
        Assert.Equal(15_002, rows[15_000].RowNumber);
        Assert.All(rows.Where((_, i) => i != 15_000), r => Assert.Equal((ErrorCode.None, 2), (r.Fault, r.Cells.Length)));
    }

    [Fact]
    public void Bad_bytes_cost_their_rows_and_name_the_cell()
    {
        var (_, rows) = CsvReading.Read([.. "a,b\nok,1\nx,J"u8, 0xF6, .. "rg\nok,2\nn"u8, 0, .. "l,1\n"u8, 0xFF, 0xFE, .. ",z\nok,3\n"u8]);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidUtf8, ErrorCode.None, ErrorCode.NulByte, ErrorCode.InvalidUtf8, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal([-1, 1, -1, 0, 0, -1], rows.Select(r => r.FaultColumn));
    }

    [Fact]
    public void Too_many_cells_cost_the_row_even_when_a_comma_has_shifted_a_blank_to_its_end()
    {
        var (_, rows) = CsvReading.Read("a,b\n1,2,3\nAcme, Inc,\n1,2\n1,2\n");
        Assert.Equal([ErrorCode.TooManyCells, ErrorCode.TooManyCells, ErrorCode.None, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void A_delimiter_at_the_end_of_most_lines_is_no_cell()
    {
        var (_, rows) = CsvReading.Read("a,b\n1,2,\n3,4,\n5,6,7\n8,9\n");
        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.TooManyCells, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void Missing_trailing_cells_are_blank_unless_short_rows_are_refused()
    {
        using var reader = ((OpenResult.Opened)CsvRowReader.Open(new MemoryStream("a,b,c\n1\n"u8.ToArray()), CsvOptions.Default)).Reader;
        Assert.True(reader.Read());
        Assert.Equal((1, ErrorCode.None), (reader.CellCount, reader.Fault));
        Assert.True(reader.GetCell(2).IsEmpty);
        var (_, rows) = CsvReading.Read("a,b,c\n1\n1,2,3\n", new CsvOptions { ShortRows = ShortRows.Reject });
        Assert.Equal([ErrorCode.TooFewCells, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void Repeated_header_is_rejected_in_any_case_and_with_blanks_around_its_names()
    {
        var (_, rows) = CsvReading.Read("Email,Prénom\nEMAIL , Prénom\nemail,prénom!\nE,P\n");
        Assert.Equal([ErrorCode.RepeatedHeader, ErrorCode.None, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void Repeated_header_is_rejected_also_behind_a_byte_order_mark()
    {
        var (_, rows) = CsvReading.Read([.. "a,b\n1,2\na,b\na,c\n"u8, 0xEF, 0xBB, 0xBF, .. "\"a\",b\n3,4\n"u8]);
        Assert.Equal([ErrorCode.None, ErrorCode.RepeatedHeader, ErrorCode.None, ErrorCode.RepeatedHeader, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void Long_cell_costs_its_row()
    {
        var (_, rows) = CsvReading.Read($"a,b\n1,{new string('x', 65_536)}\n1,{new string('x', 65_537)}\n3,4\n");
        Assert.Equal([ErrorCode.None, ErrorCode.CellTooLong, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal(1, rows[1].FaultColumn);
    }

    [Theory]
    [InlineData(10, ErrorCode.None)]
    [InlineData(11, ErrorCode.RecordTooLong)]
    [InlineData(12, ErrorCode.RecordTooLong)]
    [InlineData(13, ErrorCode.RecordTooLong)]
    [InlineData(600_000, ErrorCode.RecordTooLong)]
    public void Record_beyond_the_limit_costs_one_row(int length, ErrorCode fault)
    {
        foreach (var lineEnd in (string[])["\n", "\r\n", "\r"])
        {
            var (_, rows) = CsvReading.Read($"a,b\n{new string('x', length)}{lineEnd}3,4\n", new CsvOptions { RecordBytesMax = 10 });
            Assert.Equal([fault, ErrorCode.None], rows.Select(r => r.Fault));
            Assert.Equal(length + lineEnd.Length, rows[0].Length);
            Assert.Equal((3, 3, "3|4"), (rows[1].RowNumber, rows[1].Line, rows[1].Text));
        }
    }

    [Fact]
    public void Line_of_100_MB_is_rejected_in_bounded_memory()
    {
        using var stream = new RepeatingStream("a,b\n1,2\n"u8.ToArray(), (byte)'x', 100_000_000, "\n3,4\n"u8.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = ((OpenResult.Opened)CsvRowReader.Open(stream, CsvOptions.Default)).Reader;
        Assert.True(reader.Read() && reader.Read());
        Assert.Equal((ErrorCode.RecordTooLong, 100_000_001), (reader.Fault, reader.ByteLength));
        Assert.True(reader.Read());
        Assert.Equal("4", Encoding.UTF8.GetString(reader.GetCell(1)));
        Assert.False(reader.Read());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 * 1024 * 1024);
    }

    [Fact]
    public void Quote_left_open_for_longer_than_a_record_may_be_costs_one_row()
    {
        var text = "a,b\n\"open,2\n" + string.Concat(Enumerable.Repeat("plain,row\n", 300_000));
        var (_, rows) = CsvReading.Read(text);
        Assert.Equal(300_001, rows.Count);
        Assert.Equal(ErrorCode.UnclosedQuote, rows[0].Fault);
        Assert.All(rows.Skip(1), r => Assert.Equal("plain|row", r.Text));
    }

    [Fact]
    public void Every_line_with_an_open_quote_still_reads_in_linear_time()
    {
        var text = "a,b\n" + string.Concat(Enumerable.Repeat("\"open,2\n", 100_000));
        var (_, rows) = CsvReading.Read(text);
        Assert.Equal(100_000, rows.Count);
        Assert.All(rows, r => Assert.Equal(ErrorCode.UnclosedQuote, r.Fault));
    }

    [Fact]
    public void Reading_goes_on_from_any_checkpoint()
    {
        var bytes = Encoding.UTF8.GetBytes("sep=;\na;b\n1;\"x\ny\"\n\n\"open;2\n3;ö\n4;4\n");
        var (_, all) = CsvReading.Read(bytes);
        for (var taken = 0; taken <= all.Count; taken++)
        {
            using var first = ((OpenResult.Opened)CsvRowReader.Open(new MemoryStream(bytes), CsvOptions.Default)).Reader;
            for (var i = 0; i < taken; i++)
                Assert.True(first.Read());
            using var second = ((OpenResult.Opened)CsvRowReader.Open(new MemoryStream(bytes), CsvOptions.Default)).Reader;
            second.Resume(first.Next);
            Assert.Equal(all.Skip(taken).Select(r => r.ToString()), CsvReading.ReadRest(second, bytes).Select(r => r.ToString()));
        }
    }

    [Fact]
    public void Good_rows_allocate_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("some@one.org,\"Quoted, \"\"name\"\"\"\n", 50_000)));
        using var reader = ((OpenResult.Opened)CsvRowReader.Open(new MemoryStream(bytes), CsvOptions.Default)).Reader;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var total = 0;
        while (reader.Read())
            total += reader.GetCell(1).Length;
        Assert.Equal(50_000 * 14, total);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000, "One window costs some objects; a row costs none.");
    }
}

/// <summary>A head, one byte many times, and a tail, without holding them.</summary>
sealed class RepeatingStream(byte[] head, byte filler, long count, byte[] tail) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => head.Length + count + tail.Length;
    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count1) => Read(buffer.AsSpan(offset, count1));

    public override int Read(Span<byte> buffer)
    {
        var filling = Math.Max(0, Math.Min(buffer.Length, head.Length + count - Position));
        if (Position >= head.Length && filling > 0)
        {
            buffer[..(int)filling].Fill(filler);
            Position += filling;
            return (int)filling;
        }

        var n = 0;
        for (; n < buffer.Length && Position < Length && (Position < head.Length || Position >= head.Length + count); n++, Position++)
            buffer[n] = Position < head.Length ? head[Position] : tail[Position - head.Length - count];
        return n;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset;
    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
