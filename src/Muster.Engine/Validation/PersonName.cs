using System.Text;

namespace Muster.Validation;

/// <summary>Parts a person's whole name into given and family name. A guess by nature: it is made only when a mapping asks for it.</summary>
/// <remarks>docs/formats-mapping.md gives the rules.</remarks>
public static class PersonName
{
    // Words that belong to the family name behind them.
    static readonly string[] Particles =
    [
        "von", "vom", "van", "der", "den", "ter", "ten", "te", "zu", "zum", "zur", "auf", "de", "del", "della", "delle", "dello", "dei", "degli", "di", "da", "das", "do", "dos",
        "du", "des", "la", "le", "las", "los", "lo", "el", "al", "bin", "ibn", "bint", "ben", "bar", "abu", "af", "av", "st.", "san", "santa", "'t", "y", "e",
    ];

    // Words behind a family name that belong to it.
    static readonly string[] Suffixes = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "v", "phd", "ph.d.", "md", "m.d.", "esq", "esq.", "mba", "dds", "cpa"];

    /// <summary>
    /// <c>Last, First</c>: as it says. Otherwise the last word is the family name, with the particles before it (<c>van der Berg</c>) and suffixes behind it (<c>King Jr.</c>).
    /// One word is a given name.
    /// </summary>
    /// <param name="name">UTF-8, surrounding blanks removed.</param>
    /// <param name="room">At least one byte longer than the name; a part that does not stand in the name as it is goes there.</param>
    public static void Split(ReadOnlySpan<byte> name, Span<byte> room, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> last)
    {
        first = name;
        last = default;
        var comma = name.IndexOf((byte)',');
        if (comma >= 0)
        {
            var behind = Blanks.Trim(name[(comma + 1)..]);
            var before = Blanks.Trim(name[..comma]);
            if (behind.IsEmpty || IsOneOf(Suffixes, behind))
            {
                Split(before, default, out first, out last);
                if (behind.IsEmpty)
                    return;
                // "Martin King, Jr.": the suffix stays with the family name; with one name alone, with that.
                var kept = last.IsEmpty ? first : last;
                kept.CopyTo(room);
                room[kept.Length] = (byte)' ';
                behind.CopyTo(room[(kept.Length + 1)..]);
                var joined = room[..(kept.Length + 1 + behind.Length)];
                if (last.IsEmpty)
                    first = joined;
                else
                    last = joined;
                return;
            }
            first = behind;
            last = before;
            return;
        }

        var end = name.Length;
        while (LastWord(name[..end], out var suffix) is var at and > 0 && IsOneOf(Suffixes, suffix) && LastWord(Blanks.Trim(name[..at]), out _) > 0)
            end = Blanks.Trim(name[..at]).Length;
        var start = LastWord(name[..end], out _);
        if (start <= 0)
            return;
        while (true)
        {
            var before = Blanks.Trim(name[..start]);
            var at = LastWord(before, out var word);
            // The first word is a given name, whatever it looks like.
            if (at <= 0 || !IsOneOf(Particles, word))
                break;
            start = at;
        }
        first = Blanks.Trim(name[..start]);
        last = name[start..];
    }

    /// <summary>Where the last word starts: 0 when there is but one.</summary>
    static int LastWord(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> word)
    {
        var at = text.LastIndexOf((byte)' ') + 1;
        word = text[at..];
        return at;
    }

    static bool IsOneOf(string[] words, ReadOnlySpan<byte> word)
    {
        if (word.Length > 8)
            return false;
        Span<char> text = stackalloc char[8];
        if (!Ascii.IsValid(word))
            return false;
        var length = Encoding.ASCII.GetChars(word, text);
        foreach (var known in words)
        {
            if (text[..length].Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
