using Muster.Contacts;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class KeyHashTests
{
    static readonly KeyHashSeed Seed = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    // Made with: openssl mac -macopt size:16 -macopt hexkey:000102…0f SIPHASH, over the kind as eight bytes and the key.
    [Theory]
    [InlineData(KeyKind.Phone, "", "C293AB68EFE6F296BD92A49D6257801D")]
    [InlineData(KeyKind.Email, "A", "4B5D3E5FB99DBAE3127BDF36ECBCD3A1")]
    [InlineData(KeyKind.Email, "maria.gonzalez@example.com", "3A699381AE992A380F1342FAE70D4599")]
    [InlineData(KeyKind.Phone, "1234567", "9E1226F52D8A03F03EFAE8D4ECA22861")]
    public void Hash_is_SipHash_2_4_128(KeyKind kind, string key, string expected)
    {
        var hash = KeyHash.Of(kind, System.Text.Encoding.ASCII.GetBytes(key), Seed);
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, hash.Low);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), hash.High);
        Assert.Equal(expected, Convert.ToHexString(bytes));
    }

    [Fact]
    public void Kind_and_seed_change_the_hash()
    {
        var hash = KeyHash.Of(KeyKind.Email, "a@b.co"u8, Seed);
        Assert.NotEqual(hash, KeyHash.Of(KeyKind.ExternalId, "a@b.co"u8, Seed));
        Assert.NotEqual(hash, KeyHash.Of(KeyKind.Email, "a@b.co"u8, KeyHashSeed.Random()));
    }

    [Fact]
    public void Seed_does_not_print_its_secret() => Assert.Equal("KeyHashSeed", KeyHashSeed.Random().ToString());
}
