using Muster.Contacts;

namespace Muster.Tests.Contacts;

public sealed class KeySortTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(5_000)]
    [InlineData(150_000)]
    public void Keys_ascend_and_keep_what_belongs_to_them(int count)
    {
        var random = new Random(count);
        Check([.. Enumerable.Range(0, count).Select(_ => random.NextInt64(long.MinValue, long.MaxValue))]);
    }

    [Fact]
    public void Keys_that_are_no_hashes_are_sorted_too() => Check([.. Enumerable.Range(0, 9_000).Select(i => (long)(i * 7919 % 9_001))]);

    [Fact]
    public void The_same_key_many_times_is_sorted_too() => Check([.. Enumerable.Range(0, 9_000).Select(i => i % 3 == 0 ? long.MinValue : i % 3 == 1 ? long.MaxValue : 5L)]);

    [Fact]
    public void A_sorter_is_used_again()
    {
        var sort = new KeySort();
        Check([3, 1, 2], sort);
        Check([.. Enumerable.Range(0, 100).Select(i => -(long)i << 40)], sort);
        Check([9, 8], sort);
    }

    static void Check(long[] keys, KeySort? sort = null)
    {
        var sorted = keys.ToArray();
        int[] items = [.. Enumerable.Range(0, keys.Length)];
        (sort ?? new()).Sort(sorted, items, keys.Length);
        Assert.Equal(keys.Order(), sorted);
        Assert.Equal(sorted, items.Select(i => keys[i]));
        Assert.Equal(keys.Length, items.Distinct().Count());
    }
}
