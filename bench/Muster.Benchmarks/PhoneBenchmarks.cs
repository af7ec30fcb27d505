using System.Text;
using BenchmarkDotNet.Attributes;
using Muster.Contacts;
using Muster.Validation.Phones;

namespace Muster.Benchmarks;

/// <summary>One phone verdict; numbers of AU, IN, DE and US in turn.</summary>
[MemoryDiagnoser]
public class PhoneBenchmarks
{
    const int Numbers = 4_096; // a power of two, so that turning costs nothing
    (byte[] Text, PhoneRegion Region)[] international = [];
    (byte[] Text, PhoneRegion Region)[] national = [];
    int next;

    [GlobalSetup]
    public void Generate()
    {
        international = [.. GeneratedColumns.Column("phone", goodOnly: false).Take(Numbers).Select(c => (c.Cell, Region(c.Region)))];
        national = [.. international.Select(c => (NationalForm(c.Text), c.Region))];
    }

    [Benchmark]
    public ErrorCode E164() => Verdict(international);

    [Benchmark]
    public ErrorCode National_form() => Verdict(national);

    ErrorCode Verdict((byte[] Text, PhoneRegion Region)[] numbers)
    {
        var (text, region) = numbers[next++ & (Numbers - 1)];
        return PhoneNumber.TryParse(text, region, PhoneStyle.Any, out _, out _);
    }

    static PhoneRegion Region(string code) =>
        PhoneRegion.TryParse(code, out var region) ? region : throw new InvalidOperationException($"{code} is no region.");

    static byte[] NationalForm(byte[] e164) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(e164) switch
    {
        ['+', '1', .. var n] => $"({n[..3]}) {n[3..6]}-{n[6..]}",
        ['+', _, _, .. var n] => $"0{n[..3]} {n[3..]}",
        var other => other,
    });
}
