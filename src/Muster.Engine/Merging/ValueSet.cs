using System.Text;
using Muster.Validation;

namespace Muster.Merging;

/// <summary>A text field that holds several values, with <c>;</c> between them: what the policy append adds to.</summary>
/// <remarks>Values are compared without blanks around them, and ASCII letters without case. What is there stays as it is written.</remarks>
public sealed class ValueSet
{
    /// <summary>Longest field that appending makes, in bytes; a longer one is left as it was.</summary>
    public const int BytesMax = 64 << 10;

    byte[] buffer = new byte[256];
    int length;

    /// <summary>The union, valid until the next <see cref="TryUnite"/>.</summary>
    public ReadOnlySpan<byte> Union => buffer.AsSpan(0, length);

    /// <summary>Adds the values of <paramref name="incoming"/> that <paramref name="existing"/> lacks, in their order. False when there are none, or no room.</summary>
    public bool TryUnite(ReadOnlySpan<byte> existing, ReadOnlySpan<byte> incoming, out bool isTooLong)
    {
        isTooLong = false;
        if (buffer.Length < existing.Length + incoming.Length + 1)
            buffer = new byte[Math.Max(buffer.Length * 2, existing.Length + incoming.Length + 1)];
        existing.CopyTo(buffer);
        length = existing.Length;
        foreach (var range in incoming.Split((byte)';'))
        {
            var value = Blanks.Trim(incoming[range]);
            if (value.IsEmpty || Holds(Union, value))
                continue;
            if (length > 0)
                buffer[length++] = (byte)';';
            value.CopyTo(buffer.AsSpan(length));
            length += value.Length;
        }
        isTooLong = length > BytesMax;
        return length > existing.Length && !isTooLong;
    }

    static bool Holds(ReadOnlySpan<byte> values, ReadOnlySpan<byte> wanted)
    {
        foreach (var range in values.Split((byte)';'))
        {
            var value = Blanks.Trim(values[range]);
            if (value.SequenceEqual(wanted) || Ascii.EqualsIgnoreCase(value, wanted))
                return true;
        }
        return false;
    }
}
