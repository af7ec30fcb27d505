using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Contacts;
using Muster.Validation.Phones;

namespace Muster.Tests.Validation;

public sealed class PhoneNumberTests
{
    private const int Seed = 20240607;

    [Theory]
    [InlineData("0412 345 678", "AU", 61412345678)]
    [InlineData("(04) 1234 5678", "AU", 61412345678)]
    [InlineData("61412345678", "AU", 61412345678)]
    [InlineData("0011 61 412 345 678", "AU", 61412345678)]
    [InlineData("+61 (0)412 345 678", "US", 61412345678)]
    [InlineData("+6104 1234 5678", null, 61412345678)]
    [InlineData("'+61412345678", null, 61412345678)]
    [InlineData("+61\u00A0412\u2011345\u2011678", null, 61412345678)]
    [InlineData("\u202A+61\u202C 412 345 678", null, 61412345678)]
    [InlineData("\uFF0B\uFF16\uFF11\uFF14\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18", null, 61412345678)]
    [InlineData("+\u0666\u0661\u0664\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", null, 61412345678)]
    [InlineData("\u0966\u096A\u0967\u0968 \u0969\u096A\u096B \u096C\u096D\u096E", "AU", 61412345678)]
    [InlineData("tel:+61-412-345-678", null, 61412345678)]
    [InlineData("tel:412-345-678;phone-context=+61", null, 61412345678)]
    [InlineData("tel:0412-345-678;phone-context=example.com", "AU", 61412345678)]
    [InlineData("Mobile: 0412 345 678.", "AU", 61412345678)]
    [InlineData("1-800-FLOWERS", "US", 18003569377)]
    [InlineData("06 698 12345", "IT", 390669812345)]
    [InlineData("011 15 2345-6789", "AR", 5491123456789)]
    [InlineData("464 1234", "AG", 12684641234)]
    [InlineData("+800 1234 5678", null, 80012345678)]
    public void A_number_as_people_write_it_becomes_E164(string input, string? region, long expected)
    {
        Assert.Equal(ErrorCode.None, Parse(input, region, PhoneStyle.Any, out var e164, out var warning));
        Assert.Equal(expected, e164);
        Assert.Equal(ErrorCode.None, warning);
    }

    [Theory]
    [InlineData("+61412345678 ext. 12")]
    [InlineData("+61412345678x12")]
    [InlineData("+61 412 345 678;ext=12")]
    [InlineData("+61 412 345 678 extensión 12")]
    [InlineData("+61 412 345 678 доб. 12")]
    [InlineData("+61 412 345 678,,12")]
    [InlineData("+61 412 345 678 ｅｘｔ 12")]
    [InlineData("+61 412 345 678 12#")]
    public void An_extension_is_left_out_with_a_warning(string input)
    {
        Assert.Equal(ErrorCode.None, Parse(input, null, PhoneStyle.Any, out var e164, out var warning));
        Assert.Equal(61412345678, e164);
        Assert.Equal(ErrorCode.PhoneExtensionDropped, warning);
    }

    [Theory]
    [InlineData("0412345678", null, ErrorCode.PhoneUnknownRegion)]
    [InlineData("+999123456789", "AU", ErrorCode.PhoneUnknownRegion)]
    [InlineData("+6141234", null, ErrorCode.InvalidPhone)]
    [InlineData("+614", null, ErrorCode.PhoneTooShort)]
    [InlineData("+4142", null, ErrorCode.PhoneTooShort)]
    [InlineData("", "AU", ErrorCode.PhoneTooShort)]
    [InlineData("7", "AU", ErrorCode.PhoneTooShort)]
    [InlineData("+447911123456999", null, ErrorCode.PhoneTooLong)]
    [InlineData("+61999999999", null, ErrorCode.InvalidPhone)]
    [InlineData("N/A", "AU", ErrorCode.PhoneNotDigits)]
    [InlineData("-", "AU", ErrorCode.PhoneNotDigits)]
    [InlineData("0412 345 678; 0412 345 679", "AU", ErrorCode.PhoneNotDigits)]
    [InlineData("0412345678, 0412345679", "AU", ErrorCode.PhoneNotDigits)]
    [InlineData("0412 345 678 / 0412 345 679", "AU", ErrorCode.PhoneTooLong)]
    [InlineData("+61412345678/+61412345679", "AU", ErrorCode.PhoneNotDigits)]
    [InlineData("4.4E+11", "GB", ErrorCode.PhoneDamagedBySpreadsheet)]
    [InlineData("6,14E+10", "AU", ErrorCode.PhoneDamagedBySpreadsheet)]
    [InlineData("6.1412345678e10", "AU", ErrorCode.PhoneDamagedBySpreadsheet)]
    [InlineData("61412345678.0", "AU", ErrorCode.PhoneDamagedBySpreadsheet)]
    [InlineData("43664123456.0", "AT", ErrorCode.PhoneDamagedBySpreadsheet)]
    public void What_is_no_number_says_why(string input, string? region, ErrorCode expected)
    {
        Assert.Equal(expected, Parse(input, region, PhoneStyle.Any, out var e164, out _));
        Assert.Equal(0, e164);
    }

    [Theory]
    [InlineData("+919876543210", PhoneStyle.Plain, ErrorCode.None)]
    [InlineData("919876543210", PhoneStyle.Plain, ErrorCode.None)]
    [InlineData("9876543210", PhoneStyle.Plain, ErrorCode.None)]
    [InlineData("09876543210", PhoneStyle.Plain, ErrorCode.None)]
    [InlineData("98765 43210", PhoneStyle.Plain, ErrorCode.PhoneNotDigits)]
    [InlineData("98765-43210", PhoneStyle.PlainOrInternational, ErrorCode.PhoneNotDigits)]
    [InlineData("(0)9876543210", PhoneStyle.Plain, ErrorCode.PhoneNotDigits)]
    [InlineData("++919876543210", PhoneStyle.Plain, ErrorCode.PhoneNotDigits)]
    [InlineData("tel:9876543210", PhoneStyle.Plain, ErrorCode.PhoneNotDigits)]
    [InlineData("\uFF0B919876543210", PhoneStyle.Plain, ErrorCode.PhoneNotDigits)]
    [InlineData("84912345678", PhoneStyle.Plain, ErrorCode.InvalidPhone)]
    [InlineData("84912345678", PhoneStyle.PlainOrInternational, ErrorCode.None)]
    [InlineData("9.2E+11", PhoneStyle.Plain, ErrorCode.PhoneDamagedBySpreadsheet)]
    public void Plain_styles_take_digits_and_one_plus_only(string input, PhoneStyle style, ErrorCode expected) =>
        Assert.Equal(expected, Parse(input, "IN", style, out _, out _));

    [Fact]
    public void Plain_digits_are_read_in_the_region_before_they_are_read_as_international()
    {
        Assert.Equal(ErrorCode.None, Parse("9198765432", "IN", PhoneStyle.PlainOrInternational, out var e164, out _));
        Assert.Equal(919198765432, e164);
    }

    [Theory]
    [InlineData("au", "AU")]
    [InlineData("GB", "GB")]
    [InlineData("uk", "GB")]
    public void A_region_is_read_in_either_case(string code, string expected)
    {
        Assert.True(PhoneRegion.TryParse(code, out var region));
        Assert.Equal(expected, region.Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ZZ")]
    [InlineData("001")]
    [InlineData("AUS")]
    public void An_unknown_region_is_none(string? code)
    {
        Assert.False(PhoneRegion.TryParse(code, out var region));
        Assert.Equal(PhoneRegion.None, region);
        Assert.Equal("", region.Code);
    }

    [Theory]
    [InlineData(61412345678, "AU", PhoneType.Mobile)]
    [InlineData(61891621234, "CC", PhoneType.FixedLine)]
    [InlineData(14155552671, "US", PhoneType.FixedLineOrMobile)]
    [InlineData(12684641234, "AG", PhoneType.Mobile)]
    [InlineData(80012345678, "001", PhoneType.TollFree)]
    [InlineData(999123456789, "", PhoneType.Unknown)]
    [InlineData(0, "", PhoneType.Unknown)]
    [InlineData(long.MaxValue, "", PhoneType.Unknown)]
    [InlineData(-61412345678, "", PhoneType.Unknown)]
    public void A_number_tells_its_region_and_type(long e164, string region, PhoneType type)
    {
        Assert.Equal(region, PhoneNumber.RegionOf(e164).Code);
        Assert.Equal(type, PhoneNumber.TypeOf(e164));
    }

    [Fact]
    public void Random_bytes_end_in_a_code_and_what_is_read_reads_back_the_same()
    {
        var random = new Random(Seed);
        var alphabet = "0123456789012345678901234567890123456789+++  --..()/xXeE#~,;:*='\"\\ab\t\n"u8.ToArray();
        PhoneRegion[] regions = [PhoneRegion.None, Region("AU"), Region("US"), Region("AR"), Region("BR"), Region("JP"), Region("GG"), Region("SM"), Region("MG")];
        Span<byte> formatted = stackalloc byte[PhoneNumber.FormattedMax];
        var cell = new byte[300];
        for (var round = 0; round < 200_000; round++)
        {
            var text = cell.AsSpan(0, random.Next(8) == 0 ? random.Next(cell.Length) : random.Next(24));
            if (random.Next(3) == 0)
                random.NextBytes(text);
            else
                random.GetItems(alphabet, text);
            var region = regions[random.Next(regions.Length)];
            var style = (PhoneStyle)random.Next(3);

            var error = PhoneNumber.TryParse(text, region, style, out var e164, out var warning);

            var context = $"seed {Seed}, round {round}, {Convert.ToHexString(text)}";
            Assert.True(Enum.IsDefined(error) && warning is ErrorCode.None or ErrorCode.PhoneExtensionDropped, context);
            Assert.True(error == ErrorCode.None == e164 > 0, context);
            if (error == ErrorCode.None)
                AssertReadsBack(e164, formatted, context);
        }
    }

    [Fact]
    public void Random_numbers_of_every_plan_read_back_the_same()
    {
        var random = new Random(Seed);
        Span<byte> formatted = stackalloc byte[PhoneNumber.FormattedMax];
        var (asked, misread) = (0, 0);
        for (var plan = 0; plan < NumberingPlan.Codes.Length; plan++)
        {
            for (var round = 0; round < 50; round++)
            {
                var e164 = RandomNumber(new NumberingPlan(plan), random);
                var context = $"seed {Seed}, plan {plan}, {e164}";
                Assert.NotEqual(PhoneType.Unknown, PhoneNumber.TypeOf(e164));
                asked++;
                // A few premium numbers of Belarus begin as another number with a trunk prefix does, and libphonenumber reads that one.
                if (Parse("+" + e164, null, PhoneStyle.Any, out var read, out _) != ErrorCode.None || read != e164)
                {
                    misread++;
                    continue;
                }
                AssertReadsBack(e164, formatted, context);
                Assert.Equal(ErrorCode.None, Parse($"tel:+{e164};ext=7", null, PhoneStyle.Any, out var again, out var warning));
                Assert.Equal((e164, ErrorCode.PhoneExtensionDropped), (again, warning));
            }
        }
        Assert.True(misread <= asked * 0.001, $"{misread} of {asked} are not read as the plans have them");
    }

    [Fact]
    public void Parsing_allocates_nothing()
    {
        byte[][] cells = ["+61412345678"u8.ToArray(), "0412345678"u8.ToArray(), "(04) 1234-5678"u8.ToArray(), "tel:0412345678;ext=5"u8.ToArray(), "N/A"u8.ToArray(), "４４ ext 5"u8.ToArray()];
        var region = Region("AU");
        ParseAll(cells, region);

        var before = GC.GetAllocatedBytesForCurrentThread();
        ParseAll(cells, region);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void ParseAll(byte[][] cells, PhoneRegion region)
        {
            foreach (var cell in cells)
                _ = PhoneNumber.TryParse(cell, region, PhoneStyle.Any, out _, out _);
        }
    }

    [Fact]
    public void The_compiled_metadata_is_that_of_the_vendored_file()
    {
        var source = Repository.Full("tools/PhoneMetadata/libphonenumber-js/metadata.max.json");
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(source)), NumberingPlan.SourceHash());
    }

    private static void AssertReadsBack(long e164, Span<byte> formatted, string context)
    {
        var text = formatted[..PhoneNumber.Format(e164, formatted)];
        Assert.Equal("+" + e164.ToString(CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text));
        var error = PhoneNumber.TryParse(text, PhoneRegion.None, PhoneStyle.Plain, out var again, out var warning);
        Assert.True(error == ErrorCode.None && again == e164 && warning == ErrorCode.None, $"{context}: {e164} read back as {error} {again}");
        Assert.NotEqual(PhoneType.Unknown, PhoneNumber.TypeOf(e164));
    }

    /// <summary>Walks the automaton at random from the plan's calling code until it accepts.</summary>
    private static long RandomNumber(NumberingPlan plan, Random random)
    {
        while (true)
        {
            var state = plan.AfterCallingCode;
            long value = plan.CallingCode;
            while (state != 0)
            {
                var digit = random.Next(10);
                if (NumberingPlan.Step(state, digit) is 0 && random.Next(40) != 0)
                    continue;
                state = NumberingPlan.Step(state, digit);
                value = value * 10 + digit;
                if (NumberingPlan.Accepted(state) && random.Next(2) == 0)
                    return value;
            }
        }
    }

    private static PhoneRegion Region(string code) => PhoneRegion.TryParse(code, out var region) ? region : throw new ArgumentException(code, nameof(code));

    private static ErrorCode Parse(string input, string? region, PhoneStyle style, out long e164, out ErrorCode warning) =>
        PhoneNumber.TryParse(Encoding.UTF8.GetBytes(input), region is null ? PhoneRegion.None : Region(region), style, out e164, out warning);
}
