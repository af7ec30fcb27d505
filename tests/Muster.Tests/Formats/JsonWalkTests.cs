using System.Text;
using System.Text.Json;
using Muster.Formats.Json;

namespace Muster.Tests.Formats;

/// <summary>Our own steps over JSON judge as the framework's reader does: sound, damaged, or cut off; and find the same end.</summary>
public sealed class JsonWalkTests
{
    static readonly string[] Seeds =
    [
        """{"a":1,"b":[true,false,null,-0.5e+10],"c":{"d":"x\u00e9\n","e":[]},"f":"long enough to fill more than sixteen bytes, Zoë"}""",
        """[ [ ] , { } , "" , 0 , 1.25E-3 , [ { "k" : [ 1 , 2 ] } ] ]""",
        "\"plain text of more than thirty-two bytes with \\\"quotes\\\" \\\\ and \\/ in it\"",
        "-120.5",
        "true",
        "\t\r\n {\"\":\"\"} ",
    ];

    static readonly string[] Pieces = ["\"", "\\", "\\u12", "\\x", "{", "}", "[", "]", ",", ":", "-", "0", "1", ".", "e", "E+", "tru", "null", " ", "\n", "\0", "\u001F", "\u007F", "ü", "/", "//", "'", "NaN", "+1", "\uFEFF"];

    [Fact]
    public void Mutants_are_judged_as_the_framework_judges_them()
    {
        for (var seed = 0; seed < Fuzz.Mutants * 10; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]).ToList();
            for (var damages = random.Next(4); damages > 0 && bytes.Count > 0; damages--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at)); break;
                    case 1: bytes[at] = (byte)random.Next(256); break;
                    case 2: bytes.RemoveRange(at, bytes.Count - at); break;
                    default: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                }
            }
            AlikeJudged([.. bytes]);
        }
    }

    [Fact]
    public void Every_vector_of_the_corpus_is_judged_as_the_framework_judges_it()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/json_vectors.json")));
        foreach (var vector in corpus.RootElement.EnumerateArray())
            AlikeJudged(vector.GetProperty("input_b64").GetBytesFromBase64());
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_ends_at_the_depth_allowed(int depth, bool isSound)
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("[", "]"), ("{\"a\":", "}")])
        {
            var text = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
            Assert.Equal(isSound, new JsonWalk(Encoding.UTF8.GetBytes(text), isWhole: true).Skip(depth: 0));
            AlikeJudged(Encoding.UTF8.GetBytes(text));
        }
    }

    [Fact]
    public void Every_byte_after_a_plain_text_is_found_at_every_place()
    {
        for (var length = 0; length < 40; length++)
        {
            foreach (var ending in (string[])["\"", "\u001F", "\\u00e9\"", "\\", "ü\"", "\u007F\""])
                AlikeJudged(Encoding.UTF8.GetBytes($"\"{new string('x', length)}{ending} and some more text behind it, for a whole step"));
        }
    }

    static void AlikeJudged(byte[] bytes)
    {
        foreach (var isWhole in (bool[])[false, true])
        {
            var walk = new JsonWalk(bytes, isWhole);
            walk.Skip(depth: 0);
            var (end, length) = Framework(bytes, isWhole);
            var text = $"{Convert.ToBase64String(bytes)} {Encoding.UTF8.GetString(bytes)}";
            // The framework ends a number that the bytes cut with what it has; and tells some damage only when it has seen more.
            Assert.True(end == walk.End || (end == ItemEnd.Cut && walk.End == ItemEnd.Damaged && !isWhole), $"{walk.End}, not {end}: {text}");
            if (end == ItemEnd.Sound)
                Assert.True(length == walk.At, $"{walk.At}, not {length}: {text}");
        }
    }

    static (ItemEnd End, int Length) Framework(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, isWhole, new JsonReaderState(new() { MaxDepth = JsonOptions.DepthMax }));
            if (!reader.Read())
                return (isWhole ? ItemEnd.Damaged : ItemEnd.Cut, 0);
            return reader.TrySkip() ? (ItemEnd.Sound, (int)reader.BytesConsumed) : (ItemEnd.Cut, 0);
        }
        catch (JsonException)
        {
            return (ItemEnd.Damaged, 0);
        }
    }
}
