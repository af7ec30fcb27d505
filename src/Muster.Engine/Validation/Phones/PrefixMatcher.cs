namespace Muster.Validation.Phones;

/// <summary>Matches a compiled prefix pattern at the start of a number as a backtracking regular expression does: first choice first, with captures.</summary>
/// <remarks>
/// Programs are written by tools/PhoneMetadata (PrefixProgram), which documents the instructions. They hold no loops,
/// so recursion is bounded by the number of optional parts and the work by the pattern.
/// </remarks>
internal static class PrefixMatcher
{
    /// <summary>Start and end of up to nine groups; slots 0 and 1 are unused.</summary>
    internal const int CaptureSlots = 20;

    /// <summary>Digits matched, or -1.</summary>
    /// <param name="program">Instructions; the span may go on behind the last.</param>
    /// <param name="digits">Digits as 0–9.</param>
    /// <param name="captures">Slots of start and end of each group, -1 before the call; empty when nobody asks.</param>
    internal static int Match(ReadOnlySpan<ushort> program, ReadOnlySpan<byte> digits, Span<sbyte> captures) => Match(program, 0, digits, 0, captures);

    private static int Match(ReadOnlySpan<ushort> program, int at, ReadOnlySpan<byte> digits, int position, Span<sbyte> captures)
    {
        while (true)
        {
            var operand = program[at] & 0xFFF;
            switch (program[at] >> 12)
            {
                case 0:
                    return position;
                case 1:
                    if (position == digits.Length || (operand >> digits[position] & 1) == 0)
                        return -1;
                    position++;
                    at++;
                    break;
                case 2:
                    if (Match(program, at + 1, digits, position, captures) is >= 0 and var end)
                        return end;
                    at = operand;
                    break;
                case 3:
                    at = operand;
                    break;
                case 4:
                    if (captures.IsEmpty)
                    {
                        at++;
                        break;
                    }
                    var before = captures[operand];
                    captures[operand] = (sbyte)position;
                    if (Match(program, at + 1, digits, position, captures) is >= 0 and var matched)
                        return matched;
                    captures[operand] = before;
                    return -1;
                default:
                    if (position != digits.Length)
                        return -1;
                    at++;
                    break;
            }
        }
    }
}
