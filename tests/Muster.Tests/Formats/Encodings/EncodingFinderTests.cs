using System.Text;
using Muster.Contacts;
using Muster.Formats.Encodings;

namespace Muster.Tests.Formats.Encodings;

public sealed class EncodingFinderTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Files => [.. Names.All.SelectMany(l => l.Encodings.Select(e => (l.Language, e)))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Ten_names_are_enough_to_tell_the_encoding(string language, string encoding)
    {
        var names = Names.All.Single(l => l.Language == language).Names;
        var bytes = Coded.Bytes(encoding, File(names));
        var found = Assert.IsType<EncodingFinding.Found>(EncodingFinder.Find(new MemoryStream(bytes), null));
        Assert.Equal(File(names), Encoding.UTF8.GetString(found.Encoding.Decoder.ToUtf8(bytes)));
    }

    [Fact]
    public void A_single_name_is_read_rightly_or_its_encoding_asked_for()
    {
        var (right, asked) = (0, 0);
        var wrong = new List<string>();
        foreach (var (language, encodings, names) in Names.All)
        {
            foreach (var encoding in encodings)
            {
                foreach (var name in names.Where(n => n.Any(c => c > 0x7F)))
                {
                    var text = File([name]);
                    var bytes = Coded.Bytes(encoding, text);
                    switch (EncodingFinder.Find(new MemoryStream(bytes), null))
                    {
                        case EncodingFinding.Found found when Encoding.UTF8.GetString(found.Encoding.Decoder.ToUtf8(bytes)) == text:
                            right++;
                            break;
                        case EncodingFinding.Found found:
                            wrong.Add($"{language} {encoding}: {name} read as {found.Encoding.Name} {Encoding.UTF8.GetString(found.Encoding.Decoder.ToUtf8(bytes)).Split('\n')[1]} {found.Evidence.Confidence}");
                            break;
                        default:
                            asked++;
                            break;
                    }
                }
            }
        }

        output.WriteLine($"{right} right, {asked} asked for, {wrong.Count} wrong");
        foreach (var line in wrong)
            output.WriteLine(line);
        Assert.True(wrong.Count * 100 <= right, string.Join('\n', wrong));
    }

    static string File(IEnumerable<string> names) => "email,first_name,phone\r\n" + string.Concat(names.Select((n, i) => $"ok{i}@example.test,{n},+61400000{i:000}\r\n"));
}
