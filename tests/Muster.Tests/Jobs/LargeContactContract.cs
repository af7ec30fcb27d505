using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Small rows that meet large contacts: a batch holds no more of them at once than its bytes allow, and what comes out is the same.</summary>
public abstract class LargeContactContract : StoreContract
{
    const int Contacts = 60;
    const int LargeBytes = 20_000;
    const int BytesMax = 1 << 16;

    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("email", null)]
    [InlineData("phone,email", null)]
    [InlineData("email", "last")]
    public async Task An_import_is_cut_where_its_contacts_would_be_too_much_and_ends_as_if_it_were_not(string match, string? onDuplicateRow)
    {
        using var whole = await SceneAsync();
        using var cut = await SceneAsync();
        var options = new ImportOptions { Match = match, OnDuplicateRow = onDuplicateRow, Lists = ["L"], Tags = ["t"] };
        await RunAsync(whole, options, int.MaxValue / 2);
        await RunAsync(cut, options, BytesMax);

        var batches = await cut.LedgerAsync();
        Assert.Single(await whole.LedgerAsync());
        Assert.All(batches, b => Assert.InRange(b.Ledger.ContactId.Where(id => id != 0).Distinct().Count(), 0, BytesMax / LargeBytes + 1 + NewContacts(b.Ledger)));
        Assert.Equal(Told(await whole.ContactsAsync()), Told(await cut.ContactsAsync()));
        Assert.Equal((await whole.ImportAsync()).Counts, (await cut.ImportAsync()).Counts);
        Assert.Equal(await RowsAsync(whole), await RowsAsync(cut));

        static int NewContacts(LedgerBatch ledger) => ledger.Outcome.Count(o => o == Outcome.Created);
    }

    [Fact]
    public async Task Parts_that_were_committed_before_a_crash_are_not_written_twice()
    {
        using var whole = await SceneAsync();
        using var crashing = await SceneAsync();
        var options = new ImportOptions { Lists = ["L"] };
        await RunAsync(whole, options, int.MaxValue / 2);
        await Assert.ThrowsAsync<CrashException>(() => RunAsync(crashing, options, BytesMax, crashAfter: 4));
        Assert.Equal(5, (await crashing.ImportAsync()).NextBatch);
        await crashing.Stores.Imports.AbandonAsync(new(crashing.Account.Id, crashing.ImportId, (await crashing.ImportAsync()).LeaseEpoch), None);
        await RunClaimedAsync(crashing, BytesMax, crashAfter: null);

        Assert.Equal(ImportStatus.Completed, (await crashing.ImportAsync()).Status);
        Assert.Equal(Told(await whole.ContactsAsync()), Told(await crashing.ContactsAsync()));
        Assert.Equal(await RowsAsync(whole), await RowsAsync(crashing));
    }

    [Fact]
    public async Task A_contact_that_is_larger_than_a_batch_may_be_is_written_by_itself()
    {
        using var scene = await SceneAsync();
        await RunAsync(scene, new(), bytesMax: 1 << 10);
        Assert.All(await scene.LedgerAsync(), b => Assert.InRange(b.Ledger.Outcome.Count(o => o is Outcome.Updated), 0, 1));
        Assert.Equal(Contacts - 1, (await scene.ImportAsync()).Counts.Updated);
    }

    async Task<ImportScene> SceneAsync()
    {
        var scene = await ImportScene.EmptyAsync(Open(), batchRows: 1_000);
        var csv = new StringBuilder("email,phone,first_name,bio,score\n");
        for (var i = 0; i < Contacts; i++)
            csv.Append(CultureInfo.InvariantCulture, $"p{i}@example.org,+614000{i:00000},Old {i},{new string((char)('a' + i % 26), LargeBytes)},{i}\n");
        await scene.AcceptAsync(csv.ToString(), new());
        Assert.True(await scene.RunPipelineAsync(scene.Stores.Contacts));
        return scene;
    }

    static async Task RunAsync(ImportScene scene, ImportOptions options, int bytesMax, int? crashAfter = null)
    {
        // Updates, repeats, rejects, a contact that is new, one that stays as it is.
        var csv = new StringBuilder("email,phone,first_name\n");
        for (var i = 0; i < Contacts; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"p{i}@example.org,+614000{i:00000},{(i == 7 ? "Old 7" : $"New {i}")}\n");
            if (i % 9 == 0)
                csv.Append(CultureInfo.InvariantCulture, $"P{i}@example.org,+614000{i:00000},Repeat {i}\nnobody,,\nfresh{i}@example.org,,Fresh\n");
        }
        scene.Await(await scene.AcceptAsync(csv.ToString(), options));
        await RunClaimedAsync(scene, bytesMax, crashAfter);
    }

    static async Task RunClaimedAsync(ImportScene scene, int bytesMax, int? crashAfter)
    {
        var contacts = scene.Faulty(async (batch, write) =>
        {
            var result = await write(batch);
            return result is BatchResult.Committed && batch.Rows.BatchNumber == crashAfter ? throw new CrashException() : result;
        });
        Assert.True(await scene.RunPipelineAsync(contacts, bytesMax));
    }

    static async Task<IReadOnlyList<string>> RowsAsync(ImportScene scene) =>
        [.. (await scene.LedgerAsync()).SelectMany(b => Enumerable.Range(0, b.Ledger.Count).Select(row =>
            $"{b.Ledger.RowNumber[row]} {b.Ledger.Line[row]} {b.Ledger.ByteOffset[row]}+{b.Ledger.ByteLength[row]} {b.Ledger.Outcome[row]} of {b.Ledger.DuplicateOf[row]} rev {b.Ledger.RevAfter[row]} "
            + string.Join(',', b.Ledger.Errors.Where(e => e.Row == row).Select(e => e.Code)) + string.Join(',', b.Ledger.Changes.Where(c => c.Row == row).Select(c => $"{c.Field} was {Encoding.UTF8.GetString(c.Before ?? [])}"))))];

    static IReadOnlyList<string> Told(IReadOnlyList<Contact> contacts) =>
        [.. contacts.Select(c => $"{c.Email} {c.Phone} {c.FirstName} {c.Fields.GetValueOrDefault("bio")} {c.Fields.GetValueOrDefault("score")} [{string.Join(',', c.Lists)}] [{string.Join(',', c.Tags)}] rev {c.Rev}").Order(StringComparer.Ordinal)];
}
