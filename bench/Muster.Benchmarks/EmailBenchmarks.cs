using System.Text;
using BenchmarkDotNet.Attributes;
using Muster.Validation;

namespace Muster.Benchmarks;

/// <summary>One e-mail address: its verdict, and the key it is compared by.</summary>
[MemoryDiagnoser]
public class EmailBenchmarks
{
    const int Addresses = 4_096; // a power of two, so that turning costs nothing
    readonly byte[] key = new byte[EmailAddress.KeyBytesMax];
    readonly byte[] international = Encoding.UTF8.GetBytes("jürgen@bücher.example");
    byte[][] addresses = [];
    int next;

    [GlobalSetup]
    public void Generate() => addresses = [.. GeneratedColumns.Column("email", goodOnly: false).Take(Addresses).Select(c => c.Cell)];

    [Benchmark]
    public bool Verdict() => EmailAddress.IsValid(addresses[next++ & (Addresses - 1)]);

    [Benchmark]
    public int Key()
    {
        EmailAddress.TryGetKey(addresses[next++ & (Addresses - 1)], key, out var written);
        return written;
    }

    [Benchmark]
    public bool Verdict_of_an_international_address() => EmailAddress.IsValid(international);
}
