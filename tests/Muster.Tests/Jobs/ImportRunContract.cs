using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Sources;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>What whole imports leave behind, however they are cut into batches and whatever happens beside them.</summary>
public abstract class ImportRunContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_cut_into_batches_gives_the_same_outcomes_and_contacts(int seed)
    {
        using var few = await ImportScene.EmptyAsync(Open());
        using var many = await ImportScene.EmptyAsync(Open());
        var random = new Random(seed);
        for (var round = 0; round < 12; round++)
        {
            var csv = RandomFile(random, random.Next(20, 120));
            var options = new ImportOptions
            {
                Mode = random.Next(6) switch { 0 => "create_only", 1 => "update_only", _ => "upsert" },
                Match = random.Next(3) == 0 ? "phone" : "email",
                Blank = random.Next(2) == 0 ? "clear" : "keep",
                OnInvalidValue = random.Next(2) == 0 ? "drop_value" : "reject_row",
                Lists = random.Next(2) == 0 ? ["L"] : null,
            };
            var fewId = await RunAsync(few, csv, options, batchRows: 1_000);
            var manyId = await RunAsync(many, csv, options, batchRows: random.Next(1, 9));
            Assert.Equal(await OutcomesAsync(few, fewId), await OutcomesAsync(many, manyId));
            Assert.Equal(Told(await few.ContactsAsync()), Told(await many.ContactsAsync()));
        }
    }

    [Fact]
    public async Task Batches_of_wide_rows_stay_within_their_bytes()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        const int Columns = 100, Rows = 300;
        var csv = new StringBuilder("email," + string.Join(',', Enumerable.Range(0, Columns).Select(i => $"c{i}")) + "\n");
        for (var row = 0; row < Rows; row++)
            csv.Append(CultureInfo.InvariantCulture, $"a{row}@example.org{new string(',', Columns)}\n");
        var settings = scene.Settings with { BatchRowsMax = 1_000, BatchBytesMax = 1 << 16 };
        var id = await RunAsync(scene, csv.ToString(), new(), settings);
        var ledger = await scene.LedgerAsync(id);
        Assert.Equal(Rows, ledger.Sum(b => b.Ledger.Count));
        // A cell that is blank takes 8 bytes of a block all the same.
        Assert.All(ledger, b => Assert.InRange(b.Ledger.Count, 1, (1 << 16) / (Columns * 8) + 1));
    }

    [Fact]
    public async Task An_import_that_ended_has_read_its_source_to_the_end()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var import = await scene.ImportAsync(await RunAsync(scene, "email\na@example.org\n\n\nb@example.org\n\n\n", new(), batchRows: 1));
        Assert.Equal(import.Source.Bytes, import.SourcePosition);
        Assert.Equal(2, import.Counts.Created);
    }

    [Fact]
    public async Task A_list_renamed_while_its_import_was_paused_stays_the_list_of_all_its_rows()
    {
        using var scene = await PausedAsync();
        var list = Assert.Single(await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None));
        await scene.Stores.Contacts.ChangeListAsync(scene.Account.Id, list.Id, new("Clients"), None);
        var import = await ResumeAsync(scene);
        var after = Assert.Single(await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None));
        Assert.Equal("Clients", after.Name);
        var ledger = await scene.LedgerAsync();
        Assert.Equal(after.Members, ledger.SelectMany(b => b.Ledger.ContactId).Where(id => id != 0).Distinct().Count());
        Assert.Equal(ImportStatus.Completed, import.Status);
    }

    [Fact]
    public async Task A_list_deleted_while_its_import_was_paused_stays_deleted()
    {
        using var scene = await PausedAsync();
        var list = Assert.Single(await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None));
        await scene.Stores.Contacts.DeleteListAsync(scene.Account.Id, list.Id, None);
        await ResumeAsync(scene);
        Assert.Empty(await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None));
        Assert.All((await scene.LedgerAsync()).Skip(3), b => Assert.Empty(b.Ledger.MembersAdded));
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\n")]
    [InlineData("é")]
    [InlineData("\0")]
    public async Task A_delimiter_that_no_source_can_have_is_refused(string delimiter)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var result = await AcceptAsync(scene, "email\na@example.org\n", new() { Delimiter = delimiter }, key: null);
        Assert.Equal("delimiter", Assert.IsType<IntakeResult.Refused>(result).Option);
    }

    [Fact]
    public async Task The_order_of_names_in_mapping_and_policies_does_not_make_another_request()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        ImportOptions Options(params string[] columns) => new()
        {
            Mapping = columns.ToDictionary(c => c, c => c == "a" ? "email" : "field:" + c),
            Policies = columns.ToDictionary(c => c == "a" ? "email" : "field:" + c, _ => "keep"),
        };
        var first = Assert.IsType<IntakeResult.Accepted>(await AcceptAsync(scene, "a,b,c\na@example.org,1,2\n", Options("a", "b", "c"), "key-1"));
        var again = Assert.IsType<IntakeResult.Replayed>(await AcceptAsync(scene, "a,b,c\na@example.org,1,2\n", Options("c", "a", "b"), "key-1"));
        Assert.Equal(first.Import.Id, again.Import.Id);
    }

    [Fact]
    public async Task Two_contacts_may_swap_their_numbers_in_one_file()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,phone\na@example.org,+61400000001\nb@example.org,+61400000002\n", new(), batchRows: 10);
        await RunAsync(scene, "email,phone\na@example.org,+61400000002\nb@example.org,+61400000001\n", new(), batchRows: 10);
        await RunAsync(scene, "phone,first_name\n+61400000002,Ann\n+61400000001,Bo\n", new() { Match = "phone" }, batchRows: 10);
        Assert.Equal([("a@example.org", "Ann"), ("b@example.org", "Bo")], (await scene.ContactsAsync()).Select(c => (c.Email, c.FirstName)));
    }

    [Fact]
    public async Task A_single_write_with_a_NUL_is_rejected()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var result = await Writer(scene).UpsertAsync(scene.Account, Change(("email", "a@example.org"), ("first_name", "An\0n")), None);
        Assert.Equal(ErrorCode.NulByte, Assert.Single(Assert.IsType<ContactWriteResult.Rejected>(result).Errors).Code);
    }

    [Fact]
    public async Task A_single_write_that_is_rejected_makes_no_field()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        Assert.IsType<ContactWriteResult.Rejected>(await Writer(scene).UpsertAsync(scene.Account, Change(("field:city", "Pune"), ("nonsense", "x")), None));
        Assert.Empty(await scene.Stores.Contacts.FieldsAsync(scene.Account.Id, None));
    }

    static ContactWriter Writer(ImportScene scene) => new(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);

    static ContactChange Change(params (string Name, string? Text)[] fields) => new(fields.ToDictionary(f => f.Name, f => f.Text));

    static Task<Guid> RunAsync(ImportScene scene, string csv, ImportOptions options, int batchRows) =>
        RunAsync(scene, csv, options, scene.Settings with { BatchRowsMax = batchRows });

    static async Task<Guid> RunAsync(ImportScene scene, string csv, ImportOptions options, MusterSettings settings)
    {
        var id = await scene.AcceptAsync(csv, options);
        var claim = (await scene.Stores.Imports.ClaimAsync("test", smallOnly: false, None))!.Value;
        await new ImportPipeline(settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System).RunAsync(claim.Import, claim.Lease, None);
        Assert.Equal(ImportStatus.Completed, (await scene.ImportAsync(id)).Status);
        return id;
    }

    static async Task<IntakeResult> AcceptAsync(ImportScene scene, string csv, ImportOptions options, string? key)
    {
        var spooled = Assert.IsType<SpoolResult.Spooled>(await scene.Spool.ReceiveAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), None)).Source;
        var intake = new ImportIntake(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        return await intake.AcceptAsync(new(scene.Account, spooled, "file", "contacts.csv", options, key, "test"), None);
    }

    async Task<ImportScene> PausedAsync()
    {
        var scene = await ImportScene.CreateAsync(Open());
        await scene.RunWorkerUntilAsync(
            scene.Faulty(async (batch, write) =>
            {
                var result = await write(batch);
                if (batch.Rows.BatchNumber == 2)
                    await scene.MoveAsync(ImportStatus.Running, ImportStatus.Paused);
                return result;
            }),
            ImportStatus.Paused);
        return scene;
    }

    static async Task<Import> ResumeAsync(ImportScene scene)
    {
        await scene.MoveAsync(ImportStatus.Paused, ImportStatus.Queued);
        return await scene.RunWorkerUntilAsync(scene.Stores.Contacts, ImportStatus.Completed);
    }

    static async Task<IReadOnlyList<string>> OutcomesAsync(ImportScene scene, Guid import) =>
        [.. (await scene.LedgerAsync(import)).SelectMany(b => Enumerable.Range(0, b.Ledger.Count).Select(row => $"{b.Ledger.RowNumber[row]} {b.Ledger.Outcome[row]} of {b.Ledger.DuplicateOf[row]} rev {b.Ledger.RevAfter[row]}"))];

    static IReadOnlyList<string> Told(IReadOnlyList<Contact> contacts) =>
        [.. contacts.Select(c => $"{c.Email} {c.Phone} {c.FirstName} {c.Fields.GetValueOrDefault("city")} [{string.Join(',', c.Lists)}] rev {c.Rev}").Order(StringComparer.Ordinal)];

    static string RandomFile(Random random, int rows)
    {
        var csv = new StringBuilder("email,phone,first_name,city\n");
        for (var row = 0; row < rows; row++)
        {
            var email = random.Next(12) switch { 0 => "", 1 => "no-address", var n => $"{(n % 2 == 0 ? "A" : "a")}{random.Next(60)}@example.org" };
            var phone = random.Next(8) switch { 0 => "", 1 => "12", _ => $"+6140000{random.Next(60):0000}" };
            csv.Append(CultureInfo.InvariantCulture, $"{email},{phone},{(random.Next(4) == 0 ? "" : $"N{random.Next(5)}")},{(random.Next(3) == 0 ? "" : $"C{random.Next(5)}")}\n");
            if (random.Next(10) == 0)
                csv.Append('\n');
        }
        return csv.ToString();
    }
}
