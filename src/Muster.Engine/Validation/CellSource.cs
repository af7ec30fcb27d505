using Muster.Formats;

namespace Muster.Validation;

/// <summary>Where a field's text comes from when that is not simply one cell. Used by one thread; a span is valid until the next call.</summary>
public abstract class CellSource
{
    public abstract ReadOnlySpan<byte> Read(RowReader record);

    static ReadOnlySpan<byte> Cell(RowReader record, int column) => column < record.CellCount ? Blanks.Trim(record.GetCell(column)) : default;

    /// <summary>The same text in every row.</summary>
    public sealed class Constant(byte[] text) : CellSource
    {
        public override ReadOnlySpan<byte> Read(RowReader record) => text;
    }

    /// <summary>The first of several cells that is not blank.</summary>
    public sealed class First(int[] columns) : CellSource
    {
        public override ReadOnlySpan<byte> Read(RowReader record)
        {
            foreach (var column in columns)
            {
                if (Cell(record, column) is { IsEmpty: false } cell)
                    return cell;
            }
            return default;
        }
    }

    /// <summary>Several cells with a text between; blank ones leave no mark.</summary>
    public sealed class Joined(int[] columns, byte[] separator) : CellSource
    {
        byte[] text = new byte[256];

        public override ReadOnlySpan<byte> Read(RowReader record)
        {
            var length = 0;
            foreach (var column in columns)
            {
                var cell = Cell(record, column);
                if (cell.IsEmpty)
                    continue;
                if (length > 0)
                    Append(separator, ref length);
                Append(cell, ref length);
            }
            return text.AsSpan(0, length);
        }

        void Append(ReadOnlySpan<byte> part, ref int length)
        {
            if (text.Length - length < part.Length)
                Array.Resize(ref text, Math.Max(text.Length * 2, length + part.Length));
            part.CopyTo(text.AsSpan(length));
            length += part.Length;
        }
    }

    /// <summary>One part of a cell that a separator parts; the last part takes what is left.</summary>
    public sealed class Part(int column, byte[] separator, int index, bool isLast) : CellSource
    {
        public override ReadOnlySpan<byte> Read(RowReader record)
        {
            var rest = Cell(record, column);
            for (var i = 0; i < index; i++)
            {
                var at = rest.IndexOf(separator);
                if (at < 0)
                    return default;
                rest = rest[(at + separator.Length)..];
            }
            var end = isLast ? -1 : rest.IndexOf(separator);
            return Blanks.Trim(end < 0 ? rest : rest[..end]);
        }
    }

    /// <summary>The given or the family name of a person's whole name.</summary>
    public sealed class NamePart(int column, bool isLast) : CellSource
    {
        byte[] text = new byte[128];

        public override ReadOnlySpan<byte> Read(RowReader record)
        {
            var cell = Cell(record, column);
            if (text.Length < cell.Length + 1)
                text = new byte[cell.Length + 1];
            PersonName.Split(cell, text, out var first, out var last);
            return isLast ? last : first;
        }
    }
}
