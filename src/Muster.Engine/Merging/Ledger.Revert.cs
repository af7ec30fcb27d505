using System.Text;

namespace Muster.Merging;

/// <summary>The last sections of a ledger: what rows took away, and what only undos and redos have.</summary>
public static partial class Ledger
{
    static void Reverted(LedgerWriter writer, LedgerRevert? revert, byte version)
    {
        if (revert is null)
            return;
        var imports = new List<Guid>();
        Import(writer, imports, revert.Target);
        writer.Unsigned(revert.TargetBatch);
        foreach (var fate in revert.Fate)
            writer.Byte((byte)fate);
        long time = 0;
        for (var row = 0; row < revert.Fate.Length; row++)
        {
            if ((revert.Fate[row] & (RowFate.Removed | RowFate.Restored)) == RowFate.None)
                continue;
            writer.Signed(revert.CreatedAt[row] - time);
            time = revert.CreatedAt[row];
        }

        writer.Unsigned(revert.ForcedChanges.Length);
        foreach (var change in revert.ForcedChanges)
            writer.Unsigned(change);

        Belongings(writer, imports, revert.Members, revert.Tags, version);
        writer.Unsigned(revert.Names.Count);
        foreach (var name in revert.Names)
        {
            writer.Byte((byte)name.Kind);
            writer.Unsigned(name.Id);
            Text(writer, Encoding.UTF8.GetBytes(name.Name));
            Text(writer, Encoding.UTF8.GetBytes(name.Rest));
            writer.Signed(name.Created);
            Import(writer, imports, name.CreatedBy);
        }
    }

    static void Planned(LedgerWriter writer, IReadOnlyList<PlannedName> names, byte version)
    {
        if (version < VersionWithPlannedNames)
            return;
        writer.Unsigned(names.Count);
        foreach (var name in names)
        {
            writer.Byte((byte)name.Kind);
            writer.Unsigned(name.Id);
            Text(writer, Encoding.UTF8.GetBytes(name.Name));
        }
    }

    static PlannedName[] Planned(ref LedgerReader reader, byte version)
    {
        var names = new PlannedName[version < VersionWithPlannedNames ? 0 : reader.Unsigned()];
        for (var i = 0; i < names.Length; i++)
            names[i] = new((NameKind)reader.Byte(), (int)reader.Unsigned(), Encoding.UTF8.GetString(Text(ref reader) ?? []));
        return names;
    }

    static void Belongings(LedgerWriter writer, List<Guid> imports, IReadOnlyList<RemovedMember> members, IReadOnlyList<RemovedTag> tags, byte version)
    {
        writer.Unsigned(members.Count);
        var at = 0;
        long time = 0;
        foreach (var member in members)
        {
            writer.Unsigned(member.Row - at);
            writer.Unsigned(member.List);
            writer.Byte(member.Status);
            writer.Signed(member.Since - time);
            Import(writer, imports, member.Import);
            Text(writer, member.Variables);
            (at, time) = (member.Row, member.Since);
        }
        writer.Unsigned(tags.Count);
        at = 0;
        foreach (var tag in tags)
        {
            writer.Unsigned(tag.Row - at);
            writer.Unsigned(tag.Tag);
            Import(writer, imports, tag.Import);
            if (version >= VersionWithTagRemovals)
                writer.Byte(tag.IsRemoval ? (byte)1 : (byte)0);
            at = tag.Row;
        }
    }

    static (RemovedMember[] Members, RemovedTag[] Tags) Belongings(ref LedgerReader reader, List<Guid> imports, byte version)
    {
        var members = new RemovedMember[reader.Unsigned()];
        var at = 0;
        long time = 0;
        for (var i = 0; i < members.Length; i++)
        {
            at += (int)reader.Unsigned();
            var (list, status) = ((int)reader.Unsigned(), reader.Byte());
            time += reader.Signed();
            members[i] = new(at, list, status, time, Import(ref reader, imports), Text(ref reader));
        }
        var tags = new RemovedTag[reader.Unsigned()];
        at = 0;
        for (var i = 0; i < tags.Length; i++)
        {
            at += (int)reader.Unsigned();
            tags[i] = new(at, (int)reader.Unsigned(), Import(ref reader, imports), version >= VersionWithTagRemovals && reader.Byte() == 1);
        }
        return (members, tags);
    }

    /// <summary>Rows of restored contacts lead on to the write before: they are created, and yet not the first to write.</summary>
    static void Restored(LedgerWriter writer, ReadOnlySpan<RowFate> fate, ReadOnlySpan<int> revAfter, ReadOnlySpan<WriteRef> previous)
    {
        for (var row = 0; row < fate.Length; row++)
        {
            if ((fate[row] & RowFate.Restored) == RowFate.None)
                continue;
            writer.Unsigned(revAfter[row]);
            writer.Bytes(previous[row].Import.ToByteArray(bigEndian: true));
            writer.Unsigned(previous[row].Batch);
            writer.Unsigned(previous[row].Row);
        }
    }

    static void Restored(ref LedgerReader reader, RowFate[] fate, int[] revAfter, WriteRef[] previous)
    {
        for (var row = 0; row < fate.Length; row++)
        {
            if ((fate[row] & RowFate.Restored) == RowFate.None)
                continue;
            revAfter[row] = (int)reader.Unsigned();
            previous[row] = new(new(reader.Bytes(16), bigEndian: true), (int)reader.Unsigned(), reader.Unsigned());
        }
    }

    static LedgerRevert? Reverted(ref LedgerReader reader, int count, byte version)
    {
        if (reader.IsAtEnd)
            return null;
        var imports = new List<Guid>();
        var target = Import(ref reader, imports);
        var batch = (int)reader.Unsigned();
        var (fate, created) = (new RowFate[count], new long[count]);
        for (var row = 0; row < count; row++)
            fate[row] = (RowFate)reader.Byte();
        long time = 0;
        for (var row = 0; row < count; row++)
        {
            if ((fate[row] & (RowFate.Removed | RowFate.Restored)) != RowFate.None)
                created[row] = time += reader.Signed();
        }
        var forced = new int[reader.Unsigned()];
        for (var i = 0; i < forced.Length; i++)
            forced[i] = (int)reader.Unsigned();
        var (members, tags) = Belongings(ref reader, imports, version);
        var names = new RemovedName[reader.Unsigned()];
        for (var i = 0; i < names.Length; i++)
        {
            var (kind, id) = ((NameKind)reader.Byte(), (int)reader.Unsigned());
            var (name, rest) = (Encoding.UTF8.GetString(Text(ref reader) ?? []), Encoding.UTF8.GetString(Text(ref reader) ?? []));
            names[i] = new(kind, id, name, rest, reader.Signed(), Import(ref reader, imports));
        }
        return new()
        {
            Target = target, TargetBatch = batch, Fate = fate, CreatedAt = created, ForcedChanges = forced, Members = members, Tags = tags, Names = names,
        };
    }

    /// <summary>An import by its place in the list, and in full where it occurs first.</summary>
    static void Import(LedgerWriter writer, List<Guid> imports, Guid import)
    {
        var at = imports.IndexOf(import);
        writer.Unsigned(at < 0 ? imports.Count : at);
        if (at >= 0)
            return;
        writer.Bytes(import.ToByteArray(bigEndian: true));
        imports.Add(import);
    }

    static Guid Import(ref LedgerReader reader, List<Guid> imports)
    {
        var at = (int)reader.Unsigned();
        if (at == imports.Count)
            imports.Add(new(reader.Bytes(16), bigEndian: true));
        return imports[at];
    }

    static void Text(LedgerWriter writer, byte[]? utf8)
    {
        writer.Unsigned(utf8 is null ? 0 : utf8.Length + 1);
        writer.Bytes(utf8 ?? []);
    }

    static byte[]? Text(ref LedgerReader reader)
    {
        var length = (int)reader.Unsigned();
        return length == 0 ? null : reader.Bytes(length - 1).ToArray();
    }
}
