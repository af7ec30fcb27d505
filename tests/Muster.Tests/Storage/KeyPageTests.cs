using Muster.Sqlite.Keys;

namespace Muster.Tests.Storage;

public sealed class KeyPageTests
{
    /// <summary>Even, clustered at either end, in two heaps, far apart, and next to each other.</summary>
    public static TheoryData<string> Spreads => ["even", "low", "high", "heaps", "powers", "dense"];

    [Theory]
    [MemberData(nameof(Spreads))]
    public void Every_key_of_a_page_is_found_and_no_other(string spread)
    {
        var random = new Random(20261122);
        foreach (var count in (int[])[1, 2, 3, 7, 16, 17, 33, 100, 1_000])
        {
            long[] keys = [.. Enumerable.Range(0, 10 * count).Select(i => Key(spread, i, count, random)).Distinct().Order().Take(count)];
            long[] contacts = [.. keys.Select((_, i) => 7L << 32 | (uint)(i * 31 + 1))];
            var room = new byte[KeyPage.RoomFor(keys.Length)];
            var page = room.AsSpan(0, KeyPage.Encode(keys, contacts, room)).ToArray();
            long[] wanted = [long.MinValue, .. keys.SelectMany(k => (long[])[k - 1, k, k + 1]), long.MaxValue];
            foreach (var order in (long[][])[wanted, [.. wanted.Order()], [.. wanted.OrderDescending()], [.. wanted.Order().Where((_, i) => i % 50 == 0)], [.. wanted.OrderBy(_ => random.Next())]])
            {
                var search = new KeyPageSearch(page);
                foreach (var key in order)
                    Assert.Equal(Array.IndexOf(keys, key) is >= 0 and var at ? contacts[at] : 0, search.Find(key));
            }
        }
    }

    static long Key(string spread, int i, int count, Random random) => spread switch
    {
        "even" => random.NextInt64(),
        "low" => i == 0 ? long.MaxValue - 5 : random.Next(20 * count),
        "high" => i == 0 ? -4_000_000_000_000_000_000 : 4_000_000_000_000_000_000 + random.Next(20 * count),
        "heaps" => (i % 2 == 0 ? 0 : 1L << 60) + random.Next(20 * count),
        "powers" => i < 62 ? 1L << i : random.Next(1_000_000),
        _ => i,
    };
}
