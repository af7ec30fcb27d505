using BenchmarkDotNet.Attributes;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Benchmarks;

/// <summary>The keys of a file: hashing them, and finding repeats among a million.</summary>
[MemoryDiagnoser]
public class InFileKeyBenchmarks
{
    const int Keys = 1_000_000;
    readonly KeyHashSeed seed = new(0x0706050403020100, 0x0F0E0D0C0B0A0908);
    readonly byte[] address = "a.fernandez4g3k@example.com"u8.ToArray();
    KeyHash[] hashes = [];
    string folder = "";

    [GlobalSetup]
    public void Generate()
    {
        folder = Directory.CreateTempSubdirectory("muster-benchmarks-").FullName;
        hashes = new KeyHash[Keys];
        Span<byte> key = stackalloc byte[8];
        for (var i = 0; i < Keys; i++)
        {
            BitConverter.TryWriteBytes(key, (long)i);
            hashes[i] = KeyHash.Of(KeyKind.Email, key, seed);
        }
    }

    [GlobalCleanup]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Benchmark]
    public KeyHash Hash_one_address() => KeyHash.Of(KeyKind.Email, address, seed);

    /// <param name="memory">Bytes: all keys in memory, or most in sorted files.</param>
    [Benchmark]
    [Arguments(64L << 20)]
    [Arguments(4L << 20)]
    public long Accept_a_million(long memory)
    {
        using var accepted = new AcceptedKeys(memory, folder);
        for (var i = 0; i < hashes.Length; i++)
        {
            accepted.TryAdd(hashes[i], i, out _);
            if (i % 50_000 == 0)
                accepted.Mark();
        }
        return accepted.Count;
    }
}
