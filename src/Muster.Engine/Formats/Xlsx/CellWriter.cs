using System.Buffers.Text;
using Muster.Contacts;
using Muster.Formats.Workbooks;

namespace Muster.Formats.Xlsx;

/// <summary>What a cell's value means (ECMA-376 part 1, §18.18.11).</summary>
enum CellType { Number, Shared, Formula, Inline, Boolean, Error, Date, Unknown }

/// <summary>Puts cells into the sheet's text, as a person sees them. Both readers of a sheet, the fast one and the XML one, end here.</summary>
sealed class CellWriter(SheetText sheet, StringArena strings, NumberFormat[] styles, bool since1904)
{
    readonly byte[] number = new byte[CellNumber.BytesMax];

    /// <summary>Formulas that nobody has calculated.</summary>
    public int FormulasWithoutValue { get; private set; }

    public static CellType TypeOf(ReadOnlySpan<byte> t)
    {
        if (t.Length == 1)
        {
            return t[0] switch
            {
                (byte)'s' => CellType.Shared,
                (byte)'n' => CellType.Number,
                (byte)'b' => CellType.Boolean,
                (byte)'e' => CellType.Error,
                (byte)'d' => CellType.Date,
                _ => CellType.Unknown,
            };
        }
        return t.SequenceEqual("str"u8) ? CellType.Formula : t.SequenceEqual("inlineStr"u8) ? CellType.Inline : CellType.Unknown;
    }

    /// <summary>Column of a reference such as <c>B12</c>, from 0; −1 when it names none.</summary>
    public static int ColumnOf(ReadOnlySpan<byte> reference)
    {
        var column = 0;
        foreach (var b in reference)
        {
            var letter = (b | 0x20) - 'a';
            if ((uint)letter >= 26)
                break;
            if (column >= SheetText.SheetColumns)
                return SheetText.SheetColumns; // no sheet has it
            column = column * 26 + letter + 1;
        }
        return column - 1;
    }

    /// <param name="value">Of a number, a reference, a truth value or an error: the characters as they stand. Of text: the text.</param>
    public void Write(int column, CellType type, uint style, ReadOnlySpan<byte> value, bool isFormula)
    {
        if (value.IsEmpty)
        {
            if (isFormula && type is CellType.Number)
                FormulasWithoutValue++;
            return;
        }
        switch (type)
        {
            case CellType.Shared:
                var digits = value.Trim(" \t\r\n"u8);
                if (Utf8Parser.TryParse(digits, out int index, out var used) && used == digits.Length && (uint)index < (uint)strings.Count)
                    sheet.Cell(column, strings.Get(index));
                else
                    sheet.Fault(column, ErrorCode.InvalidCell);
                break;
            case CellType.Number:
                var format = style < (uint)styles.Length ? styles[style] : NumberFormat.General;
                var length = CellNumber.Write(value, format, since1904, number);
                if (length >= 0)
                    sheet.Cell(column, number.AsSpan(0, length));
                else
                    Damaged(column, value);
                break;
            case CellType.Boolean when value is [(byte)'1'] || value.SequenceEqual("true"u8):
                sheet.Cell(column, "TRUE"u8);
                break;
            case CellType.Boolean when value is [(byte)'0'] || value.SequenceEqual("false"u8):
                sheet.Cell(column, "FALSE"u8);
                break;
            case CellType.Date:
                sheet.Cell(column, ShortDate(value, style < (uint)styles.Length ? styles[style].Kind : NumberKind.DateTime));
                break;
            case CellType.Formula or CellType.Inline or CellType.Error:
                sheet.Cell(column, value);
                break;
            default:
                Damaged(column, value);
                break;
        }
    }

    /// <summary>ISO 8601 text of a strict workbook: as it stands, but midnight is left out where the format shows no time.</summary>
    static ReadOnlySpan<byte> ShortDate(ReadOnlySpan<byte> value, NumberKind kind)
    {
        var time = value.IndexOf((byte)'T');
        if (time != 10 || kind != NumberKind.Date)
            return value;
        return value[time..].IndexOfAnyExcept("T0:.Z"u8) < 0 ? value[..time] : value;
    }

    void Damaged(int column, ReadOnlySpan<byte> value)
    {
        sheet.Fault(column, ErrorCode.InvalidCell);
        sheet.Cell(column, value);
    }
}
