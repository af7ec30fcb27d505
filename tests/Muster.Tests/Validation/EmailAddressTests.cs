using System.Text;
using System.Text.Json;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class EmailAddressTests
{
    static bool IsValid(string text) => EmailAddress.IsValid(Encoding.UTF8.GetBytes(text));

    static string Key(string text)
    {
        var key = new byte[EmailAddress.KeyBytesMax];
        Assert.True(EmailAddress.TryGetKey(Encoding.UTF8.GetBytes(text), key, out var written), text);
        return Encoding.UTF8.GetString(key, 0, written);
    }

    [Fact]
    public void Corpus_verdicts_are_all_reached()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/email_vectors.json")));
        var wrong = new List<string>();
        var judged = 0;
        foreach (var vector in corpus.RootElement.EnumerateArray())
        {
            var input = vector.GetProperty("input").GetString()!;
            var verdict = vector.GetProperty("class").GetString();
            if (verdict is not ("accept" or "reject"))
                continue;
            judged++;
            if (IsValid(input) != (verdict == "accept"))
                wrong.Add($"{verdict}: {input}");
        }
        Assert.Empty(wrong);
        Assert.True(judged >= 139);
    }

    [Theory]
    [InlineData("a@b.co")]
    [InlineData("first.last@sub.example.museum")]
    [InlineData("o'brien+news@example.co.uk")]
    [InlineData("user@example.test")]
    [InlineData("user@example.com.invalid")]
    [InlineData("user@123.com")]
    [InlineData("user@4-h.org")]
    [InlineData("user@a--b.com")]
    [InlineData("_@example.com")]
    [InlineData("-@example.com")]
    [InlineData("user%relay@example.com")]
    [InlineData("USER@EXAMPLE.COM")]
    [InlineData("ñoñó@example.com")]
    [InlineData("юзер@екзампл.ком")]
    [InlineData("θσερ@εχαμπλε.ψομ")]
    [InlineData("葉士豪@臺網中心.tw")]
    [InlineData("राम@मोहन.ईन्फो")]
    [InlineData("😀@example.com")]
    [InlineData("user@bücher.de")]
    [InlineData("user@xn--bcher-kva.de")]
    [InlineData("user@example.xn--p1ai")]
    [InlineData("user@пример.рф")]
    [InlineData("user@faß.de")]
    [InlineData("user@example。com")]
    [InlineData("user@ｅｘａｍｐｌｅ.com")]
    [InlineData("user@دامنه.ایران")]
    [InlineData("user@אבג.com")]
    public void Deliverable_addresses_are_accepted(string address) => Assert.True(IsValid(address));

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("plain")]
    [InlineData("user@@example.com")]
    [InlineData("a@b@example.com")]
    [InlineData("user.@example.com")]
    [InlineData(".user@example.com")]
    [InlineData("us..er@example.com")]
    [InlineData("user@example..com")]
    [InlineData("user@.example.com")]
    [InlineData("user@example.com.")]
    [InlineData("user@-example.com")]
    [InlineData("user@example-.com")]
    [InlineData("user@my_host.com")]
    [InlineData("user@exa mple.com")]
    [InlineData("us er@example.com")]
    [InlineData(" user@example.com")]
    [InlineData("user@example.com ")]
    [InlineData("user@example.com\r\n")]
    [InlineData("us\ter@example.com")]
    [InlineData("us\0er@example.com")]
    [InlineData("user@exam\0ple.com")]
    [InlineData("us\u007fer@example.com")]
    [InlineData("us\u0085er@example.com")]
    [InlineData("user@localhost")]
    [InlineData("user@example.c")]
    [InlineData("user@example.123")]
    [InlineData("user@127.0.0.1")]
    [InlineData("user@1.2.3.4")]
    [InlineData("user@[127.0.0.1]")]
    [InlineData("user@[IPv6:::1]")]
    [InlineData("user@example.com:25")]
    [InlineData("user@example.com/path")]
    [InlineData("\"user\"@example.com")]
    [InlineData("user(comment)@example.com")]
    [InlineData("user@example.com (comment)")]
    [InlineData("<user@example.com>")]
    [InlineData("User <user@example.com>")]
    [InlineData("mailto:user@example.com")]
    [InlineData("user@example.com,other@example.com")]
    [InlineData("user@example.com;other@example.com")]
    [InlineData("user@example.com; other@example.com")]
    [InlineData("user@example.com other@example.com")]
    [InlineData("user\\@example.com")]
    [InlineData("us:er@example.com")]
    [InlineData("us\u200Ber@example.com")]
    [InlineData("\uFEFFuser@example.com")]
    [InlineData("user@exam\u200Bple.com")]
    [InlineData("user@example.com\u200B")]
    [InlineData("user@exam\u00ADple.com")]
    [InlineData("us\u200Der@example.com")]
    [InlineData("us\u202Eer@example.com")]
    [InlineData("us\u00A0er@example.com")]
    [InlineData("\u0301user@example.com")]
    [InlineData("user\u037Ex@example.com")]
    [InlineData("us\uFFFEer@example.com")]
    [InlineData("us\uE000er@example.com")]
    [InlineData("user＠example.com")]
    [InlineData("us＠er@example.com")]
    [InlineData("ｕｓｅｒ@example.com")]
    [InlineData("user@xn--0.com")]
    [InlineData("user@xn--.com")]
    [InlineData("user@xn--a.com")]
    [InlineData("user@ab--cd.com")]
    [InlineData("user@bücher_x.de")]
    [InlineData("user@bücher")]
    [InlineData("user@-bücher.de")]
    [InlineData("user@a\u200Db.com")]
    [InlineData("user@⒈example.com")]
    [InlineData("user@אa.com")]
    [InlineData("user@1א.com")]
    [InlineData("user@אבג.1a.com")]
    [InlineData("user@xn--a-zhc.com")]
    public void Undeliverable_addresses_are_rejected(string address) => Assert.False(IsValid(address));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Local_part_has_at_most_64_octets(int octets, bool valid)
    {
        Assert.Equal(valid, IsValid(new string('a', octets) + "@example.com"));
        Assert.Equal(valid, IsValid("é" + new string('a', octets - 2) + "@example.com"));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Label_has_at_most_63_octets(int octets, bool valid) => Assert.Equal(valid, IsValid("user@" + new string('a', octets) + ".com"));

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, false)]
    public void Address_has_at_most_254_octets(int octets, bool valid)
    {
        var label = new string('a', 62) + ".";
        var tail = string.Concat(Enumerable.Repeat(label, 3)) + "com";
        Assert.Equal(valid, IsValid(new string('u', octets - tail.Length - 1 - 20) + "@" + new string('b', 19) + "." + tail));
    }

    [Fact]
    public void Domain_must_fit_as_A_labels_too()
    {
        var label = new string('a', 58);
        Assert.True(IsValid($"user@{label}.com"));
        Assert.False(IsValid($"user@{label}é.com"));
    }

    [Fact]
    public void Broken_utf8_is_rejected()
    {
        Assert.False(EmailAddress.IsValid([.. "us"u8, 0xFF, .. "er@example.com"u8]));
        Assert.False(EmailAddress.IsValid([.. "us"u8, 0xED, 0xA0, 0x80, .. "er@example.com"u8]));
        Assert.False(EmailAddress.IsValid([.. "user@example.com"u8, 0xC3]));
    }

    [Theory]
    [InlineData("John.Doe@Example.COM", "john.doe@example.com")]
    [InlineData("john+tag@example.com", "john+tag@example.com")]
    [InlineData("ÉLAN@example.com", "élan@example.com")]
    [InlineData("E\u0301lan@example.com", "élan@example.com")]
    [InlineData("ЮЗЕР@ПРИМЕР.РФ", "юзер@xn--e1afmkfd.xn--p1ai")]
    [InlineData("user@BÜCHER.de", "user@xn--bcher-kva.de")]
    [InlineData("user@XN--BCHER-KVA.de", "user@xn--bcher-kva.de")]
    [InlineData("user@bu\u0308cher。de", "user@xn--bcher-kva.de")]
    [InlineData("user@ｅｘａｍｐｌｅ.com", "user@example.com")]
    public void Spellings_of_one_address_share_a_key(string address, string key)
    {
        Assert.True(IsValid(address));
        Assert.Equal(key, Key(address));
    }

    [Fact]
    public void Key_of_a_key_is_the_key()
    {
        foreach (var address in new[] { "John@Example.com", "ЮЗЕР@ПРИМЕР.РФ", "İstanbul@example.com", "ΟΔΟΣ@example.com", "Ⱥ@example.com" })
            Assert.Equal(Key(address), Key(Key(address)));
    }

    [Fact]
    public void Key_that_does_not_fit_is_refused()
    {
        Assert.False(EmailAddress.TryGetKey("user@example.com"u8, new byte[15], out var written));
        Assert.Equal(0, written);
        for (var size = 0; size < 24; size++)
            Assert.False(EmailAddress.TryGetKey("user@bücher.example"u8, new byte[Math.Min(size, 26)], out _));
    }

    [Fact]
    public void Random_bytes_never_throw_and_valid_ones_always_have_a_key()
    {
        var random = new Random(20260131);
        var alphabet = Encoding.UTF8.GetBytes("ab@.-xn--éß😀א１\u200d。\"<>");
        var buffer = new byte[40];
        var key = new byte[EmailAddress.KeyBytesMax];
        for (var i = 0; i < 20_000; i++)
        {
            var length = random.Next(buffer.Length);
            for (var j = 0; j < length; j++)
                buffer[j] = random.Next(12) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            if (EmailAddress.IsValid(buffer.AsSpan(0, length)))
                Assert.True(EmailAddress.TryGetKey(buffer.AsSpan(0, length), key, out _));
        }
    }

    [Fact]
    public void Common_address_costs_no_allocation()
    {
        var address = "maria.gonzalez@example.com"u8.ToArray();
        var key = new byte[EmailAddress.KeyBytesMax];
        EmailAddress.IsValid(address);
        EmailAddress.TryGetKey(address, key, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            EmailAddress.IsValid(address);
            EmailAddress.TryGetKey(address, key, out _);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("  user@example.com\r\n", "user@example.com")]
    [InlineData("\u00A0\u3000user@example.com\uFEFF\u200B\t", "user@example.com")]
    [InlineData("é", "é")]
    [InlineData(" \t", "")]
    public void Surrounding_blanks_are_removed(string text, string trimmed) =>
        Assert.Equal(trimmed, Encoding.UTF8.GetString(Blanks.Trim(Encoding.UTF8.GetBytes(text))));
}
