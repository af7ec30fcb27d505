using System.Buffers;
using System.Text;

namespace Muster.Validation;

/// <summary>Parts a cell that names several lists or tags. The rules are in docs/formats-mapping.md. Used by one thread.</summary>
/// <param name="separator">What stands between names. Null: semicolons, vertical bars, line ends and <c>:::</c>; commas in a cell that has none of these.</param>
public sealed class NameCell(string? separator)
{
    const byte Quote = (byte)'"';
    const byte Escape = (byte)'\\';

    static readonly SearchValues<byte> Usual = SearchValues.Create(";|\r\n"u8);
    static readonly byte[] Comma = [(byte)','];

    readonly byte[]? given = separator is null ? null : Encoding.UTF8.GetBytes(separator);
    byte[] name = new byte[256];

    /// <summary>Takes the cell's next name, trimmed, off its beginning; false when there is no more. The span is valid until the next call.</summary>
    /// <param name="rest">The cell, then what is left of it.</param>
    /// <param name="byComma">Of the cell as a whole: see <see cref="IsByComma"/>.</param>
    public bool TryTake(ref ReadOnlySpan<byte> rest, bool byComma, out ReadOnlySpan<byte> taken)
    {
        while (!rest.IsEmpty)
        {
            taken = Take(ref rest, byComma);
            if (!taken.IsEmpty)
                return true;
        }
        taken = default;
        return false;
    }

    /// <summary>Whether commas part the cell: nothing else is said, and nothing else does.</summary>
    public bool IsByComma(ReadOnlySpan<byte> cell) => given is null && !cell.ContainsAny(Usual) && cell.IndexOf(":::"u8) < 0;

    ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, bool byComma)
    {
        if (name.Length < rest.Length)
            name = new byte[rest.Length * 2];
        rest = Blanks.Trim(rest);
        var length = 0;
        if (!rest.IsEmpty && rest[0] == Quote && TryUnquote(rest[1..], out length, out var after) && (after.IsEmpty || SeparatorAt(after, byComma) > 0))
        {
            rest = after.IsEmpty ? after : after[SeparatorAt(after, byComma)..];
            return Blanks.Trim(name.AsSpan(0, length));
        }
        var at = 0;
        length = 0;
        while (at < rest.Length)
        {
            if (rest[at] == Escape && at + 1 < rest.Length && (rest[at + 1] == Escape || SeparatorAt(rest[(at + 1)..], byComma) > 0))
            {
                name[length++] = rest[at + 1];
                at += 2;
                continue;
            }
            if (SeparatorAt(rest[at..], byComma) is > 0 and var skip)
            {
                rest = rest[(at + skip)..];
                return Blanks.Trim(name.AsSpan(0, length));
            }
            name[length++] = rest[at++];
        }
        rest = default;
        return Blanks.Trim(name.AsSpan(0, length));
    }

    /// <summary>Reads up to the quote that closes; two of them stand for one.</summary>
    bool TryUnquote(ReadOnlySpan<byte> text, out int length, out ReadOnlySpan<byte> after)
    {
        length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == Quote)
            {
                if (at + 1 == text.Length || text[at + 1] != Quote)
                {
                    after = Blanks.Trim(text[(at + 1)..]);
                    return true;
                }
                at++;
            }
            name[length++] = text[at];
        }
        after = default;
        return false;
    }

    /// <summary>Length of the separator that the text begins with, or 0.</summary>
    int SeparatorAt(ReadOnlySpan<byte> text, bool byComma)
    {
        var only = given ?? (byComma ? Comma : null);
        if (only is not null)
            return text.StartsWith(only) ? only.Length : 0;
        return Usual.Contains(text[0]) ? 1 : text.StartsWith(":::"u8) ? 3 : 0;
    }
}
