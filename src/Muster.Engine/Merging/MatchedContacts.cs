using System.Runtime.CompilerServices;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>How a contact stands to a list. Numbers are stored.</summary>
public enum ListStanding : byte
{
    Stranger = 0,
    Member = 1,

    /// <summary>Went of their own accord: no import brings them back.</summary>
    Left = 2,

    /// <summary>Was taken out, and whoever did so is known. An import may bring them back.</summary>
    Removed = 3,
}

/// <summary>Which row of which batch of which import wrote a contact last.</summary>
public readonly record struct WriteRef(Guid Import, int Batch, long Row);

/// <summary>The contacts that a batch's rows matched, as the store read them inside its transaction. Filled by the store, read by the decider; reused for every batch.</summary>
public sealed class MatchedContacts
{
    readonly TextBuffer text = new(4_096);
    int capacity;

    public int Count { get; private set; }

    /// <summary>1: a row has one place in <see cref="OfRow"/>; 3: one for each <see cref="Muster.Contacts.KeyKind"/>, for imports that match by several.</summary>
    public int Stride { get; private set; } = 1;

    /// <summary>For each row of the batch, by <see cref="Stride"/>, the index of its contact here, or -1.</summary>
    public int[] OfRow { get; private set; } = [];

    public int[] Id { get; private set; } = [];
    public int[] Rev { get; private set; } = [];

    /// <summary>E.164 digits, or 0.</summary>
    public long[] Phone { get; private set; } = [];

    /// <summary>The built-in text fields, <see cref="RowBlock.BuiltInSlots"/> a contact; absent where the contact has none.</summary>
    public TextSpan[] Cells { get; private set; } = [];

    /// <summary>Custom fields: one JSON object, members ordered by field id; absent where the contact has none.</summary>
    public TextSpan[] Fields { get; private set; } = [];

    /// <summary>What is known of consent, as stored: see <see cref="ConsentJson"/>; absent where nothing is.</summary>
    public TextSpan[] Consent { get; private set; } = [];

    /// <summary>Rows of the batch with an address, number or domain that is suppressed; empty when none is.</summary>
    public bool[] Suppressed { get; set; } = [];

    public WriteRef[] LastWrite { get; private set; } = [];

    /// <summary>For each list whose members or limit the decision asks for, how many members it may still take; long.MaxValue without a limit.</summary>
    public long[] Room { get; private set; } = [];

    /// <summary>Of <see cref="Room"/>, how many are the import's own lists, that every row's contact joins; the rest are lists that rows name.</summary>
    public int CommonLists { get; private set; }

    /// <summary>For each name of the batch, the list's place in <see cref="Room"/>, or −1. Empty while no named list has a limit.</summary>
    public int[] ListOfName { get; set; } = [];

    byte[] standings = [];
    public int TextLength => text.Length;

    public void Clear(int rows, int stride = 1)
    {
        Count = 0;
        text.Clear();
        Room = [];
        ListOfName = [];
        Suppressed = [];
        Stride = stride;
        if (OfRow.Length < rows * stride)
            OfRow = new int[rows * stride];
        OfRow.AsSpan(0, rows * stride).Fill(-1);
    }

    /// <summary>Begins the lists that the decision asks for, after the last contact: everybody is a stranger to them until set.</summary>
    /// <param name="common">How many of them every row's contact joins; these come first.</param>
    public void BeginLists(int count, int common)
    {
        CommonLists = common;
        Room = count == 0 ? [] : new long[count];
        if (standings.Length < Count * count)
            standings = new byte[Count * count];
        standings.AsSpan(0, Count * count).Clear();
    }

    /// <summary>Whether the contact is in the list or has left it.</summary>
    public ref ListStanding Standing(int contact, int list) => ref Unsafe.As<byte, ListStanding>(ref standings[contact * Room.Length + list]);

    /// <summary>Of contacts added by <see cref="AddUnchanged"/>: true, and nothing is known of them but their id.</summary>
    public bool[] IsUnchanged { get; private set; } = [];

    /// <summary>Adds a contact whose row says nothing new (<see cref="StoredValues.HoldAll"/>): nobody needs to know what it holds.</summary>
    public int AddUnchanged(int id)
    {
        var index = Add(id, 0, 0, default);
        IsUnchanged[index] = true;
        return index;
    }

    public int Add(int id, in StoredValues values, int rev, WriteRef lastWrite)
    {
        var index = Add(id, rev, values.Phone, lastWrite);
        Cell(index, BuiltInField.Email) = Append(values.Email);
        Cell(index, BuiltInField.ExternalId) = Append(values.ExternalId);
        Cell(index, BuiltInField.FirstName) = Append(values.FirstName);
        Cell(index, BuiltInField.LastName) = Append(values.LastName);
        Cell(index, BuiltInField.Company) = Append(values.Company);
        Fields[index] = Append(values.Fields);
        Consent[index] = Append(values.Consent);
        return index;
    }

    /// <summary>Begins a contact and returns its index; its cells are absent until set.</summary>
    public int Add(int id, int rev, long phone, WriteRef lastWrite)
    {
        var index = Count++;
        if (index == capacity)
            Grow(Math.Max(256, capacity * 2));
        Id[index] = id;
        Rev[index] = rev;
        Phone[index] = phone;
        LastWrite[index] = lastWrite;
        IsUnchanged[index] = false;
        Fields[index] = TextSpan.Absent;
        Consent[index] = TextSpan.Absent;
        Cells.AsSpan(index * RowBlock.BuiltInSlots, RowBlock.BuiltInSlots).Fill(TextSpan.Absent);
        return index;
    }

    public ref TextSpan Cell(int index, BuiltInField field) => ref Cells[index * RowBlock.BuiltInSlots + (int)field];

    /// <summary>Absent for an empty text: a contact has no field that is there and empty.</summary>
    public TextSpan Append(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? TextSpan.Absent : text.Append(utf8);

    public ReadOnlySpan<byte> Utf8(TextSpan span) => text.Utf8(span);

    /// <summary>Makes room for so many contacts at once: arrays that double on the way are garbage of the size of what they become.</summary>
    public void Expect(int contacts)
    {
        if (capacity < contacts)
            Grow(contacts);
    }

    void Grow(int contacts)
    {
        capacity = contacts;
        Id = Larger(Id, capacity);
        Rev = Larger(Rev, capacity);
        Phone = Larger(Phone, capacity);
        Cells = Larger(Cells, capacity * RowBlock.BuiltInSlots);
        Fields = Larger(Fields, capacity);
        Consent = Larger(Consent, capacity);
        LastWrite = Larger(LastWrite, capacity);
        IsUnchanged = Larger(IsUnchanged, capacity);
    }

    static T[] Larger<T>(T[] array, int capacity)
    {
        Array.Resize(ref array, capacity);
        return array;
    }
}
