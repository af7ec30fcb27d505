using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;
using Muster.Formats.Encodings;
using Muster.Formats.Json;

namespace Muster.Tests.Formats.Encodings;

/// <summary>Sources in other encodings are read as their UTF-8 form is, with their own offsets.</summary>
public sealed class TranscodingTests
{
    static readonly byte[] Invalid = [0xFF];

    public static TheoryData<string, string> Files => [.. Names.All.SelectMany(l => l.Encodings.Select(e => (l.Language, e)))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Rows_are_those_of_the_same_file_in_UTF8_and_offsets_are_the_sources_own(string language, string encoding)
    {
        var names = Names.All.Single(l => l.Language == language).Names;
        var text = "e-mail,name\r\n" + string.Concat(Enumerable.Range(0, 400).Select(i => i % 7 == 0
            ? $"a{i}@x.org,\"{names[i % names.Length]},\"\"{names[i % 3]}\"\"\nzwei\"\r\n"
            : $"a{i}@x.org,{names[i % names.Length]}\r\n"));
        var source = Coded.Bytes(encoding, text);
        var plain = CsvReading.Read(text);
        foreach (var blockBytes in (int[])[4, 61, 4096, 65536])
        {
            var rows = Read(source, encoding, blockBytes);
            Assert.Equal(plain.Rows.Count, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                Assert.Equal(plain.Rows[i].Cells, rows[i].Cells);
                Assert.Equal((plain.Rows[i].RowNumber, plain.Rows[i].Line, ErrorCode.None), (rows[i].RowNumber, rows[i].Line, rows[i].Fault));
                var record = Encoding.UTF8.GetString(SourceEncoding.Find(encoding).ToUtf8(source.AsSpan((int)rows[i].Offset, rows[i].Length), ','));
                Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text), (int)plain.Rows[i].Offset, plain.Rows[i].Length), record);
            }
        }
    }

    [Theory]
    [InlineData("windows-1252", "81")]
    [InlineData("shift_jis", "81")]
    [InlineData("gb18030", "ff")]
    [InlineData("big5", "a1")]
    [InlineData("euc-kr", "c9")]
    [InlineData("euc-jp", "8f,a1")]
    [InlineData("utf-16le", "00,d8")]
    [InlineData("utf-16be", "dc,00")]
    [InlineData("utf-32le", "00,00,11,00")]
    public void A_broken_character_costs_its_row_and_no_other(string encoding, string bytes)
    {
        var broken = bytes.Split(',').Select(b => Convert.ToByte(b, 16)).ToArray();
        byte[] source =
        [
            .. Coded.Bytes(encoding, "e-mail,name\na@x.org,Ann\nb@x.org,B"), .. broken, .. Coded.Bytes(encoding, "\nc@x.org,Cid\n"),
        ];
        var rows = Read(source, encoding, 64 * 1024);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidEncoding, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal(1, rows[1].FaultColumn);
        Assert.Equal("Cid", rows[2].Cells[1]);
    }

    [Fact]
    public void UTF8_in_a_file_of_another_encoding_is_rejected_rather_than_misread()
    {
        byte[] source = [.. Coded.Bytes("windows-1252", "e-mail,name\na@x.org,Zoë\nb@x.org,"), .. Encoding.UTF8.GetBytes("Zoë"), .. Coded.Bytes("windows-1252", "\nc@x.org,Müller\n")];
        var rows = Read(source, "windows-1252", 64 * 1024);
        Assert.Equal([ErrorCode.None, ErrorCode.MixedEncoding, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Fact]
    public void A_delimiter_beyond_ASCII_cuts_cells_and_its_stand_in_may_not_stand_in_them()
    {
        var source = Encoding.UTF8.GetBytes("e-mail§name\na@x.org§Ann\nb@x.org§B\u001Fd\nc@x.org§\"x§y\"\n");
        var opened = Assert.IsType<OpenResult.Opened>(TextOpening.Open(new MemoryStream(source), new() { Delimiter = '§' }));
        using var reader = opened.Reader;
        Assert.Equal(["e-mail", "name"], reader.Shape.Columns);
        Assert.Equal('§', reader.Shape.Delimiter);
        var rows = ReadAll(reader);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidUtf8, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal("x§y", rows[2].Cells[1]);
    }

    [Theory]
    [InlineData("utf-16le")]
    [InlineData("utf-32be")]
    [InlineData("shift_jis")]
    public void JSON_is_read_in_other_encodings_too(string encoding)
    {
        const string Text = "[\n{\"email\":\"a@x.org\",\"name\":\"佐藤\"},\n{\"email\":\"b@x.org\"},{bad},\n{\"email\":\"c@x.org\",\"name\":\"鈴木\"}\n]";
        var source = Coded.Bytes(encoding, Text);
        var opened = Assert.IsType<OpenResult.Opened>(TextOpening.Open(new MemoryStream(source), new() { Encoding = SourceEncoding.Find(encoding) }));
        using var reader = opened.Reader;
        var rows = ReadAll(reader);
        Assert.Equal(["a@x.org|佐藤", "b@x.org|", "", "c@x.org|鈴木"], rows.Select(r => r.Text));
        Assert.Equal("{\"email\":\"c@x.org\",\"name\":\"鈴木\"}", Encoding.UTF8.GetString(SourceEncoding.Find(encoding).ToUtf8(source.AsSpan((int)rows[3].Offset, rows[3].Length), null)));
        Assert.Equal("json", reader.Shape.Format);
        Assert.Equal(encoding, reader.Shape.Encoding);
    }

    [Theory]
    [InlineData("utf-16be")]
    [InlineData("euc-kr")]
    public void Reading_goes_on_at_every_position_that_was_told(string encoding)
    {
        var text = "e-mail,name\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"a{i}@x.org,김민수 {i}\n"));
        var source = Coded.Bytes(encoding, text);
        var all = Read(source, encoding, 256);
        using var first = OpenCoded(source, encoding, 256);
        var positions = new List<SourcePosition>();
        while (first.Read())
            positions.Add(first.Next);
        for (var i = 0; i < positions.Count; i += 37)
        {
            using var second = OpenCoded(source, encoding, 256);
            second.Resume(positions[i]);
            Assert.Equal(all.Skip(i + 1).Select(r => r.ToString()), ReadAll(second).Select(r => r.ToString()));
        }
    }

    [Fact]
    public void Blanking_leaves_the_structure_of_a_record_in_every_encoding()
    {
        foreach (var (encoding, delimiter) in (ReadOnlySpan<(string, char)>)[("utf-8", ','), ("utf-16le", ';'), ("utf-16be", '\t'), ("utf-32le", ','), ("shift_jis", '|'), ("gb18030", '|'), ("utf-8", '§')])
        {
            var record = Coded.Bytes(encoding, $"\"表 A\"\"{delimiter}ポ\"{delimiter}ソ{delimiter}x\r\n");
            SourceEncoding.Find(encoding).Blanking(delimiter)(record);
            var text = Encoding.UTF8.GetString(SourceEncoding.Find(encoding).ToUtf8(record, null)).Replace(" ", "", StringComparison.Ordinal);
            Assert.Equal($"\"\"\"{delimiter}\"{delimiter}{delimiter}\r\n", text);
        }
    }

    [Theory]
    [InlineData("cp1252", "windows-1252")]
    [InlineData("latin-1", "iso-8859-1")]
    [InlineData("Shift_JIS", "shift_jis")]
    [InlineData("GBK", "gb18030")]
    [InlineData("euc_kr", "euc-kr")]
    [InlineData("mac_roman", "macintosh")]
    [InlineData("iso8859_15", "iso-8859-15")]
    [InlineData("UTF8", "utf-8")]
    [InlineData("UTF-16", "utf-16le")]
    [InlineData("KOI8-R", "koi8-r")]
    public void Names_in_common_use_find_their_encoding(string name, string encoding) => Assert.Equal(encoding, SourceEncoding.TryFind(name)?.Name);

    [Fact]
    public void Every_encoding_reads_all_that_the_framework_writes()
    {
        foreach (var name in SourceEncoding.Names.Where(n => !n.StartsWith("utf", StringComparison.Ordinal)))
        {
            var encoding = SourceEncoding.Find(name);
            for (var c = 0x20; c < 0xFFFF; c++)
            {
                if (char.IsSurrogate((char)c) || c is >= 0xE000 and <= 0xF8FF or >= 0x7F and < 0xA0 or 0xFFFD || Coded.TryBytes(name, (char)c) is not { } bytes)
                    continue;
                var text = encoding.ToUtf8(bytes, null);
                if (!text.AsSpan().SequenceEqual(Invalid) && Encoding.UTF8.GetString(text) != ((char)c).ToString())
                    Assert.Fail($"{name}: U+{c:X4} comes back as {Convert.ToHexString(text)}");
            }
        }
    }

    static List<ReadRow> Read(byte[] source, string encoding, int blockBytes)
    {
        using var reader = OpenCoded(source, encoding, blockBytes);
        return ReadAll(reader);
    }

    static TranscodedRowReader OpenCoded(byte[] source, string encoding, int blockBytes)
    {
        var found = SourceEncoding.Find(encoding);
        var stream = new TranscodingStream(new MemoryStream(source), found.Decoder, blockBytes);
        var opened = Assert.IsType<OpenResult.Opened>(CsvRowReader.Open(stream, CsvOptions.Default with { Delimiter = ',' }));
        return new TranscodedRowReader(opened.Reader, stream, found, ',', CsvTotals.None);
    }

    static List<ReadRow> ReadAll(RowReader reader)
    {
        var rows = new List<ReadRow>();
        while (reader.Read())
        {
            var cells = Enumerable.Range(0, reader.CellCount).Select(i => Encoding.UTF8.GetString(reader.GetCell(i))).ToArray();
            rows.Add(new(reader.RowNumber, reader.Line, reader.ByteOffset, reader.ByteLength, reader.Fault, reader.FaultColumn, reader.FaultLine, cells));
        }
        return rows;
    }
}
