using Muster.Contacts;
using Muster.Jobs;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs.Undo;

/// <summary>Undo and redo as docs/undo.md promises them.</summary>
public abstract class UndoContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    static ModelRow Row(string? email = null, string? phone = null, string? first = null, string? city = null) => new(email, phone, first, city);

    static ModelImport By(string match, string? list, string? tag, params ModelRow[] rows) => new(match, rows, list, tag);

    [Fact]
    public async Task Undo_of_a_first_import_leaves_nothing_and_redo_brings_all_of_it_back()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", "Customers", "spring", [.. Enumerable.Range(0, 10).Select(i => Row($"a{i}@example.org", $"614000000{i:00}", $"Ann {i}", "Pune"))]));
        var before = await scene.Scene.ContactsAsync();
        await scene.UndoAsync(a);
        Assert.Empty(await scene.Scene.ContactsAsync());
        Assert.Empty(await scene.Scene.Stores.Contacts.ListsAsync(scene.Scene.Account.Id, None));
        Assert.Empty(await scene.Scene.Stores.Contacts.TagsAsync(scene.Scene.Account.Id, None));
        Assert.Empty(await scene.Scene.Stores.Contacts.FieldsAsync(scene.Scene.Account.Id, None));

        await scene.RedoAsync(a);
        var after = await scene.Scene.ContactsAsync();
        Assert.Equal(before.Select(c => (c.Id, c.Email, c.Phone, c.CreatedAt)), after.Select(c => (c.Id, c.Email, c.Phone, c.CreatedAt)));
        await scene.UndoAsync(a);
        await scene.RedoAsync(a);
        Assert.Equal(ImportStatus.Completed, (await scene.Scene.ImportAsync(scene.IdOf(a))).Status);
    }

    [Fact]
    public async Task Import_over_import_and_edits_then_undo_of_the_first_keeps_what_was_written_later()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var z = await scene.ImportAsync(By("email", null, null, Row("old@example.org", "61400000099", "Old", "Oslo")));
        var a = await scene.ImportAsync(By("email", "Customers", null,
            Row("old@example.org", "61400000098", "New"), Row("kept@example.org", "61400000001", "Kim", "Pune"), Row("gone@example.org", "61400000002", "Gus")));
        var b = await scene.ImportAsync(By("phone", null, "late", Row(null, "61400000001", "Later"), Row(null, "61400000098", "Older")));
        await scene.PatchAsync(scene.Contacts[0], "city", "Lima");

        var undo = await scene.UndoAsync(a);
        var text = scene.Model.Text();
        Assert.Contains("email=old@example.org first_name=Older phone=61400000099", text, StringComparison.Ordinal); // Older came after A, the phone did not
        Assert.Contains("email=kept@example.org first_name=Later [] [late]", text, StringComparison.Ordinal); // stays by its key, with what B wrote
        Assert.DoesNotContain("gone@", text, StringComparison.Ordinal);
        Assert.True(undo.Counts.Warnings >= 2);
        await scene.RedoAsync(a);
        await scene.UndoAsync(b);
        await scene.UndoAsync(a);
        await scene.UndoAsync(z);
    }

    [Fact]
    public async Task Force_takes_later_values_back_too_and_redo_returns_them()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", null, null, Row("a@example.org", null, "Ann"), Row("b@example.org", null, "Bob")));
        await scene.ImportAsync(By("email", null, null, Row("a@example.org", null, "Anna", "Pune")));
        var later = await scene.ImportAsync(By("email", null, null, Row("b@example.org", null, "Bert")));
        await scene.UndoAsync(later);
        await scene.UndoAsync(a, force: true);
        Assert.Empty(scene.Contacts);
        await scene.RedoAsync(a);
        Assert.Equal(2, scene.Contacts.Count);
    }

    [Fact]
    public async Task A_key_handed_to_the_next_bearer_comes_back_with_the_undo()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        await scene.ImportAsync(By("email", null, null, Row("a@example.org", "61400000001"), Row("b@example.org", "61400000001")));
        var move = await scene.ImportAsync(By("email", null, null, Row("a@example.org", "61400000002")));
        await scene.ImportAsync(By("phone", null, null, Row(null, "61400000001", "Second")));
        await scene.UndoAsync(move);
        await scene.ImportAsync(By("phone", null, null, Row(null, "61400000001", "Whose"), Row(null, "61400000002", "Free again")));
    }

    [Fact]
    public async Task A_key_that_an_undo_gave_back_belongs_to_whom_the_next_import_gives_it()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", null, null, Row("p0@example.org"), Row("p1@example.org", "61400000003"), Row("p6@example.org", "61400000002"), Row(), Row("p2@example.org", "61400000004")));
        await scene.UndoAsync(a);
        await scene.ImportAsync(By("email", "List0", null, Row("p0@example.org", null, "N1", "C2"), Row("p4@example.org", "61400000002"), Row("p2@example.org", "61400000005"), Row(null, "61400000005")));
        await scene.ImportAsync(By("email", null, null, Row("p0@example.org", "61400000000")));
        await scene.PatchAsync(scene.Contacts[2], "email", "p3@example.org");
        await scene.ImportAsync(By("email", null, null, Row("p7@example.org", "61400000000"), Row("p0@example.org", "61400000000"), Row("p2@example.org", "61400000003")));
    }

    [Fact]
    public async Task Values_given_back_to_a_field_that_is_gone_are_told_then_and_show_again_with_the_field()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", null, null, Row("a@example.org", null, "Ann")));
        var b = await scene.ImportAsync(By("email", null, null, Row("b@example.org", null, null, "Pune")));
        await scene.UndoAsync(b);
        await scene.UndoAsync(a); // made the field, and takes it away
        await scene.ImportAsync(By("email", null, null, Row("c@example.org", null, null, "Oslo"))); // makes it anew
        var redo = await scene.RedoAsync(b);
        Assert.Contains(await ContactStates.ToldAsync(scene.Scene, redo.Id), line => line.EndsWith(" +Pune", StringComparison.Ordinal));
        Assert.DoesNotContain("Pune", scene.Model.Text(), StringComparison.Ordinal);
        await scene.RedoAsync(a);
        Assert.Contains("city (2)=Pune", scene.Model.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_membership_that_was_taken_away_again_later_is_not_given_back()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org"), Row("b@example.org"), Row("c@example.org")));
        var removal = await scene.ImportAsync(By("email", null, null, [.. "abc".Select(c => Row($"{c}@example.org") with { OutOfList = "Customers", OffTag = "spring" })]));
        await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org"), Row("b@example.org")));
        await scene.ImportAsync(By("email", null, null, Row("a@example.org") with { OutOfList = "Customers", OffTag = "spring" }));
        await scene.TakeOutAsync(scene.Contacts[1], "Customers");

        var undo = await scene.UndoAsync(removal);
        Assert.Equal(4, undo.Counts.Warnings); // both places of a, and both of b
        Assert.Equal(["[] []", "[] [spring]", "[Customers] [spring]"], scene.Model.Text().Split('\n')[..3].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
        await scene.RedoAsync(removal);
        await scene.UndoAsync(removal);
    }

    [Fact]
    public async Task An_undo_of_what_brought_contacts_back_leaves_them_out_as_they_were_taken_out()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org")));
        var removal = await scene.ImportAsync(By("email", null, null, Row("a@example.org") with { OutOfList = "Customers", OffTag = "spring" }));
        var back = await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org")));
        await scene.UndoAsync(back);
        await scene.UndoAsync(removal); // nothing of what was written later stands
        Assert.Contains("[Customers] [spring]", scene.Model.Text(), StringComparison.Ordinal);
        await scene.RedoAsync(back); // finds its place taken
        await scene.RedoAsync(removal);
        await scene.UndoAsync(a);
        await scene.RedoAsync(a);
    }

    [Fact]
    public async Task A_redo_does_not_bring_back_into_a_list_whom_a_person_has_taken_out_since()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        await scene.ImportAsync(By("email", null, null, Row("a@example.org"), Row("b@example.org")));
        await scene.ImportAsync(By("email", "Customers", null, Row("c@example.org")));
        var adds = await scene.ImportAsync(By("email", "Customers", null, Row("a@example.org"), Row("b@example.org")));
        await scene.UndoAsync(adds);
        await scene.JoinAsync(scene.Contacts[0], "Customers");
        await scene.TakeOutAsync(scene.Contacts[0], "Customers");
        var redo = await scene.RedoAsync(adds);
        Assert.Equal(1, redo.Counts.Warnings);
        Assert.Equal(["[] []", "[Customers] []"], scene.Model.Text().Split('\n')[..2].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task A_list_that_is_gone_takes_nobody_back()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        var a = await scene.ImportAsync(By("email", "Customers", null, Row("a@example.org")));
        var removal = await scene.ImportAsync(By("email", null, null, Row("a@example.org") with { OutOfList = "Customers" }, Row("b@example.org")));
        await scene.UndoAsync(a); // the list is empty and goes, the contact has been written to by nobody else
        await scene.UndoAsync(removal);
        await scene.RedoAsync(a);
        await scene.RedoAsync(removal);
        await scene.UndoAsync(removal);
        Assert.Contains("l:Customers", scene.Model.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Force_gives_lists_and_tags_what_they_had_whoever_wrote_them_since()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org"), Row("b@example.org"), Row("c@example.org")));
        var removal = await scene.ImportAsync(By("email", "Late", "autumn", [.. "abc".Select(c => Row($"{c}@example.org") with { OutOfList = "Customers", OffTag = "spring" })]));
        // a came back and was taken out once more; b came back; c went out of what the import had brought it into, and came in again.
        await scene.ImportAsync(By("email", "Customers", "spring", Row("a@example.org"), Row("b@example.org")));
        await scene.TakeOutAsync(scene.Contacts[0], "Customers");
        await scene.ImportAsync(By("email", null, null, Row("a@example.org") with { OffTag = "spring" }, Row("c@example.org") with { OutOfList = "Late", OffTag = "autumn" }));
        await scene.ImportAsync(By("email", "Late", "autumn", Row("c@example.org")));

        var undo = await scene.UndoAsync(removal, force: true);
        Assert.Equal(6, undo.Counts.Warnings); // listed all the same
        Assert.Equal("[Customers] [spring]", string.Join(' ', scene.Model.Text().Split('\n')[..3].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]).Distinct()));
        Assert.DoesNotContain("l:Late", scene.Model.Text(), StringComparison.Ordinal);
        await scene.RedoAsync(removal);
        Assert.Equal(["[Late] [autumn]", "[Customers,Late] [autumn,spring]", "[Late] [autumn]"], scene.Model.Text().Split('\n')[..3].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task No_force_brings_back_or_takes_out_who_has_left_a_list()
    {
        using var scene = await UndoScene.CreateAsync(Open());
        await scene.ImportAsync(By("email", "Customers", null, Row("a@example.org"), Row("b@example.org")));
        var removal = await scene.ImportAsync(By("email", "Late", null, [.. "ab".Select(c => Row($"{c}@example.org") with { OutOfList = "Customers" })]));
        await scene.ImportAsync(By("email", "Customers", null, Row("a@example.org")));
        await scene.LeaveAsync(scene.Contacts[0], "Customers");
        await scene.LeaveAsync(scene.Contacts[1], "Late");
        var undo = await scene.UndoAsync(removal, force: true);
        Assert.Equal(2, undo.Counts.Warnings);
        Assert.Equal(["[] []", "[Customers] []"], scene.Model.Text().Split('\n')[..2].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
        await scene.RedoAsync(removal, force: true);
        await scene.ImportAsync(By("email", "Customers", null, Row("a@example.org"), Row("b@example.org")));
        Assert.Equal(["[Late] []", "[Customers] []"], scene.Model.Text().Split('\n')[..2].Select(l => l[l.IndexOf('[', StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task What_is_written_while_an_undo_looks_ahead_stays()
    {
        using var undo = await UndoScene.CreateAsync(Open());
        var scene = undo.Scene;
        var made = await undo.ImportAsync(By("email", "Customers", null, [.. Enumerable.Range(0, 12).Select(i => Row($"a{i:00}@example.org", $"614000000{i:00}", $"Ann {i}"))]));
        var (contacts, store) = (await scene.ContactsAsync(), scene.Stores.Contacts);
        var list = (await store.ListsAsync(scene.Account.Id, None)).Single().Id;
        var writer = new ContactWriter(scene.Settings, scene.Stores.Imports, store, TimeProvider.System);
        var looked = new List<int>();
        Assert.IsType<ReversalResult.Accepted>(await undo.Reversal().UndoAsync(scene.Account.Id, undo.IdOf(made), new(), preview: false, None));

        // Of each batch that is looked at ahead, one contact is written to before it is the batch's turn.
        await scene.RunPipelineAsync(new FaultyContacts(store, static (batch, write) => write(batch))
        {
            AfterPreview = async batch =>
            {
                looked.Add(batch);
                var contact = contacts[batch * UndoScene.BatchRows];
                if (batch == 1)
                    Assert.True(await store.LeaveListAsync(scene.Account.Id, list, contact.Id, None));
                else
                    Assert.IsType<ContactWriteResult.Written>(await writer.PatchAsync(scene.Account, contact.Id, new(new Dictionary<string, string?> { ["last_name"] = "Later" }), None));
            },
        });

        Assert.Equal([2, 1, 0], looked);
        Assert.Equal([("a00@example.org", "Later"), ("a03@example.org", null), ("a06@example.org", "Later")], (await scene.ContactsAsync()).Select(c => (c.Email!, c.LastName)));
    }

    [Theory]
    [InlineData(20)]
    public async Task Random_imports_edits_deletions_undos_and_redos_leave_what_the_model_says(int runs)
    {
        for (var seed = 1; seed <= (Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? runs * 20 : runs); seed++)
            await RunAsync(seed, static (_, _) => null);
    }

    /// <summary>Where in a batch the process dies.</summary>
    enum Moment { Before, Within, After }

    [Fact]
    public async Task Crashes_during_undos_and_redos_change_nothing_of_what_they_come_to()
    {
        for (var seed = 101; seed <= 108; seed++)
            await RunAsync(seed, static (scene, random) => async () =>
            {
                var crashes = new HashSet<int>();
                while (true)
                {
                    var moment = (Moment)random.Next(3);
                    var faulty = new FaultyContacts(scene.Scene.Stores.Contacts, static (batch, write) => write(batch))
                    {
                        RevertStep = async (batch, write) =>
                        {
                            if (!crashes.Add(batch.Number))
                                return await write();
                            if (moment == Moment.After)
                                await write();
                            throw new CrashException();
                        },
                    };
                    try
                    {
                        if (!await scene.Scene.RunPipelineAsync(faulty))
                            return;
                    }
                    catch (CrashException)
                    {
                        scene.Scene.Stores.Reopen();
                    }
                }
            });
    }

    /// <remarks>No two contacts show one value here: which of them owns it hangs on where batches end, and parts end elsewhere than the model's batches.</remarks>
    [Theory]
    [InlineData(20)]
    public async Task Undos_and_redos_in_parts_leave_what_the_model_says(int runs)
    {
        for (var seed = 201; seed <= 200 + (Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? runs * 5 : runs); seed++)
            await RunAsync(seed, static (scene, random) => () => scene.Scene.RunPipelineAsync(scene.Scene.Stores.Contacts, batchBytesMax: random.Next(10, 200)), mayShare: false);
    }

    async Task RunAsync(int seed, Func<UndoScene, Random, Func<Task>?> reversal, bool mayShare = true)
    {
        var random = new Random(seed);
        using var scene = await UndoScene.CreateAsync(Open());
        scene.Tell($"seed {seed}");
        scene.RunReversal = reversal(scene, random);
        var imports = new List<(int Op, bool Undone)>();
        for (var step = 0; step < 14; step++)
        {
            var standing = imports.FindAll(i => !i.Undone);
            var undone = imports.FindAll(i => i.Undone);
            switch (random.Next(10))
            {
                case 0 or 1 when standing.Count > 0:
                    var taken = standing[random.Next(standing.Count)];
                    await scene.UndoAsync(taken.Op, force: random.Next(5) == 0);
                    imports[imports.IndexOf(taken)] = (taken.Op, true);
                    break;
                case 2 or 3 when undone.Count > 0:
                    var back = undone[random.Next(undone.Count)];
                    await scene.RedoAsync(back.Op, force: random.Next(5) == 0);
                    imports[imports.IndexOf(back)] = (back.Op, false);
                    break;
                case 4 or 5 when scene.Contacts.Count > 0:
                    var (field, value) = Edit(random, mayShare);
                    await scene.PatchAsync(scene.Contacts[random.Next(scene.Contacts.Count)], field, value);
                    break;
                case 7 when scene.Contacts.Count > 0 && random.Next(2) == 0:
                    var (moved, to) = (scene.Contacts[random.Next(scene.Contacts.Count)], $"List{random.Next(2)}");
                    await (random.Next(4) switch { 0 => scene.LeaveAsync(moved, to), 1 => scene.JoinAsync(moved, to), _ => scene.TakeOutAsync(moved, to) });
                    break;
                case 6 when scene.Contacts.Count > 3 && random.Next(2) == 0:
                    await scene.DeleteAsync(scene.Contacts[random.Next(scene.Contacts.Count)]);
                    break;
                default:
                    imports.Add((await scene.ImportAsync(mayShare ? Import(random) : Unshared(Import(random))), false));
                    break;
            }
        }
    }

    static ModelImport Import(Random random) => new(
        random.Next(3) == 0 ? "phone" : "email",
        [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => new ModelRow(
            random.Next(8) == 0 ? null : $"p{random.Next(8)}@example.org",
            random.Next(3) == 0 ? null : $"614000000{random.Next(8):00}",
            random.Next(2) == 0 ? null : $"N{random.Next(3)}",
            random.Next(2) == 0 ? null : $"C{random.Next(3)}")
        {
            List = Some(random, 4, "List"), Tag = Some(random, 4, "tag"), OutOfList = Some(random, 3, "List"), OffTag = Some(random, 3, "tag"),
        })],
        random.Next(3) == 0 ? $"List{random.Next(2)}" : null,
        random.Next(3) == 0 ? $"tag{random.Next(2)}" : null);

    static ModelImport Unshared(ModelImport import) => import with { Match = "email", Rows = [.. import.Rows.Select(r => r with { Phone = null })] };

    static string? Some(Random random, int oneIn, string name) => random.Next(oneIn) == 0 ? $"{name}{random.Next(2)}" : null;

    static (string Field, string? Value) Edit(Random random, bool mayShare) => random.Next(mayShare ? 4 : 2) switch
    {
        0 => ("first_name", random.Next(3) == 0 ? null : $"E{random.Next(3)}"),
        1 => ("city", random.Next(3) == 0 ? null : $"C{random.Next(3)}"),
        2 => ("phone", random.Next(3) == 0 ? null : $"614000000{random.Next(8):00}"),
        _ => ("email", $"p{random.Next(8)}@example.org"),
    };
}
