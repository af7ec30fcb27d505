using Muster.Sqlite;
using Muster.Sqlite.Keys;

namespace Muster.Tests.Storage;

/// <summary>The key pages against a plain dictionary, in a real database.</summary>
public sealed class KeyIndexTests : IDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    readonly OpenSqliteStores stores = new();
    readonly SortedDictionary<long, long> model = [];

    public void Dispose() => stores.Dispose();

    [Fact]
    public async Task Keys_in_any_order_have_the_owner_that_a_dictionary_says()
    {
        var random = new Random(20261122);
        for (var batch = 0; batch < 30; batch++)
        {
            var sorted = batch % 3 != 2;
            var operations = Enumerable.Range(0, random.Next(1, 4_000)).Select(_ => (Key: Key(random), What: random.Next(4), Contact: 1L << 32 | (uint)random.Next(1, 50_000)));
            await RunAsync(sorted ? [.. operations.OrderBy(o => o.Key)] : [.. operations.Take(300)]);
            Assert.Equal(model, await StoredAsync());
        }
    }

    [Fact]
    public async Task Pages_of_a_growing_index_stay_within_their_size_and_well_filled()
    {
        var random = new Random(7);
        for (var batch = 0; batch < 6; batch++)
        {
            await RunAsync([.. Enumerable.Range(0, 20_000).Select(i => (Key: random.NextInt64(), What: 0, Contact: 1L << 32 | (uint)(batch * 20_000 + i))).OrderBy(o => o.Key)]);
            var pages = await PagesAsync("contact_key_page");
            Assert.All(await PagesAsync(), p => Assert.InRange(p.Length, 1, KeyPage.BytesMax));
            Assert.InRange(pages.Sum(p => p.Length) / (double)pages.Count, KeyPage.BytesMax * 0.4, KeyPage.BytesMax);
        }
        Assert.Equal(model, await StoredAsync());
    }

    [Fact]
    public async Task A_batch_writes_a_small_part_of_a_large_index()
    {
        var random = new Random(11);
        for (var batch = 0; batch < 12; batch++)
            await RunAsync([.. Enumerable.Range(0, 20_000).Select(i => (Key: random.NextInt64(), What: 0, Contact: 1L << 32 | (uint)(batch * 20_000 + i))).OrderBy(o => o.Key)]);
        var (settled, recent) = (await PagesAsync("contact_key_page"), await PagesAsync("contact_key_recent"));
        Assert.InRange(settled.Count, 4 * recent.Count / 2, int.MaxValue);
        Assert.InRange(recent.Sum(page => KeyPage.CountOf(page)), 1, model.Count / 2);
        Assert.Equal(model, await StoredAsync());
    }

    [Fact]
    public async Task An_index_that_loses_all_its_keys_leaves_no_page()
    {
        await RunAsync([.. Enumerable.Range(0, 10_000).Select(i => (Key: (long)i << 40, What: 0, Contact: 1L << 32 | 5))]);
        Assert.NotEmpty(await PagesAsync("contact_key_page"));
        await RunAsync([.. Enumerable.Range(0, 10_000).Select(i => (Key: (long)i << 40, What: 1, Contact: 1L << 32 | 5))]);
        Assert.Empty(await PagesAsync("contact_key_page"));
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task What_is_forgotten_was_never_written()
    {
        await stores.Stores.Database.WriteAsync(
            s =>
            {
                var index = SessionKeyPages.Index(s);
                Assert.True(index.TryTake(5, 50));
                index.Forget();
                Assert.Equal(0, index.Find(5));
                index.Flush();
                return 0;
            },
            None);
        Assert.Empty(await PagesAsync());
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    public async Task Keys_at_the_ends_are_keys_like_others(long key)
    {
        await RunAsync([(key, 0, 7), (key, 0, 8)]);
        await RunAsync([.. Enumerable.Range(1, 5_000).Select(i => (Key: i * 3_000_000_000_000_000L - 8_000_000_000_000_000_000L, What: 0, Contact: (long)i)).OrderBy(o => o.Key)]);
        Assert.Equal(7, (await StoredAsync())[key]);
        await RunAsync([(key, 1, 7)]);
        Assert.Equal(model, await StoredAsync());
    }

    [Fact]
    public void A_damaged_page_is_told_as_such()
    {
        var room = new byte[KeyPage.RoomFor(3)];
        var length = KeyPage.Encode([1, 2, 300], [4, 5, 6], room);
        var (keys, contacts) = (new long[3], new long[3]);
        KeyPage.Decode(room.AsSpan(0, length), keys, contacts);
        Assert.Equal([1, 2, 300], keys);
        Assert.Equal([4, 5, 6], contacts);
        Assert.Equal([0, 4, 5, 0, 6, 0], ((long[])[0, 1, 2, 299, 300, 301]).Select(key => new KeyPageSearch(room.AsMemory(0, length)).Find(key)));
        Assert.Throws<InvalidDataException>(() => KeyPage.Decode(room.AsSpan(0, length - 1), keys, contacts));
        Assert.Throws<InvalidDataException>(() => new KeyPageSearch(room.AsMemory(0, length - 1)));
    }

    /// <summary>Operations of one transaction, each compared with the model. 0 and 3 take, 1 releases, 2 finds.</summary>
    Task<int> RunAsync((long Key, int What, long Contact)[] operations) => stores.Stores.Database.WriteAsync(
        s =>
        {
            var index = SessionKeyPages.Index(s);
            foreach (var (key, what, contact) in operations)
            {
                var known = model.TryGetValue(key, out var owner);
                switch (what)
                {
                    case 1:
                        Assert.Equal(known && owner == contact, index.TryRelease(key, contact));
                        if (known && owner == contact)
                            model.Remove(key);
                        else if (known)
                            Assert.True(index.TryRelease(key, owner) && model.Remove(key));
                        break;
                    case 2:
                        Assert.Equal(owner, index.Find(key));
                        break;
                    default:
                        Assert.Equal(model.TryAdd(key, contact), index.TryTake(key, contact));
                        break;
                }
            }
            index.Flush();
            return 0;
        },
        None);

    /// <summary>Some keys often, so that they are met again; others spread over all numbers.</summary>
    static long Key(Random random) => random.Next(2) == 0 ? random.Next(-2_000, 2_000) * 1_000_000_007L : (long)random.NextInt64() - long.MaxValue / 2;

    async Task<List<byte[]>> PagesAsync() => [.. await PagesAsync("contact_key_page"), .. await PagesAsync("contact_key_recent")];

    async Task<List<byte[]>> PagesAsync(string table) => await stores.Stores.Database.ReadAsync(
        s => s.All($"SELECT entries FROM {table} ORDER BY first", static r => r.GetFieldValue<byte[]>(0)), None);

    async Task<SortedDictionary<long, long>> StoredAsync()
    {
        var stored = new SortedDictionary<long, long>();
        foreach (var page in await PagesAsync())
        {
            var count = KeyPage.CountOf(page);
            var (keys, contacts) = (new long[count], new long[count]);
            KeyPage.Decode(page, keys, contacts);
            for (var i = 0; i < count; i++)
                stored.Add(keys[i], contacts[i]);
        }
        return stored;
    }
}
