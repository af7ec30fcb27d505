using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Json;

namespace Muster.Tests.Formats;

public sealed class JsonRowReaderTests
{
    const string Ann = """{"email":"ann@x.org","name":"Ann"}""";
    const string Bob = """{"email":"bob@x.org","name":"Bob"}""";

    [Theory]
    [InlineData("[" + Ann + "," + Bob + "]", "json")]
    [InlineData(" \r\n[\n" + Ann + " ,\n " + Bob + "\n]\n", "json")]
    [InlineData("{\"contacts\":[" + Ann + "," + Bob + "]}", "json")]
    [InlineData("{\"total\":2,\"meta\":{\"contacts\":[1]}, \"contacts\" : [" + Ann + "," + Bob + "], \"options\":{\"lists\":[\"A\"]}}\n", "json")]
    [InlineData(Ann + "\n" + Bob, "ndjson")]
    [InlineData(Ann + "\r\n" + Bob + "\r\n", "ndjson")]
    [InlineData(Ann + Bob, "ndjson")]
    [InlineData("{\n  \"email\": \"ann@x.org\",\n  \"name\": \"Ann\"\n}\n{\n  \"email\": \"bob@x.org\",\n  \"name\": \"Bob\"\n}\n", "ndjson")]
    public void Every_form_gives_the_same_contacts(string text, string format)
    {
        foreach (var bytes in (byte[][])[Encoding.UTF8.GetBytes(text), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]])
        {
            var (shape, rows) = JsonReading.Read(bytes);
            Assert.Equal(format, shape.Format);
            Assert.Equal(["email", "name"], shape.Columns);
            Assert.Equal(["ann@x.org|Ann", "bob@x.org|Bob"], rows.Select(r => r.Text));
            Assert.Equal([1L, 2L], rows.Select(r => r.RowNumber));
            Assert.All(rows, r => Assert.Equal(ErrorCode.None, r.Fault));
            Assert.All(rows, r => Assert.Equal('{', (char)bytes[r.Offset]));
        }
    }

    [Fact]
    public void A_record_is_the_objects_own_bytes_and_its_line_the_physical_one()
    {
        var text = $"[\r\n  {Ann},\r\r\n\n  {Bob}\n]";
        var (_, rows) = JsonReading.Read(text);
        Assert.Equal([Ann, Bob], rows.Select(r => text.Substring((int)r.Offset, r.Length)));
        Assert.Equal([2L, 5L], rows.Select(r => r.Line));
    }

    [Fact]
    public void A_line_of_ndjson_is_a_record_with_its_line_end_and_blank_lines_count()
    {
        var text = $"\n{Ann}\r\n\n \n{Bob}";
        var (_, rows) = JsonReading.Read(text);
        Assert.Equal([Ann + "\r\n", Bob], rows.Select(r => text.Substring((int)r.Offset, r.Length)));
        Assert.Equal([(2L, 2L), (5L, 5L)], rows.Select(r => (r.RowNumber, r.Line)));
    }

    [Fact]
    public void Columns_are_the_union_of_names_in_order_of_first_appearance()
    {
        var (shape, rows) = JsonReading.Read("""[{"b":1,"a":2},{"c":3,"b":4},{"a":5,"":6}]""");
        Assert.Equal(["b", "a", "c", ""], shape.Columns);
        Assert.Equal(["1|2||", "4||3|", "|5||6"], rows.Select(r => r.Text));
    }

    [Fact]
    public void Scalars_are_their_text()
    {
        var (_, rows) = JsonReading.Read("""[{"n":-1.50e+3,"t":true,"f":false,"z":null,"s":" x ","u":"\u00e9\ud83d\ude00\n\"\\\/","l":12345678901234567890}]""");
        Assert.Equal("-1.50e+3|true|false|| x |é😀\n\"\\/|12345678901234567890", rows.Single().Text);
    }

    [Fact]
    public void Members_of_fields_are_columns_of_custom_fields()
    {
        var (shape, rows) = JsonReading.Read("""[{"email":"a@x.org","fields":{"email":"b","Shoe size":42}},{"custom_fields":{"Shoe size":43},"fields":null}]""");
        Assert.Equal(["email", "field:email", "field:Shoe size", "fields"], shape.Columns);
        Assert.Equal(["a@x.org|b|42|", "||43|"], rows.Select(r => r.Text));
    }

    [Theory]
    [InlineData("""["a","b c"]""", "a;b c")]
    [InlineData("[]", "")]
    [InlineData("[null,1,true]", "1;true")]
    [InlineData("""["a;b","c\\d","\u00e9"]""", @"a\;b;c\\d;é")]
    public void A_list_of_scalars_is_joined_by_semicolons(string json, string expected) =>
        Assert.Equal(expected, JsonReading.Read($$"""[{"tags":{{json}}}]""").Rows.Single().Text);

    [Theory]
    [InlineData("""{"a":1,"b":{"x":1}}""")]
    [InlineData("""{"a":1,"b":[[1]]}""")]
    [InlineData("""{"a":1,"b":[{"x":1}]}""")]
    [InlineData("""{"a":1,"b":2,"b":2}""")]
    [InlineData("""{"a":1,"fields":{"b":{}},"b":1}""")]
    public void Nested_values_and_repeated_names_reject_their_row_and_name_the_column(string json)
    {
        var (shape, rows) = JsonReading.Read("[" + json + "," + Ann + "]");
        Assert.Equal(ErrorCode.InvalidJson, rows[0].Fault);
        Assert.EndsWith("b", shape.Columns[rows[0].FaultColumn], StringComparison.Ordinal);
        Assert.Equal(ErrorCode.None, rows[1].Fault);
    }

    [Fact]
    public void A_nested_value_in_a_column_that_nobody_wants_is_no_fault()
    {
        var (_, rows) = JsonReading.Read("""[{"a":1,"b":{"x":1}}]""", new JsonOptions { Columns = ["a", "b"], Ignored = new HashSet<int> { 1 } });
        Assert.Equal(ErrorCode.None, rows.Single().Fault);
    }

    [Theory]
    [InlineData("\"\\u0000\"", ErrorCode.NulByte)]
    [InlineData("\"\\ud800\"", ErrorCode.InvalidUtf8)]
    [InlineData("\"\\udc00\\ud800\"", ErrorCode.InvalidUtf8)]
    public void Text_that_no_cell_can_hold_rejects_its_row(string json, ErrorCode code)
    {
        var (_, rows) = JsonReading.Read($$"""[{"a":1,"b":{{json}}},{{Ann}}]""");
        Assert.Equal((code, 1), (rows[0].Fault, rows[0].FaultColumn));
        Assert.Equal(ErrorCode.None, rows[1].Fault);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_reject_their_row_and_name_the_column()
    {
        var (_, rows) = JsonReading.Read([.. "[{\"a\":1,\"b\":\"\xE9\"},"u8, .. Encoding.Latin1.GetBytes("{\"a\":1,\"b\":\"\u00E9\"},"), .. Encoding.UTF8.GetBytes(Ann), .. "]"u8]);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidUtf8, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal(1, rows[1].FaultColumn);
    }

    [Theory]
    [InlineData("""{"email":"x@x.org",}""")]
    [InlineData("""{"email":"x@x.org,"name":"X"}""")]
    [InlineData("""{"email:"x@x.org","name":"X"}""")]
    [InlineData("""{"email":"x@x.org","name":"X" """)]
    [InlineData("""{"email":"x@x.org","tags":["a",{"email":"kid@x.org"},{"email":"kid2@x.org"}""")]
    [InlineData("""{'email':'x@x.org'}""")]
    [InlineData("""{"email":"x@x.org"}}""")]
    [InlineData("""{email:"x@x.org"}""")]
    [InlineData("{\"email\":\"two\nlines\"}")]
    [InlineData("5")]
    [InlineData("[1,2]")]
    [InlineData("nul")]
    [InlineData("")]
    public void A_damaged_object_in_a_list_costs_one_row(string damaged)
    {
        foreach (var format in (string[])["[{0},{1},{2},{3}]", "{{\"contacts\":[{0},{1},{2},{3}]}}"])
        {
            var text = string.Format(null, format, Ann, damaged, Bob, Ann);
            var (_, rows) = JsonReading.Read(text);
            var good = rows.Where(r => r.Fault == ErrorCode.None).Select(r => r.Text.TrimEnd('|')).ToList();
            // What the damage leaves open may swallow the list's end, never add a contact.
            Assert.True(good.Count(g => g is "ann@x.org|Ann" or "bob@x.org|Bob") >= 1, text);
            Assert.DoesNotContain(good, g => g.Contains("kid", StringComparison.Ordinal));
            Assert.Contains(rows, r => r.Fault == ErrorCode.InvalidJson);
            if (!damaged.Contains("kid", StringComparison.Ordinal))
                Assert.True(good.Count is 3 && good.SequenceEqual(["ann@x.org|Ann", "bob@x.org|Bob", "ann@x.org|Ann"]) || damaged.EndsWith("}}", StringComparison.Ordinal) && good.Count == 4, string.Join(" / ", rows));
        }
    }

    [Theory]
    [InlineData("""{"email":"x@x.org",}""")]
    [InlineData("""{"email":"x@x.org""")]
    [InlineData("""{"email":"x@x.org"},""")]
    [InlineData("[]")]
    [InlineData("}")]
    [InlineData("// comment")]
    public void A_damaged_line_of_ndjson_costs_one_row(string damaged)
    {
        var (_, rows) = JsonReading.Read($"{Ann}\n{damaged}\n{Bob}\n");
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidJson, ErrorCode.None], rows.Select(r => r.Fault));
    }

    [Theory]
    [InlineData("[" + Ann)]
    [InlineData("[" + Ann + ",")]
    [InlineData("[" + Ann + ",]")]
    [InlineData("[" + Ann + ",{\"email\":\"bo")]
    [InlineData("{\"contacts\":[" + Ann + "]")]
    [InlineData("{\"contacts\":[" + Ann + "],\"contacts\":[" + Bob + "]}")]
    [InlineData("{\"contacts\":[" + Ann + "]}}")]
    [InlineData("[" + Ann + "]]")]
    [InlineData("[" + Ann + "],")]
    [InlineData("[" + Ann + "]\n[" + Bob + "]")]
    [InlineData("[" + Ann + Bob + "]")]
    [InlineData("[" + Ann + "] x")]
    [InlineData("[," + Ann + "]")]
    public void A_list_that_does_not_end_well_says_so_in_a_row(string text)
    {
        var (_, rows) = JsonReading.Read(text);
        Assert.Equal("ann@x.org|Ann", Assert.Single(rows, r => r.Fault == ErrorCode.None).Text);
        Assert.Equal(ErrorCode.InvalidJson, Assert.Single(rows, r => r.Fault != ErrorCode.None).Fault);
    }

    [Theory]
    [InlineData("[]", ErrorCode.NoRows)]
    [InlineData("{}", ErrorCode.NoRows)]
    [InlineData("[{}]", ErrorCode.NoRows)]
    [InlineData("{\"contacts\":[]}", ErrorCode.NoRows)]
    [InlineData("[1,2]", ErrorCode.InvalidJson)]
    [InlineData("[", ErrorCode.InvalidJson)]
    [InlineData("{\"email\":\"x@x.org\",}", ErrorCode.InvalidJson)]
    public void A_source_without_a_contact_is_refused(string text, ErrorCode code) => Assert.Equal(code, JsonReading.Refuse(text).Code);

    [Fact]
    public void Limits_refuse_the_source_or_reject_the_row()
    {
        Assert.Equal(ErrorCode.TooManyColumns, JsonReading.Refuse("""[{"a":1,"b":2},{"c":3}]""", new() { ColumnsMax = 2 }).Code);
        Assert.Equal(ErrorCode.HeaderTooLong, JsonReading.Refuse("""[{"abcd":1}]""", new() { HeaderBytesMax = 3 }).Code);
        var options = new JsonOptions { RecordBytesMax = 40, CellBytesMax = 10 };
        var longer = """{"email":"ann@x.org","name":"Ann, who has a long name"}""";
        foreach (var text in (string[])[$"[{longer},{{\"b\":\"12345678901\"}},{{\"b\":1}}]", $"{longer}\n{{\"b\":\"12345678901\"}}\n{{\"b\":1}}"])
            Assert.Equal([ErrorCode.RecordTooLong, ErrorCode.CellTooLong, ErrorCode.None], JsonReading.Read(text, options).Rows.Select(r => r.Fault));
    }

    [Fact]
    public void Depth_beyond_the_cap_is_damage()
    {
        string Deep(int depth) => "{\"a\":1,\"b\":" + new string('[', depth - 1) + new string(']', depth - 1) + "}";
        var (_, rows) = JsonReading.Read("[" + Deep(64) + "," + Deep(65) + "," + Ann + "]");
        Assert.Equal([ErrorCode.InvalidJson, ErrorCode.InvalidJson, ErrorCode.None], rows.Select(r => r.Fault));
        Assert.Equal([1, -1, -1], rows.Select(r => r.FaultColumn));
    }

    [Fact]
    public void Reading_goes_on_behind_any_record()
    {
        foreach (var text in (string[])[$"[{Ann},{{\"a\":}},{Bob}{Ann},]", $"{Ann}\n\nx\n{Bob}", $"{{\"contacts\":[{Ann},{Bob}]}}"])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var all = JsonReading.Read(bytes).Rows;
            for (var taken = 0; taken <= all.Count; taken++)
            {
                using var first = ((OpenResult.Opened)JsonRowReader.Open(new MemoryStream(bytes), JsonOptions.Default)).Reader;
                for (var i = 0; i < taken; i++)
                    Assert.True(first.Read());
                using var second = ((OpenResult.Opened)JsonRowReader.Open(new MemoryStream(bytes), JsonOptions.Default)).Reader;
                second.Resume(first.Next);
                Assert.Equal(all.Skip(taken).Select(r => r.ToString()), JsonReading.ReadRest(second, bytes).Select(r => r.ToString()));
            }
        }
    }

    [Fact]
    public void Good_rows_allocate_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes("[" + string.Join(",\n", Enumerable.Repeat("""{"email":"some@one.org","name":"Quoted, \"name\"","fields":{"n":1}}""", 50_000)) + "]");
        using var reader = ((OpenResult.Opened)JsonRowReader.Open(new MemoryStream(bytes), JsonOptions.Default)).Reader;
        Assert.True(reader.Read());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var total = 0;
        while (reader.Read())
            total += reader.GetCell(1).Length;
        Assert.Equal(49_999 * 14, total);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000, "A row costs no object.");
    }
}
