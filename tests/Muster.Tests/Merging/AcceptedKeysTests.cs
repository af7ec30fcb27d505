using System.Globalization;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class AcceptedKeysTests : IDisposable
{
    static readonly KeyHashSeed Seed = new(1, 2);

    readonly TestFolder _place = new();

    // Not made before it is needed.
    readonly string _folder;

    public AcceptedKeysTests() => _folder = _place.File("keys");

    public void Dispose() => _place.Dispose();

    static KeyHash Hash(long n) => KeyHash.Of(KeyKind.Phone, BitConverter.GetBytes(n), Seed);

    [Fact]
    public void Second_row_with_a_key_is_told_the_first()
    {
        using var keys = new AcceptedKeys(AcceptedKeys.DefaultMemoryBytesMax, _folder);
        Assert.True(keys.TryAdd(Hash(7), 2, out var first));
        Assert.Equal(2, first);
        Assert.False(keys.TryAdd(Hash(7), 9, out first));
        Assert.Equal(2, first);
        Assert.Equal(1, keys.Count);
    }

    [Fact]
    public void Smallest_and_largest_row_numbers_and_hashes_are_kept()
    {
        using var keys = new AcceptedKeys(AcceptedKeys.DefaultMemoryBytesMax, _folder);
        KeyHash[] hashes = [new(0, 0), new(0, 1), new(1, 0), new(ulong.MaxValue, ulong.MaxValue), new(ulong.MaxValue, 0), new(1ul << 58, 0)];
        foreach (var hash in hashes)
            Assert.True(keys.TryAdd(hash, 0, out _));
        foreach (var hash in hashes)
        {
            Assert.False(keys.TryAdd(hash, 5, out var first));
            Assert.Equal(0, first);
        }
        Assert.True(keys.TryAdd(new(5, 5), AcceptedKeys.RowNumberMax, out _));
        Assert.False(keys.TryAdd(new(5, 5), 1, out var largest));
        Assert.Equal(AcceptedKeys.RowNumberMax, largest);
        Assert.Throws<ArgumentOutOfRangeException>(() => keys.TryAdd(new(6, 6), AcceptedKeys.RowNumberMax + 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => keys.TryAdd(new(6, 6), -1, out _));
    }

    [Fact]
    public void Hashes_that_share_a_half_stay_apart_in_memory_and_on_disk()
    {
        using var keys = new AcceptedKeys(AcceptedKeys.SmallestMemoryBytesMax, _folder);
        // Far more than random hashes ever share: runs of one High fill whole pages, and one segment takes all.
        const int count = 20_000;
        for (var i = 0; i < count; i++)
        {
            Assert.True(keys.TryAdd(new((ulong)(i / 300), (ulong)i % 300), i, out _));
            if (i % 100 == 99)
                keys.Mark();
        }
        Assert.True(keys.SpilledRuns > 0);
        for (var i = 0; i < count; i++)
        {
            Assert.False(keys.TryAdd(new((ulong)(i / 300), (ulong)i % 300), 1, out var first));
            Assert.Equal(i, first);
        }
    }

    [Theory]
    [InlineData(1, 64 << 10, 60_000, 0)]
    [InlineData(2, 64 << 10, 60_000, 20_000)]
    [InlineData(3, 200 << 10, 100_000, long.MaxValue / 1000)]
    [InlineData(4, 64 << 20, 100_000, 0)]
    [InlineData(5, 64 << 20, 100_000, 10)]
    [InlineData(6, 64 << 20, 100_000, 40_000)]
    public void Answers_equal_a_dictionary_through_marks_rollbacks_spills_and_merges(int seed, long memory, int steps, long foreseen)
    {
        var random = new Random(seed);
        using var keys = new AcceptedKeys(memory, _folder) { Foreseen = foreseen };
        var committed = new Dictionary<KeyHash, long>();
        var batch = new Dictionary<KeyHash, long>();
        var mostRuns = 0;
        for (var step = 0; step < steps; step++)
        {
            var dice = random.Next(1000);
            if (dice == 0)
            {
                keys.Mark();
                foreach (var (key, row) in batch)
                    committed.Add(key, row);
                batch.Clear();
            }
            else if (dice == 1)
            {
                keys.RollBack();
                batch.Clear();
            }
            else
            {
                var key = Hash(random.Next(steps));
                var known = committed.TryGetValue(key, out var expected) || batch.TryGetValue(key, out expected);
                Assert.True(known != keys.TryAdd(key, step, out var first), $"seed {seed}, step {step}");
                Assert.Equal(known ? expected : step, first);
                if (!known)
                    batch.Add(key, step);
            }
            Assert.Equal(committed.Count + batch.Count, keys.Count);
            mostRuns = Math.Max(mostRuns, keys.SpilledRuns);
        }
        Assert.Equal(memory < 1 << 20, mostRuns > 1);
        Assert.InRange(mostRuns, 0, 12);
    }

    [Fact]
    public void Batch_larger_than_the_memory_can_still_be_rolled_back()
    {
        using var keys = new AcceptedKeys(AcceptedKeys.SmallestMemoryBytesMax, _folder);
        for (var i = 0; i < 1000; i++)
            keys.TryAdd(Hash(i), i, out _);
        keys.Mark();
        for (var i = 1000; i < 30_000; i++)
            keys.TryAdd(Hash(i), i, out _);
        keys.RollBack();
        Assert.Equal(1000, keys.Count);
        for (var i = 0; i < 30_000; i++)
            Assert.Equal(i >= 1000, keys.TryAdd(Hash(i), i, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    [InlineData(100_000_000)]
    public void Three_million_keys_stay_within_16_MiB(long foreseen)
    {
        const long limit = 16 << 20;
        const int count = 3_000_000;
        using var keys = new AcceptedKeys(limit, _folder) { Foreseen = foreseen };
        long most = 0;
        for (var i = 0; i < count; i++)
        {
            if (!keys.TryAdd(Hash(i), i, out _))
                Assert.Fail($"key {i.ToString(CultureInfo.InvariantCulture)} was new");
            if (i % 50_000 == 0)
                keys.Mark();
            if (i % 1000 == 0)
                most = Math.Max(most, keys.MemoryBytes);
        }
        Assert.Equal(count, keys.Count);
        Assert.True(most <= limit, $"{most} bytes");
        Assert.True(keys.SpilledRuns > 0);
        for (var i = 0; i < count; i += 1009)
        {
            Assert.False(keys.TryAdd(Hash(i), count, out var first));
            Assert.Equal(i, first);
        }
    }

    [Theory]
    [InlineData(400_000, false)]
    [InlineData(2_000_000_000, true)]
    public void Memory_is_taken_at_once_for_the_keys_foreseen_if_all_of_them_have_room(long foreseen, bool isTooMany)
    {
        const long limit = 16 << 20;
        using var keys = new AcceptedKeys(limit, _folder) { Foreseen = foreseen };
        for (var i = 0; i < 5_000; i++)
            keys.TryAdd(Hash(i), i, out _);
        var few = keys.MemoryBytes;
        for (var i = 5_000; i < 400_000; i++)
        {
            keys.TryAdd(Hash(i), i, out _);
            if (i % 5_000 == 0)
                keys.Mark();
        }
        Assert.InRange(few, isTooMany ? 0 : limit / 2, isTooMany ? limit / 8 : limit);
        Assert.InRange(keys.MemoryBytes, few, isTooMany ? limit : few * 11 / 10);
        Assert.Equal(0, keys.SpilledRuns);
    }

    [Fact]
    public void No_file_is_left_behind()
    {
        using (var keys = new AcceptedKeys(AcceptedKeys.SmallestMemoryBytesMax, _folder))
        {
            for (var i = 0; i < 50_000; i++)
            {
                keys.TryAdd(Hash(i), i, out _);
                if (i % 500 == 0)
                    keys.Mark();
            }
            Assert.True(keys.SpilledRuns > 0);
        }
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Spill_that_fails_changes_nothing()
    {
        Directory.CreateDirectory(_folder);
        var blocked = Path.Combine(_folder, "a-file-where-a-folder-should-be");
        File.WriteAllText(blocked, "");
        using var keys = new AcceptedKeys(AcceptedKeys.SmallestMemoryBytesMax, blocked);
        var added = 0;
        Assert.ThrowsAny<IOException>(() => FillForever(keys, ref added));
        Assert.Equal(added, keys.Count);
        File.Delete(blocked);
        Assert.True(keys.TryAdd(Hash(added), added, out _));
        Assert.Equal(1, keys.SpilledRuns);
        for (var i = 0; i <= added; i++)
            Assert.False(keys.TryAdd(Hash(i), 0, out _));
    }

    static void FillForever(AcceptedKeys keys, ref int added)
    {
        while (true)
        {
            keys.TryAdd(Hash(added), added, out _);
            added++;
            keys.Mark();
        }
    }
}
