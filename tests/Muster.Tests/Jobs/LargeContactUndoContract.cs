using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Merging;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Undos of imports whose contacts have grown since: no more of them are held at once than a batch's bytes allow, and what comes out is the same.</summary>
public abstract class LargeContactUndoContract : StoreContract
{
    const int Contacts = 60;
    const int LargeBytes = 20_000;
    const int BytesMax = 1 << 17; // half of it is an undo's
    const int Whole = int.MaxValue / 2;

    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undo_is_cut_where_its_contacts_would_be_too_much_and_ends_as_if_it_were_not(bool force)
    {
        using var whole = await SceneAsync();
        using var cut = await SceneAsync();
        foreach (var (scene, bytesMax) in new[] { (whole, Whole), (cut, BytesMax) })
        {
            foreach (var redo in new[] { false, true, false })
            {
                if (!redo)
                    await PreviewAsync(scene, force, bytesMax);
                await ReverseAsync(scene, force, redo, bytesMax);
            }
        }
        var (first, parts) = (await LastAsync(whole, ImportKind.Undo), await LastAsync(cut, ImportKind.Undo));
        Assert.Single(await whole.LedgerAsync(first.Id));
        var ledgers = await cut.LedgerAsync(parts.Id);
        Assert.InRange(ledgers.Count, Contacts * LargeBytes * 2 / BytesMax, 2 * Contacts);
        Assert.All(ledgers, b => Assert.InRange(b.Ledger.ContactId.Distinct().Count(), 1, BytesMax / 2 / LargeBytes));
        Assert.Equal((first.Counts, first.Removed), (parts.Counts, parts.Removed));
        Assert.Equal(await RowsAsync(whole, first.Id), await RowsAsync(cut, parts.Id));
        Assert.Equal(await ToldAsync(whole), await ToldAsync(cut));
        await ReverseAsync(whole, force, redo: true, Whole);
        await ReverseAsync(cut, force, redo: true, BytesMax);
        Assert.Equal(await ToldAsync(whole), await ToldAsync(cut));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undo_that_dies_between_any_two_parts_goes_on_behind_the_last_one(bool force)
    {
        using var whole = await SceneAsync();
        using var dying = await SceneAsync();
        foreach (var redo in new[] { false, true, false })
        {
            await ReverseAsync(whole, force, redo, Whole);
            var id = await ReverseAsync(dying, force, redo, BytesMax, dies: true);
            var rows = await dying.LedgerAsync(id);
            Assert.Equal(Enumerable.Range(0, rows.Count), rows.Select(b => b.Number));
            Assert.Equal(await RowsAsync(whole, (await LastAsync(whole, redo ? ImportKind.Redo : ImportKind.Undo)).Id), await RowsAsync(dying, id));
            Assert.Equal(await ToldAsync(whole), await ToldAsync(dying));
        }
    }

    [Fact]
    public async Task A_contact_that_is_larger_than_a_batch_may_be_is_taken_back_by_itself()
    {
        using var scene = await SceneAsync();
        var undo = await ReverseAsync(scene, force: true, redo: false, bytesMax: 1 << 10);
        Assert.All(await scene.LedgerAsync(undo), b => Assert.Single(b.Ledger.ContactId.Distinct()));
        Assert.Equal("0 contacts", (await ToldAsync(scene))[0]);
    }

    /// <summary>Small contacts, some of them written by two rows of the import that lie far apart; then an import that makes all of them large.</summary>
    async Task<ImportScene> SceneAsync()
    {
        var scene = await ImportScene.EmptyAsync(Open(), batchRows: 1_000);
        var csv = new StringBuilder("email,phone,first_name\n");
        for (var i = 0; i < Contacts; i++)
            csv.Append(CultureInfo.InvariantCulture, $"p{i}@example.org,+614000{i:00000},Ann {i}\n");
        for (var i = 0; i < Contacts; i += 7)
            csv.Append(CultureInfo.InvariantCulture, $",+614000{i:00000},Again {i}\n");
        scene.Await(await scene.AcceptAsync(csv.ToString(), new() { Match = "email,phone", Lists = ["L"], Tags = ["t"] }));
        Assert.True(await scene.RunPipelineAsync(scene.Stores.Contacts));
        Assert.Single(await scene.LedgerAsync());
        csv.Clear().Append("email,bio\n");
        for (var i = 0; i < Contacts; i++)
            csv.Append(CultureInfo.InvariantCulture, $"p{i}@example.org,{new string((char)('a' + i % 26), LargeBytes)}\n");
        await scene.AcceptAsync(csv.ToString(), new() { Lists = ["Later"] });
        Assert.True(await scene.RunPipelineAsync(scene.Stores.Contacts));
        return scene;
    }

    static ImportReversal Reversal(ImportScene scene, int bytesMax) =>
        new(scene.Settings with { BatchBytesMax = bytesMax }, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);

    static async Task PreviewAsync(ImportScene scene, bool force, int bytesMax)
    {
        var preview = Assert.IsType<ReversalResult.Previewed>(await Reversal(scene, bytesMax).UndoAsync(scene.Account.Id, scene.ImportId, new(force), preview: true, None)).Preview;
        Assert.Equal((force ? Contacts : 0L, (long)Contacts), (preview.Removed, preview.Conflicts));
    }

    /// <param name="dies">Before and after each part once.</param>
    static async Task<Guid> ReverseAsync(ImportScene scene, bool force, bool redo, int bytesMax, bool dies = false)
    {
        var reversal = Reversal(scene, bytesMax);
        var result = redo
            ? await reversal.RedoAsync(scene.Account.Id, scene.ImportId, new(force), preview: false, None)
            : await reversal.UndoAsync(scene.Account.Id, scene.ImportId, new(force), preview: false, None);
        var id = Assert.IsType<ReversalResult.Accepted>(result).Import.Id;
        var deaths = new HashSet<(int, bool)>();
        while ((await scene.ImportAsync(id)).Status != ImportStatus.Completed)
        {
            var contacts = new FaultyContacts(scene.Stores.Contacts, static (batch, write) => write(batch))
            {
                RevertStep = async (batch, write) =>
                {
                    if (dies && deaths.Add((batch.Number, false)))
                        throw new CrashException();
                    var outcome = await write();
                    return dies && outcome is BatchResult.Committed && deaths.Add((batch.Number, true)) ? throw new CrashException() : outcome;
                },
            };
            try
            {
                Assert.True(await scene.RunPipelineAsync(contacts, bytesMax));
            }
            catch (CrashException)
            {
                scene.Stores.Reopen();
            }
        }
        return id;
    }

    static async Task<Import> LastAsync(ImportScene scene, ImportKind kind)
    {
        var page = await scene.Stores.Imports.ListAsync(scene.Account.Id, null, 100, None);
        return page.Items.Where(i => i.Kind == kind).MaxBy(i => i.Id)!; // each test reverses something before
    }

    /// <summary>What the ledger tells of each row, whatever batch it is of.</summary>
    static async Task<IReadOnlyList<string>> RowsAsync(ImportScene scene, Guid id) =>
        [.. (await scene.LedgerAsync(id)).SelectMany(b => Enumerable.Range(0, b.Ledger.Count).Select(row =>
            $"{b.Ledger.RowNumber[row]:000} {b.Ledger.Outcome[row]} {b.Ledger.Revert!.Fate[row]} rev {b.Ledger.RevAfter[row]} "
            + string.Join(',', b.Ledger.Errors.Where(e => e.Row == row).Select(e => e.Code))
            + string.Join(',', b.Ledger.Changes.Where(c => c.Row == row).Select(c => $"{c.Field} was {Encoding.UTF8.GetString(c.Before ?? [])[..Math.Min(20, c.Before?.Length ?? 0)]}")))).Order(StringComparer.Ordinal)];

    static async Task<IReadOnlyList<string>> ToldAsync(ImportScene scene)
    {
        var contacts = await scene.ContactsAsync();
        return [$"{contacts.Count} contacts", .. contacts.Select(c => $"{c.Id} {c.Email} {c.Phone} {c.FirstName} {c.Fields.GetValueOrDefault("bio")?.ToString()?.Length} [{string.Join(',', c.Lists)}] [{string.Join(',', c.Tags)}] rev {c.Rev}")];
    }
}
