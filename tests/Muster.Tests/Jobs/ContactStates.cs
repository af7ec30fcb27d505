using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Contacts;
using Muster.Jobs;

namespace Muster.Tests.Jobs;

/// <summary>What every contact holds at a moment, and what must have been told of the way from there to another.</summary>
static class ContactStates
{
    static readonly CancellationToken None = CancellationToken.None;

    /// <summary>By contact: fields as <c>…/changes</c> shows them, and a line for each list and tag.</summary>
    public static async Task<Dictionary<int, HashSet<(string Field, string Value)>>> OfAsync(ImportScene scene) => (await scene.ContactsAsync()).ToDictionary(c => c.Id, Of);

    static HashSet<(string, string)> Of(Contact c)
    {
        var fields = new HashSet<(string, string)>();
        Add("phone", c.Phone is { } digits ? "+" + digits.ToString(CultureInfo.InvariantCulture) : null);
        Add("email", c.Email);
        Add("external_id", c.ExternalId);
        Add("first_name", c.FirstName);
        Add("last_name", c.LastName);
        Add("company", c.Company);
        foreach (var (name, value) in c.Fields)
            Add("field:" + name, value as string ?? JsonSerializer.Serialize(value));
        foreach (var (channel, record) in c.Consent)
            Add("consent:" + channel, record.Status);
        foreach (var list in c.Lists)
            Add("lists", list);
        foreach (var tag in c.Tags)
            Add("tags", tag);
        return fields;

        void Add(string name, string? value)
        {
            if (value is not null)
                fields.Add((name, value));
        }
    }

    /// <summary>The import tells exactly what it made of the contacts as they were.</summary>
    /// <param name="hidden">Values that contacts hold in fields that are gone: told when a redo gave them back, and shown with their field, should that come back. Kept up to date.</param>
    public static async Task AssertToldAsync(ImportScene scene, Guid importId, Dictionary<int, HashSet<(string Field, string Value)>> before, string told, List<string>? hidden = null)
    {
        var after = await OfAsync(scene);
        var expected = new List<string>();
        foreach (var id in before.Keys.Union(after.Keys))
        {
            var (was, now) = (before.GetValueOrDefault(id, []), after.GetValueOrDefault(id, []));
            expected.AddRange(was.Except(now).Select(v => $"{id} {v.Field} -{v.Value}"));
            expected.AddRange(now.Except(was).Select(v => $"{id} {v.Field} +{v.Value}"));
        }
        var found = await ToldAsync(scene, importId);
        // What came back under a number, and is gone by now, is told by its first name.
        expected = [.. expected.Select(Plain).Order(StringComparer.Ordinal)];
        found = [.. found.Select(Plain).Order(StringComparer.Ordinal)];
        Hide(expected, found, hidden ?? []);
        Assert.True(expected.SequenceEqual(found), $"expected\n{string.Join('\n', expected)}\ntold\n{string.Join('\n', found)}\nafter\n{told}");
    }

    /// <summary>Takes out what was told of fields that are gone, and what shows again although nobody wrote it.</summary>
    static void Hide(List<string> expected, List<string> found, List<string> hidden)
    {
        foreach (var line in found.Where(l => l.Contains(" field:", StringComparison.Ordinal)).Except(expected).OrderByDescending(l => l.Contains(" -", StringComparison.Ordinal)).ToList())
        {
            var comes = line.Contains(" +", StringComparison.Ordinal);
            if (comes)
                hidden.Add(line);
            if (comes || hidden.Remove(line.Replace(" -", " +", StringComparison.Ordinal)))
                found.Remove(line);
        }
        foreach (var line in expected.Except(found).ToList())
        {
            if (hidden.Remove(line))
                expected.Remove(line);
        }
    }

    /// <summary>The import's changes, a value that went and a value that came each a line, sorted.</summary>
    public static async Task<List<string>> ToldAsync(ImportScene scene, Guid importId)
    {
        var changes = new ImportChanges(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts);
        var import = await scene.ImportAsync(importId);
        Assert.Equal(ErrorCode.None, await changes.RefuseAsync(import, None));
        var lines = new List<string>();
        long row = 0;
        await foreach (var change in changes.ReadAsync(import, -1, 0, None))
        {
            Assert.True(change.RowNumber >= row, "Rows are told in their order.");
            row = change.RowNumber;
            foreach (var (field, was, now) in Parts(change.Field, change.Before, change.After))
            {
                if (was == now)
                    continue;
                if (was is not null)
                    lines.Add($"{change.ContactId} {field} -{was}");
                if (now is not null)
                    lines.Add($"{change.ContactId} {field} +{now}");
            }
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    static string Plain(string line) => Regex.Replace(line, @" \(\d+\)", "");

    /// <summary>Consent by channel, since its evidence names the import.</summary>
    static IEnumerable<(string Field, string? Was, string? Now)> Parts(string field, string? was, string? now)
    {
        if (field != "consent")
            return [(field, was, now)];
        return new[] { "email", "sms", "phone" }.Select(channel => ("consent:" + channel, Status(was, channel), Status(now, channel)));
    }

    static string? Status(string? consent, string channel) =>
        consent is not null && JsonDocument.Parse(consent).RootElement.TryGetProperty(channel, out var record) ? record.GetProperty("status").GetString() : null;
}
