using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Muster.Formats.Json;

/// <summary>Steps over the tokens of JSON by RFC 8259's grammar, in one pass over the bytes: what they hold is told as places in them.</summary>
/// <remarks>
/// A step that returns false has ended the walk; <see cref="End"/> then says why. Bytes that are not UTF-8 are no damage of the JSON, only noted: which
/// string they stand in is the caller's business. Judges as <see cref="System.Text.Json.Utf8JsonReader"/> does with its strictest options, at a third of its cost.
/// </remarks>
/// <param name="bytes">From the first byte of a value, or blanks before it, on; they may go on behind it.</param>
/// <param name="isWhole">The source ends where the bytes end.</param>
ref struct JsonWalk(ReadOnlySpan<byte> bytes, bool isWhole)
{
    const int Step = 16;

    readonly ReadOnlySpan<byte> bytes = bytes;
    readonly bool isWhole = isWhole;

    /// <summary>Index of the next byte.</summary>
    public int At { get; private set; }

    /// <summary>Sound until a step fails.</summary>
    public ItemEnd End { get; private set; }

    /// <summary>Whether a string so far was not UTF-8.</summary>
    public bool HasBrokenText { get; private set; }

    /// <summary>Whether a line end was stepped over; strings hold none.</summary>
    public bool HasLineEnds { get; private set; }

    /// <summary>Goes to the next byte that is not blank, and tells it without taking it.</summary>
    public bool Peek(out byte next)
    {
        next = 0;
        while (At < bytes.Length)
        {
            next = bytes[At];
            if (next > ' ')
                return true;
            if (next is (byte)'\n' or (byte)'\r')
                HasLineEnds = true;
            else if (next is not ((byte)' ' or (byte)'\t'))
                return Fail();
            At++;
        }
        return Fail();
    }

    /// <summary>Goes to the quote of the name or text that must come next; anything else is damage.</summary>
    public bool PeekQuote() => Peek(out var next) && (next == '"' || Fail());

    /// <summary>Takes the byte that was peeked at.</summary>
    public void Take() => At++;

    /// <summary>Takes the next byte that is not blank when it is this one; another one is damage.</summary>
    public bool Take(char expected)
    {
        if (!Peek(out var next) || next != expected)
            return Fail();
        At++;
        return true;
    }

    /// <summary>Takes these bytes when they come next, exactly.</summary>
    public bool TryTake(ReadOnlySpan<byte> expected)
    {
        if (!bytes[At..].StartsWith(expected))
            return false;
        At += expected.Length;
        return true;
    }

    /// <summary>Takes a comma, or the bracket that closes the list or object; the first item or member has neither before it.</summary>
    public bool TakeSeparator(char close, bool isFirst, out bool isClosed)
    {
        isClosed = false;
        if (!Peek(out var next))
            return false;
        isClosed = next == close;
        if (!isClosed && isFirst)
            return true;
        if (!isClosed && next != ',')
            return Fail();
        At++;
        return true;
    }

    /// <summary>Takes a string whose quote was peeked at.</summary>
    /// <param name="isEscaped">The text has escapes in it; they are sound.</param>
    /// <param name="text">Without its quotes, as it stands in the bytes.</param>
    public bool TakeString(out bool isEscaped, out ReadOnlySpan<byte> text)
    {
        isEscaped = false;
        text = default;
        var start = ++At;
        var high = 0u;
        while (true)
        {
            if (!GoToEndOfPlain(ref high))
                return Fail();
            if (bytes[At] == '"')
                break;
            isEscaped = true;
            if (bytes[At] != '\\' || !TakeEscape())
                return Fail();
        }
        text = bytes[start..At++];
        HasBrokenText |= high != 0 && !Utf8.IsValid(text);
        return true;
    }

    /// <summary>Takes a number, or <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool TakeWord(byte first) => first switch
    {
        (byte)'t' => TakeLiteral("true"u8),
        (byte)'f' => TakeLiteral("false"u8),
        (byte)'n' => TakeLiteral("null"u8),
        _ => TakeNumber(),
    };

    /// <summary>Steps over a value of any kind, and all that is in it.</summary>
    /// <param name="depth">Lists and objects around it.</param>
    public bool Skip(int depth)
    {
        var outer = depth;
        var braces = 0ul;
        while (true)
        {
            if (!Peek(out var next))
                return false;
            var opens = next is (byte)'{' or (byte)'[';
            if (opens)
            {
                if (depth == JsonOptions.DepthMax)
                    return Fail();
                braces = (braces << 1) | (next == '{' ? 1ul : 0);
                depth++;
                At++;
            }
            else if (!(next == '"' ? TakeString(out _, out _) : TakeWord(next)))
            {
                return false;
            }
            while (depth > outer)
            {
                var inObject = (braces & 1) != 0;
                if (!TakeSeparator(inObject ? '}' : ']', isFirst: opens, out var isClosed))
                    return false;
                opens = false;
                if (!isClosed)
                {
                    if (inObject && !TakeName())
                        return false;
                    break;
                }
                braces >>= 1;
                depth--;
            }
            if (depth == outer)
                return true;
        }
    }

    bool TakeName() => PeekQuote() && TakeString(out _, out _) && Take(':');

    bool TakeLiteral(ReadOnlySpan<byte> literal)
    {
        foreach (var expected in literal)
        {
            if (At == bytes.Length || bytes[At] != expected)
                return Fail();
            At++;
        }
        return true;
    }

    /// <summary>RFC 8259 §6; what follows must not look like more of it.</summary>
    bool TakeNumber()
    {
        if (Has((byte)'-'))
            At++;
        if (Has((byte)'0'))
            At++;
        else if (!TakeDigits())
            return Fail();
        if (Has((byte)'.'))
        {
            At++;
            if (!TakeDigits())
                return Fail();
        }
        if (Has((byte)'e') || Has((byte)'E'))
        {
            At++;
            if (Has((byte)'+') || Has((byte)'-'))
                At++;
            if (!TakeDigits())
                return Fail();
        }
        if (At == bytes.Length)
            return isWhole || Fail();
        return ",}]/ \t\r\n"u8.Contains(bytes[At]) || Fail();
    }

    readonly bool Has(byte expected) => At < bytes.Length && bytes[At] == expected;

    bool TakeDigits()
    {
        var from = At;
        while (At < bytes.Length && char.IsAsciiDigit((char)bytes[At]))
            At++;
        return At > from;
    }

    /// <summary>Goes to the next quote, reverse solidus or control character.</summary>
    /// <param name="high">Not zero once a byte above ASCII was passed.</param>
    bool GoToEndOfPlain(ref uint high)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var at = At;
        for (; bytes.Length - at >= Step; at += Step)
        {
            var part = Vector128.LoadUnsafe(ref first, (nuint)at);
            var ends = Vector128.Equals(part, Vector128.Create((byte)'"')) | Vector128.Equals(part, Vector128.Create((byte)'\\')) | Vector128.LessThan(part, Vector128.Create((byte)' '));
            var found = ends.ExtractMostSignificantBits();
            if (found != 0)
            {
                var length = BitOperations.TrailingZeroCount(found);
                high |= part.ExtractMostSignificantBits() & ((1u << length) - 1);
                At = at + length;
                return true;
            }
            high |= part.ExtractMostSignificantBits();
        }
        for (; at < bytes.Length; at++)
        {
            var b = bytes[at];
            if (b is (byte)'"' or (byte)'\\' or < (byte)' ')
                break;
            high |= (uint)b & 0x80;
        }
        At = at;
        return at < bytes.Length;
    }

    bool TakeEscape()
    {
        At++;
        if (At == bytes.Length)
            return false;
        if (bytes[At] != 'u')
            return "\"\\/bfnrt"u8.Contains(bytes[At++]) || Back();
        At++;
        for (var digits = 0; digits < 4; digits++, At++)
        {
            if (At == bytes.Length || !char.IsAsciiHexDigit((char)bytes[At]))
                return false;
        }
        return true;
    }

    /// <summary>The byte before is the one at fault.</summary>
    bool Back()
    {
        At--;
        return false;
    }

    /// <summary>Ends the walk: where bytes are missing, more may mend it; a byte that is there does not.</summary>
    bool Fail()
    {
        if (End == ItemEnd.Sound)
            End = At == bytes.Length && !isWhole ? ItemEnd.Cut : ItemEnd.Damaged;
        return false;
    }
}
