using System.Text;
using Muster.Contacts;

namespace Muster.Tests.Jobs;

/// <summary>What imports do, said plainly: dictionaries, row by row, no database and no batches. Rows meet what the account held when the import began, and what earlier rows have said since.</summary>
sealed class MergeModel
{
    const int Colours = 5;
    readonly Dictionary<string, Person> owners = [];

    public List<Person> Contacts { get; } = [];

    /// <summary>Fields: email, phone, external id, first name, company, colours; null where there is none.</summary>
    public sealed class Person
    {
        public string?[] Fields { get; } = new string?[6];
        public override string ToString() => string.Join('|', Fields);
    }

    public sealed record Row(string?[] Fields, bool IsBad)
    {
        public static Row Random(Random random)
        {
            string? Maybe(string text, int chance) => random.Next(100) < chance ? text : null;
            return new(
                [
                    Maybe($"c{random.Next(40)}@x.test", 80), Maybe($"+614000000{random.Next(40):00}", 60), Maybe($"E{random.Next(40)}", 40),
                    Maybe($"N{random.Next(4)}", 70), Maybe($"Co{random.Next(3)}", 50), Maybe(string.Join(';', Enumerable.Range(0, random.Next(1, 3)).Select(_ => $"v{random.Next(4)}").Distinct()), 50),
                ],
                IsBad: random.Next(20) == 0);
        }

        public static string Csv(IEnumerable<Row> rows)
        {
            var csv = new StringBuilder("email,phone,external_id,first_name,company,colours\n");
            foreach (var row in rows)
                csv.Append(row.IsBad ? "no-address" : row.Fields[0]).Append(',').AppendJoin(',', row.Fields.Skip(1)).Append('\n');
            return csv.ToString();
        }

        public override string ToString() => string.Join('|', Fields) + (IsBad ? " bad" : "");
    }

    public static string Text(Contact c) =>
        string.Join('|', c.Email, c.Phone is { } phone ? "+" + phone : null, c.ExternalId, c.FirstName, c.Company, c.Fields.GetValueOrDefault("colours"));

    /// <returns>Each row's outcome; of a duplicate with the row that won.</returns>
    public string[] Import(Row[] rows, ImportOptions options)
    {
        var kinds = options.Match!.Split(',').Select(k => k switch { "email" => 0, "phone" => 1, _ => 2 }).ToArray();
        // A source without a value for any of the kinds falls back to nothing here: the columns are always there.
        var last = new Dictionary<string, int>();
        for (var i = 0; i < rows.Length && options.OnDuplicateRow == "last"; i++)
        {
            foreach (var key in IsValid(rows[i], kinds) ? Keys(rows[i], kinds) : [])
                last[key] = i + 2;
        }
        var (acceptedKeys, acceptedContacts) = (new Dictionary<string, int>(), new Dictionary<Person, int>());
        var createdBy = new Dictionary<int, Person>();
        var outcomes = new string[rows.Length];
        var found = new Dictionary<string, Person>(owners);
        for (var i = 0; i < rows.Length; i++)
            outcomes[i] = Decide(rows[i], i + 2);
        return outcomes;

        string Decide(Row row, int number)
        {
            if (!IsValid(row, kinds))
                return "Rejected";
            var later = Keys(row, kinds).Select(k => last.GetValueOrDefault(k)).Max();
            if (later > number)
                return $"Duplicate {later}";
            var candidates = new HashSet<Person>();
            var winner = 0;
            foreach (var key in Keys(row, kinds))
            {
                if (acceptedKeys.TryGetValue(key, out var first))
                {
                    winner = winner == 0 ? first : winner;
                    candidates.Add(createdBy[first]);
                    continue;
                }
                if (!found.TryGetValue(key, out var contact))
                    continue;
                candidates.Add(contact);
                if (acceptedContacts.TryGetValue(contact, out first))
                    winner = winner == 0 ? first : winner;
            }
            if (candidates.Count > 1)
                return "Rejected";
            if (winner != 0)
                return $"Duplicate {winner}";
            var target = candidates.FirstOrDefault();
            if (options.Mode == (target is null ? "update_only" : "create_only"))
                return "Skipped";
            var outcome = "Created";
            if (target is null)
            {
                Contacts.Add(target = new());
                row.Fields.CopyTo(target.Fields, 0);
                foreach (var key in Keys(row, [0, 1, 2]))
                    owners.TryAdd(key, target);
            }
            else
            {
                outcome = Update(target, row) ? "Updated" : "Unchanged";
            }
            foreach (var key in Keys(row, kinds))
                acceptedKeys.TryAdd(key, number);
            acceptedContacts.TryAdd(target, number);
            createdBy[number] = target;
            return outcome;
        }

        bool Update(Person contact, Row row)
        {
            var before = contact.ToString();
            var released = new List<string>();
            for (var field = 0; field < contact.Fields.Length; field++)
            {
                var (old, incoming) = (contact.Fields[field], row.Fields[field]);
                var value = options.Policy switch
                {
                    "keep" => old,
                    "fill_empty" => old ?? incoming,
                    "append" when field == Colours && incoming is not null && old is not null => string.Join(';', old.Split(';').Union(incoming.Split(';'))),
                    _ => incoming ?? (options.Blank == "clear" ? null : old),
                };
                contact.Fields[field] = value;
                if (field > 2 || value == old)
                    continue;
                if (old is not null)
                    released.Add($"{field}:{old}");
            }
            foreach (var key in released)
            {
                if (owners.GetValueOrDefault(key) != contact)
                    continue;
                owners.Remove(key);
                if (Contacts.Find(c => c != contact && c.Fields[key[0] - '0'] == key[2..]) is { } heir)
                    owners[key] = heir;
            }
            for (var field = 0; field <= 2; field++)
            {
                if (contact.Fields[field] is { } value)
                    owners.TryAdd($"{field}:{value}", contact);
            }
            return contact.ToString() != before;
        }
    }

    static bool IsValid(Row row, int[] kinds) => !row.IsBad && Keys(row, kinds).Any();

    static IEnumerable<string> Keys(Row row, int[] kinds) => kinds.Where(k => row.Fields[k] is not null).Select(k => $"{k}:{row.Fields[k]}");
}
