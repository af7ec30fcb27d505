using System.Text;
using Muster.Contacts;

namespace Muster.Validation;

/// <summary>Reads one text as a custom field of some type reads a cell.</summary>
public static class FieldValue
{
    const int TypedBytesMax = 256;

    /// <param name="canonical">The text that a contact would keep.</param>
    /// <param name="order">How dates with slashes are read.</param>
    public static bool TryRead(FieldType type, string text, out string canonical, DateOrder order = DateOrder.Unknown)
    {
        canonical = text;
        if (type == FieldType.Text)
            return true;
        Span<byte> room = stackalloc byte[1_024];
        var cell = Encoding.UTF8.GetBytes(text);
        if (cell.Length > TypedBytesMax)
            return false;
        var written = 0;
        var code = type switch
        {
            FieldType.Number => NumberValue.TryRead(cell, DecimalSign.Unknown, room, out written),
            FieldType.Date => DateValue.TryRead(cell, order, excelSerials: false, room, out written),
            _ => BooleanValue.TryRead(cell, room, out written),
        };
        canonical = code == ErrorCode.None ? Encoding.UTF8.GetString(room[..written]) : text;
        return code == ErrorCode.None;
    }
}
