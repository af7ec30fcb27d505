using System.Text;
using Muster.Formats.Workbooks;

namespace Muster.Tests.Formats.Workbooks;

/// <summary>Damaged workbooks end in rows or in a refusal, never in a crash or a hang, and the same bytes end alike.</summary>
public sealed class WorkbookFuzzTests : IDisposable
{
    const int Seed = 20261122;

    static readonly string[] Markup =
        ["<c ", "</c>", "<row r=\"", "</row>", "<v>", "</v>", "t=\"s\"", "<is><t>", "</t></is>", "&amp;", "&", "<![CDATA[", "]]>", "<!--", "\"", "'", ">", "<", "/>", "<x:c>", "\0", "_xD800_", "99999999999", "-1", "XFE1", "<f>", "ß", "\u2028"];

    readonly WorkbookReading books = new();

    public void Dispose() => books.Dispose();

    [Fact]
    public async Task Mutants_of_xlsx_are_read_or_refused()
    {
        var random = new Random(Seed);
        var seeds = Books().ToList();
        for (var i = 0; i < Fuzz.Mutants; i++)
        {
            // Half of them in the archive's bytes, half in the markup within a sound archive.
            var book = seeds[random.Next(seeds.Count)];
            byte[] mutant;
            if (i % 2 == 0)
            {
                mutant = Mutate(random, book.Bytes());
            }
            else
            {
                var part = random.Next(6) switch { 0 => "xl/sharedStrings.xml", 1 => "xl/styles.xml", 2 => "xl/workbook.xml", 3 => "xl/_rels/workbook.xml.rels", _ => "xl/worksheets/sheet1.xml" };
                book.Parts[part] = MutateText(random, book.Part(part));
                mutant = book.Bytes();
                book.Parts.Remove(part);
            }
            await AnswersAlikeAsync(mutant, i);
        }
    }

    [Fact]
    public async Task Mutants_of_xls_are_read_or_refused()
    {
        var random = new Random(Seed);
        byte[][] seeds =
        [
            new XlsBook { Formats = { "yyyy-mm-dd" } }.Sheet("One", ["email", "born"], ["a@example.test", (46053d, 1)], ["b@example.test", 5d]).Bytes(),
            File.ReadAllBytes(SharedFolder.Path("corpora/files/xlsx-exceldatareader/Test_MergedCell.xls")),
            File.ReadAllBytes(SharedFolder.Path("corpora/files/xlsx-exceldatareader/as3xls_BIFF3.xls")),
            File.ReadAllBytes(SharedFolder.Path("corpora/files/xlsx-poi/plain/Employee.xls")),
        ];
        for (var i = 0; i < Fuzz.Mutants; i++)
            await AnswersAlikeAsync(Mutate(random, seeds[random.Next(seeds.Length)]), i);
    }

    async Task AnswersAlikeAsync(byte[] mutant, int number)
    {
        try
        {
            var first = await Task.Run(() => books.Answer(mutant)).WaitAsync(Fuzz.Hang);
            if (number % 10 == 0)
                Assert.Equal(first, books.Answer(mutant));
        }
        catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
        {
            Assert.Fail($"Mutant {number} of seed {Seed}: {e}");
        }
    }

    static byte[] Mutate(Random random, byte[] bytes)
    {
        bytes = [.. bytes];
        for (var change = random.Next(1, 8); change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    BitConverter.GetBytes(random.Next(2) == 0 ? uint.MaxValue : (uint)random.Next(70_000)).AsSpan(0, Math.Min(4, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                case 3:
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(64)))];
                    break;
                case 4:
                    var from = random.Next(bytes.Length);
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(from, Math.Min(32, bytes.Length - from)), .. bytes.AsSpan(at)];
                    break;
                default:
                    if (random.Next(10) == 0)
                        bytes = bytes[..Math.Max(16, at)];
                    break;
            }
        }
        return bytes;
    }

    static string MutateText(Random random, string text)
    {
        var mutant = new StringBuilder(text);
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(mutant.Length);
            if (random.Next(2) == 0)
                mutant.Insert(at, Markup[random.Next(Markup.Length)]);
            else
                mutant.Remove(at, Math.Min(random.Next(1, 20), mutant.Length - at - 1 is var room && room > 0 ? room : 1));
            if (mutant.Length == 0)
                mutant.Append('<');
        }
        return mutant.ToString();
    }

    static IEnumerable<XlsxBook> Books()
    {
        yield return new XlsxBook().Sheet("One", XlsxBook.Row(1, "email", "name") + XlsxBook.Row(2, "a@example.test", "Zoë & <Ann>") + XlsxBook.Row(5, "b@example.test", null));
        var shared = new XlsxBook { Formats = { "yyyy-mm-dd", "[<=9999999]###-####;(000) 000-0000" }, Since1904 = true };
        shared.Strings.AddRange(["<si><t>email</t></si>", "<si><r><t>a@</t></r><r><rPr><b/></rPr><t>example.test</t></r><rPh sb=\"0\" eb=\"1\"><t>x</t></rPh></si>"]);
        yield return shared.Sheet("One", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"str\"><f>A1</f><v>n_x000D_</v></c></row><row r=\"2\" hidden=\"1\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\" s=\"1\"><v>46053.25</v></c><c r=\"C2\" s=\"2\"><v>6145551234</v></c><c r=\"D2\" t=\"b\"><v>1</v></c></row>",
            after: "<mergeCells count=\"1\"><mergeCell ref=\"A2:B2\"/></mergeCells>").Sheet("Two", "", "hidden");
    }
}
