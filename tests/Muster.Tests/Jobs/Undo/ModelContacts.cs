using System.Globalization;
using System.Text;

namespace Muster.Tests.Jobs.Undo;

/// <summary>Contacts held in memory, with every write to every field as an event: what DESIGN means by undo, and nothing else. Ids are given in order of creation, as the store gives them.</summary>
sealed class ModelContacts(int batchRows)
{
    /// <param name="Target">The event that this one took back, of an undo or redo.</param>
    sealed record Event(int Op, Event? Target, string? Before)
    {
        public bool Forced { get; init; }
    }

    sealed class Contact(int id)
    {
        public int Id { get; } = id;
        public bool Exists { get; set; } = true;
        public SortedDictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, List<Event>> Events { get; } = [];

        /// <summary>Lists ("l:3") and tags ("t:4") → the operation that put the contact there, or <see cref="Left"/>.</summary>
        public SortedDictionary<string, string> Places { get; } = new(StringComparer.Ordinal);

        public List<Event> Of(string field) => Events.TryGetValue(field, out var events) ? events : Events[field] = [];
    }

    /// <summary>A list, tag or field.</summary>
    sealed class Named(char kind, int id, string name, int? madeBy)
    {
        public char Kind { get; } = kind;
        public int Id { get; } = id;
        public string Name { get; set; } = name;
        public int? MadeBy { get; } = madeBy;
        public bool Exists { get; set; } = true;
    }

    /// <summary>What an operation did to one contact: enough to take it back.</summary>
    sealed class Touch(Contact contact)
    {
        public Contact Contact { get; } = contact;
        public bool Created { get; set; }
        public bool Removed { get; set; }
        public Dictionary<string, Event> Written { get; } = [];
        public Dictionary<string, Event> Placed { get; } = [];
        public SortedDictionary<string, string>? Values { get; set; }
        public SortedDictionary<string, string>? Places { get; set; }
    }

    sealed class Op
    {
        public required int Id { get; init; }
        public string Match { get; init; } = "email";

        /// <summary>By batch, in order of row.</summary>
        public List<List<Touch>> Batches { get; } = [];
        public List<Named> Removed { get; } = [];
        public int? UndoneBy { get; set; }
    }

    /// <summary>Who left a list of their own accord. No import brings them back.</summary>
    const string Left = "left";

    static readonly string[] Identities = ["phone", "email"];

    readonly List<Contact> contacts = [];
    readonly List<Named> names = [];
    readonly List<Op> ops = [];
    readonly Dictionary<(string Kind, string Value), int> owners = [];
    readonly Dictionary<(string Kind, string Value), SortedSet<int>> sharers = [];

    /// <summary>Ids of the contacts that there are, ascending.</summary>
    public IReadOnlyList<int> Ids => [.. contacts.Where(c => c.Exists).Select(c => c.Id)];

    /// <summary>What a test compares: contacts in order of id without their ids, then lists, tags and fields.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var c in contacts.Where(c => c.Exists))
        {
            var fields = c.Fields.Select(f => (Name: Shown(f.Key), f.Value)).Where(f => f.Name is not null).OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => $"{f.Name}={f.Value}");
            text.Append(string.Join(' ', fields)).Append(" [").AppendJoin(',', NamesOf('l', c)).Append("] [").AppendJoin(',', NamesOf('t', c)).Append("]\n");
        }
        text.AppendJoin(' ', names.Where(n => n.Exists).Select(n => $"{n.Kind}:{n.Name}").Order(StringComparer.Ordinal));
        return text.ToString();
    }

    string? Shown(string field) => field.StartsWith("f:", StringComparison.Ordinal) ? Find('f', field)?.Name : field;

    Named? Find(char kind, string field) => names.Find(n => n.Kind == kind && n.Exists && n.Id == int.Parse(field.AsSpan(2), CultureInfo.InvariantCulture));

    IEnumerable<string> NamesOf(char kind, Contact contact) =>
        names.Where(n => n.Kind == kind && n.Exists && contact.Places.TryGetValue(Key(n), out var by) && by != Left).Select(n => n.Name).Order(StringComparer.Ordinal);

    static string Key(Named name) => string.Create(CultureInfo.InvariantCulture, $"{name.Kind}:{name.Id}");

    static string Mark(Op op) => op.Id.ToString(CultureInfo.InvariantCulture);

    Named? ByName(char kind, string name) => names.Find(n => n.Kind == kind && n.Exists && n.Name == name);

    Named Ensure(char kind, string name, int? madeBy)
    {
        if (ByName(kind, name) is { } known)
            return known;
        var made = new Named(kind, names.Count + 1, name, madeBy);
        names.Add(made);
        return made;
    }

    public int Import(ModelImport import)
    {
        var op = new Op { Id = ops.Count, Match = import.Match };
        ops.Add(op);
        var city = import.Rows.Count > 0 ? Ensure('f', "city", op.Id) : null;
        _ = import.List is null ? null : Ensure('l', import.List, op.Id);
        _ = import.Tag is null ? null : Ensure('t', import.Tag, op.Id);
        var accepted = new HashSet<string>();
        foreach (var batch in import.Rows.Chunk(batchRows))
        {
            var touches = new List<Touch>();
            foreach (var row in batch)
            {
                var key = import.Match == "email" ? row.Email : row.Phone;
                if (key is null || !accepted.Add(key))
                    continue;
                if (Write(op, owners.TryGetValue((import.Match, key), out var owner) ? contacts[owner] : null, row.Values("f:" + city?.Id), row.Joins(import), row.Leaves()) is { } touch)
                    touches.Add(touch);
            }
            op.Batches.Add(touches);
        }
        return op.Id;
    }

    /// <summary>A write through the API. Null clears.</summary>
    public void Patch(int contact, string field, string? value)
    {
        var op = new Op { Id = ops.Count };
        ops.Add(op);
        var key = field == "city" ? "f:" + Ensure('f', "city", null).Id : field;
        Write(op, contacts[contact], [(key, value)], [], []);
    }

    /// <summary>A write through the API that brings the contact into a list. Who has left it stays out of it.</summary>
    public void Join(int contact, string list)
    {
        var op = new Op { Id = ops.Count };
        ops.Add(op);
        Ensure('l', list, null);
        Write(op, contacts[contact], [], [('l', list)], []);
    }

    /// <summary>A person takes the contact out of a list.</summary>
    public void TakeOut(int contact, string list) => Place(contact, list, null);

    /// <summary>The contact leaves a list.</summary>
    public void Leave(int contact, string list) => Place(contact, list, Left);

    void Place(int contact, string list, string? place)
    {
        var op = new Op { Id = ops.Count };
        ops.Add(op);
        if (ByName('l', list) is not { } named || !contacts[contact].Places.TryGetValue(Key(named), out var before) || before == Left)
            return;
        NotePlace(op, contacts[contact], new(contacts[contact]), Key(named), place, null, forced: false);
    }

    public void Delete(int contact)
    {
        var gone = contacts[contact];
        gone.Exists = false;
        foreach (var kind in Identities)
        {
            if (gone.Fields.TryGetValue(kind, out var value))
                Release(gone.Id, kind, value);
        }
        foreach (var touch in ops.SelectMany(o => o.Batches).ToList())
            touch.RemoveAll(t => t.Contact == gone); // erased from every ledger
    }

    Touch? Write(Op op, Contact? contact, IEnumerable<(string Field, string? Value)> values, IEnumerable<(char Kind, string Name)> joins, IReadOnlyList<(char Kind, string Name)> leaves)
    {
        var touch = new Touch(contact ?? new Contact(contacts.Count)) { Created = contact is null };
        if (contact is null)
            contacts.Add(contact = touch.Contact);
        var released = new List<(string, string)>();
        var claimed = new List<(string, string)>();
        foreach (var (field, value) in values)
        {
            var before = contact.Fields.GetValueOrDefault(field);
            if (before == value)
                continue;
            var written = new Event(op.Id, null, before);
            contact.Of(field).Add(written);
            touch.Written[field] = written;
            Put(contact, field, value, released, claimed);
        }
        Move(contact.Id, released, claimed);
        foreach (var (kind, name) in joins.Where(j => !leaves.Contains(j)))
        {
            var key = Key(Ensure(kind, name, op.Id));
            if (!contact.Places.ContainsKey(key))
                NotePlace(op, contact, touch, key, Mark(op), null, forced: false);
        }
        foreach (var (kind, name) in leaves)
        {
            if (ByName(kind, name) is { } named && contact.Places.TryGetValue(Key(named), out var by) && by != Left)
                NotePlace(op, contact, touch, Key(named), null, null, forced: false);
        }
        return touch.Created || touch.Written.Count + touch.Placed.Count > 0 ? touch : null;
    }

    static void NotePlace(Op op, Contact contact, Touch touch, string key, string? place, Event? target, bool forced)
    {
        var written = new Event(op.Id, target, contact.Places.GetValueOrDefault(key)) { Forced = forced };
        contact.Of(key).Add(written);
        touch.Placed[key] = written;
        if (place is null)
            contact.Places.Remove(key);
        else
            contact.Places[key] = place;
    }

    static bool IsPlace(string key) => key[1] == ':' && key[0] is 'l' or 't';

    static void Put(Contact contact, string field, string? value, List<(string, string)> released, List<(string, string)> claimed)
    {
        if (Identities.Contains(field))
        {
            if (contact.Fields.TryGetValue(field, out var old))
                released.Add((field, old));
            if (value is not null)
                claimed.Add((field, value));
        }
        if (value is null)
            contact.Fields.Remove(field);
        else
            contact.Fields[field] = value;
    }

    void Move(int contact, List<(string Kind, string Value)> released, List<(string Kind, string Value)> claimed)
    {
        foreach (var (kind, value) in released)
            Release(contact, kind, value);
        foreach (var (kind, value) in claimed)
            Claim(contact, kind, value);
    }

    void Release(int contact, string kind, string value)
    {
        if (!owners.TryGetValue((kind, value), out var owner) || owner != contact)
        {
            sharers.GetValueOrDefault((kind, value))?.Remove(contact);
            return;
        }
        owners.Remove((kind, value));
        if (sharers.GetValueOrDefault((kind, value)) is { Count: > 0 } waiting)
        {
            owners[(kind, value)] = waiting.Min;
            waiting.Remove(waiting.Min);
        }
    }

    void Claim(int contact, string kind, string value)
    {
        if (owners.TryAdd((kind, value), contact) || owners[(kind, value)] == contact)
            return;
        if (!sharers.TryGetValue((kind, value), out var waiting))
            sharers[(kind, value)] = waiting = [];
        waiting.Add(contact);
    }

    // ---- taking back

    enum Standing { Last, Undone, Later }

    /// <summary>Whether the field still holds what the event left in it, once later events that took one another back are left out.</summary>
    /// <param name="isPlace">A place that was turned round by force is what it was before, with all that had been made of it until then.</param>
    static Standing StandingOf(List<Event> events, Event of, bool isPlace = false)
    {
        var canceled = new HashSet<Event>();
        var met = new HashSet<Event>();
        for (var i = events.Count - 1; events[i] != of; i--)
        {
            if (canceled.Contains(events[i]))
                met.Add(events[i]);
            else if (events[i].Target is { } target && !events[i].Forced)
                canceled.Add(target);
            else if (isPlace && events[i].Target == of)
                return Standing.Undone;
            else if (isPlace && events[i].Target is { } by && events.IndexOf(by) > events.IndexOf(of))
                i = events.IndexOf(by);
            else
                return Standing.Later;
        }
        if (canceled.Any(c => c != of && !met.Contains(c)))
            return Standing.Later;
        return canceled.Contains(of) ? Standing.Undone : Standing.Last;
    }

    public ModelReversal Undo(int of, bool force)
    {
        var target = ops[of];
        var op = new Op { Id = ops.Count, Match = target.Match };
        ops.Add(op);
        var result = new ModelReversal();
        foreach (var batch in Enumerable.Reverse(target.Batches))
        {
            var touches = new List<Touch>();
            var (released, claimed) = (new List<(int, string, string)>(), new List<(int, string, string)>());
            foreach (var was in batch)
                touches.Add(was.Created ? TakeBack(op, target, was, force, released, result) : Turn(op, was, force, released, claimed, result));
            MoveAll(released, claimed);
            op.Batches.Add(touches);
        }
        foreach (var made in names.Where(n => n.Exists && n.MadeBy == of && !IsUsed(n)))
        {
            made.Exists = false;
            op.Removed.Add(made);
        }
        target.UndoneBy = op.Id;
        return result;
    }

    bool IsUsed(Named name) => contacts.Exists(c => c.Exists && name.Kind switch
    {
        'f' => c.Fields.ContainsKey(Key(name)),
        _ => c.Places.ContainsKey(Key(name)),
    });

    void MoveAll(List<(int Contact, string Kind, string Value)> released, List<(int Contact, string Kind, string Value)> claimed)
    {
        foreach (var (contact, kind, value) in released.OrderBy(r => r.Contact))
            Release(contact, kind, value);
        foreach (var (contact, kind, value) in claimed.OrderBy(r => r.Contact))
            Claim(contact, kind, value);
    }

    Touch TakeBack(Op op, Op target, Touch was, bool force, List<(int, string, string)> released, ModelReversal result)
    {
        var contact = was.Contact;
        var touch = new Touch(contact);
        if (!contact.Exists)
        {
            result.Unchanged++;
            return touch;
        }
        // An event is later when it came after this contact's creation, and is not the creation's own.
        var later = contact.Events.Any(e => !IsPlace(e.Key) && e.Value.Exists(w => w.Op != target.Id && IsAfterCreation(e.Value, w, was, e.Key) && (w.Target is null || w.Forced) && !IsCanceled(e.Value, w)))
            || contact.Places.Values.Any(by => by != Mark(target));
        if (later && !force)
        {
            result.Conflicts++;
            var key = target.Match == "email" ? (string[])["email", "phone"] : ["phone", "email"];
            var kept = key.FirstOrDefault(contact.Fields.ContainsKey);
            foreach (var (field, value) in contact.Fields.ToList())
            {
                var events = contact.Of(field);
                var standing = was.Written.TryGetValue(field, out var created) ? StandingOf(events, created) : Standing.Later;
                if (standing == Standing.Last && field != kept)
                {
                    Note(op, contact, touch, field, value, created, forced: false);
                    var claims = new List<(string, string)>();
                    var gives = new List<(string, string)>();
                    Put(contact, field, null, gives, claims);
                    released.AddRange(gives.Select(g => (contact.Id, g.Item1, g.Item2)));
                }
                else if (standing == Standing.Later && created is not null)
                {
                    result.Conflicts++;
                }
            }
            result.Conflicts += TurnPlaces(op, was.Placed, contact, touch, force: false);
            Count(touch, result, conflict: true);
            return touch;
        }
        if (later)
            result.Conflicts++;
        touch.Removed = true;
        touch.Values = new(contact.Fields, StringComparer.Ordinal);
        touch.Places = new(contact.Places, StringComparer.Ordinal);
        foreach (var (field, value) in contact.Fields.ToList())
        {
            Note(op, contact, touch, field, value, was.Written.GetValueOrDefault(field), forced: later);
            if (Identities.Contains(field))
                released.Add((contact.Id, field, value));
        }
        contact.Exists = false;
        contact.Fields.Clear();
        foreach (var key in contact.Places.Keys.ToList())
            NotePlace(op, contact, touch, key, null, was.Placed.GetValueOrDefault(key), forced: later);
        result.Removed++;
        return touch;
    }

    static bool IsAfterCreation(List<Event> events, Event written, Touch was, string field) =>
        !was.Written.TryGetValue(field, out var created) || events.IndexOf(written) > events.IndexOf(created);

    /// <summary>Whether an event has been taken back, and that has not been taken back, and so on.</summary>
    static bool IsCanceled(List<Event> events, Event written)
    {
        var canceled = new HashSet<Event>();
        for (var i = events.Count - 1; i >= 0 && events[i] != written; i--)
        {
            if (!canceled.Contains(events[i]) && events[i].Target is { } target && !events[i].Forced)
                canceled.Add(target);
        }
        return canceled.Contains(written);
    }

    static void Note(Op op, Contact contact, Touch touch, string field, string? before, Event? target, bool forced)
    {
        var written = new Event(op.Id, target, before) { Forced = forced };
        contact.Of(field).Add(written);
        touch.Written[field] = written;
    }

    /// <summary>A contact that was there before and after: what was written to it gets the value that it had before.</summary>
    Touch Turn(Op op, Touch was, bool force, List<(int, string, string)> released, List<(int, string, string)> claimed, ModelReversal result)
    {
        var contact = was.Contact;
        var touch = new Touch(contact);
        if (!contact.Exists)
        {
            result.Unchanged++;
            return touch;
        }
        var conflicts = 0;
        foreach (var (field, written) in was.Written)
        {
            var standing = StandingOf(contact.Of(field), written);
            if (standing == Standing.Undone)
                continue;
            conflicts += standing == Standing.Later ? 1 : 0;
            var now = contact.Fields.GetValueOrDefault(field);
            if ((standing == Standing.Later && !force) || now == written.Before)
                continue;
            Note(op, contact, touch, field, now, written, forced: standing == Standing.Later);
            var (gives, takes) = (new List<(string, string)>(), new List<(string, string)>());
            Put(contact, field, written.Before, gives, takes);
            released.AddRange(gives.Select(g => (contact.Id, g.Item1, g.Item2)));
            claimed.AddRange(takes.Select(g => (contact.Id, g.Item1, g.Item2)));
        }
        conflicts += TurnPlaces(op, was.Placed, contact, touch, force);
        result.Conflicts += conflicts;
        Count(touch, result, conflicts > 0);
        return touch;
    }

    /// <summary>Lists and tags that nothing has written since are again as they were; by force those too that something has, save the lists that the contact has left. Those that are gone are left alone.</summary>
    /// <returns>Conflicts: what was written since. That the contact is out of a list already is none for who would take it out.</returns>
    int TurnPlaces(Op op, Dictionary<string, Event> placed, Contact contact, Touch touch, bool force)
    {
        var conflicts = 0;
        foreach (var (key, written) in placed)
        {
            if (Find(key[0], key) is null)
                continue;
            var now = contact.Places.GetValueOrDefault(key);
            switch (StandingOf(contact.Of(key), written, isPlace: true))
            {
                case Standing.Last:
                    NotePlace(op, contact, touch, key, written.Before, written, forced: false);
                    break;
                case Standing.Later when written.Before is not null || now is not null:
                    conflicts++;
                    if (force && now != Left)
                        NotePlace(op, contact, touch, key, written.Before, written, forced: true);
                    break;
            }
        }
        return conflicts;
    }

    static void Count(Touch touch, ModelReversal result, bool conflict)
    {
        if (touch.Written.Count + touch.Placed.Count > 0)
            result.Changed++;
        else if (conflict)
            result.Kept++;
        else
            result.Unchanged++;
    }

    /// <param name="of">The undone import.</param>
    public ModelReversal Redo(int of, bool force)
    {
        var target = ops[ops[of].UndoneBy ?? throw new InvalidOperationException("Nothing to redo.")];
        ops[of].UndoneBy = null;
        var op = new Op { Id = ops.Count, Match = target.Match };
        ops.Add(op);
        foreach (var name in target.Removed)
        {
            name.Exists = false;
            var plain = name.Name;
            for (var turn = 2; names.Exists(n => n.Kind == name.Kind && n.Exists && n.Name == name.Name); turn++)
                name.Name = string.Create(CultureInfo.InvariantCulture, $"{plain} ({turn})");
            name.Exists = true;
        }
        var result = new ModelReversal();
        foreach (var batch in Enumerable.Reverse(target.Batches))
        {
            var (released, claimed) = (new List<(int, string, string)>(), new List<(int, string, string)>());
            var touches = new List<Touch>();
            foreach (var was in batch)
            {
                var nothing = was.Written.Count + was.Placed.Count == 0 && !was.Removed;
                if (nothing)
                    continue;
                touches.Add(was.Removed ? Restore(op, was, claimed, result) : Turn(op, was, force, released, claimed, result));
            }
            MoveAll(released, claimed);
            op.Batches.Add(touches);
        }
        return result;
    }

    Touch Restore(Op op, Touch was, List<(int, string, string)> claimed, ModelReversal result)
    {
        var contact = was.Contact;
        var touch = new Touch(contact);
        if (contact.Exists)
        {
            result.Unchanged++;
            return touch;
        }
        contact.Exists = true;
        foreach (var (field, value) in was.Values!) // set where it was removed
        {
            contact.Fields[field] = value;
            Note(op, contact, touch, field, null, was.Written[field], forced: false);
            if (Identities.Contains(field))
                claimed.Add((contact.Id, field, value));
        }
        foreach (var (key, by) in was.Places!) // as above
        {
            if (Find(key[0], key) is not null)
                NotePlace(op, contact, touch, key, by, was.Placed[key], forced: false);
        }
        result.Restored++;
        return touch;
    }
}

/// <summary>One row of a model's import. Null: the file's cell is blank, and the contact's value stays.</summary>
sealed record ModelRow(string? Email, string? Phone, string? FirstName, string? City)
{
    /// <summary>Names of a list and a tag in the row's columns: to come into, and to be taken out of.</summary>
    public string? List { get; init; }
    public string? Tag { get; init; }
    public string? OutOfList { get; init; }
    public string? OffTag { get; init; }

    public IEnumerable<(char Kind, string Name)> Joins(ModelImport import) => Places(import.List, import.Tag).Concat(Places(List, Tag)).Distinct();

    public IReadOnlyList<(char Kind, string Name)> Leaves() => [.. Places(OutOfList, OffTag)];

    static IEnumerable<(char Kind, string Name)> Places(string? list, string? tag) => (list, tag) switch
    {
        (null, null) => [],
        ({ } l, null) => [('l', l)],
        (null, { } t) => [('t', t)],
        ({ } l, { } t) => [('l', l), ('t', t)],
    };

    public IEnumerable<(string Field, string? Value)> Values(string city)
    {
        if (Phone is not null)
            yield return ("phone", Phone);
        if (Email is not null)
            yield return ("email", Email);
        if (FirstName is not null)
            yield return ("first_name", FirstName);
        if (City is not null)
            yield return (city, City);
    }
}

sealed record ModelImport(string Match, IReadOnlyList<ModelRow> Rows, string? List, string? Tag);

/// <summary>What an undo or redo comes to.</summary>
sealed class ModelReversal
{
    public int Removed { get; set; }
    public int Restored { get; set; }
    public int Changed { get; set; }
    public int Kept { get; set; }
    public int Unchanged { get; set; }
    public int Conflicts { get; set; }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"removed {Removed} restored {Restored} changed {Changed} kept {Kept} conflicts {Conflicts}");
}
