namespace Muster.PhoneMetadata;

/// <summary>Writes a pattern as a program for the engine's PrefixMatcher, which needs what an automaton forgets: the order of choices, and captures.</summary>
/// <remarks>
/// One 16-bit word an instruction, operation in the top four bits, operand below. The numbers are the engine's:
/// 0 match; 1 one digit of the operand's set; 2 try the next instruction, else go to the operand; 3 go to the operand;
/// 4 remember the position in slot operand; 5 only at the end of the number. Targets are relative to the program's start.
/// </remarks>
internal sealed class PrefixProgram
{
    private readonly List<ushort> _words = [];

    internal static IReadOnlyList<ushort> Write(DigitPattern pattern)
    {
        var program = new PrefixProgram();
        program.Emit(pattern);
        program._words.Add(0);
        return program._words.Count <= 0x1000 ? program._words : throw new FormatException("A prefix pattern is too long.");
    }

    internal static int Captures(DigitPattern pattern) => pattern switch
    {
        DigitPattern.Capture g => 1 + Captures(g.Part),
        DigitPattern.Repeat r => Captures(r.Part),
        DigitPattern.Sequence s => s.Parts.Sum(Captures),
        DigitPattern.Choice c => c.Options.Sum(Captures),
        _ => 0,
    };

    private void Emit(DigitPattern pattern)
    {
        switch (pattern)
        {
            case DigitPattern.Digits d:
                _words.Add((ushort)(0x1000 | d.Mask));
                break;
            case DigitPattern.Sequence s:
                foreach (var part in s.Parts)
                    Emit(part);
                break;
            case DigitPattern.Choice c:
                var exits = new List<int>();
                for (var i = 0; i < c.Options.Count; i++)
                {
                    if (i == c.Options.Count - 1)
                    {
                        Emit(c.Options[i]);
                        break;
                    }
                    var split = Reserve();
                    Emit(c.Options[i]);
                    exits.Add(Reserve());
                    Patch(split, 0x2000);
                }
                foreach (var exit in exits)
                    Patch(exit, 0x3000);
                break;
            case DigitPattern.Repeat r:
                for (var i = 0; i < r.Min; i++)
                    Emit(r.Part);
                var skips = new List<int>();
                for (var i = r.Min; i < r.Max; i++)
                {
                    skips.Add(Reserve());
                    Emit(r.Part);
                }
                foreach (var skip in skips)
                    Patch(skip, 0x2000);
                break;
            case DigitPattern.Capture g:
                _words.Add((ushort)(0x4000 | g.Number * 2));
                Emit(g.Part);
                _words.Add((ushort)(0x4000 | g.Number * 2 + 1));
                break;
            case DigitPattern.End:
                _words.Add(0x5000);
                break;
        }
    }

    private int Reserve()
    {
        _words.Add(0);
        return _words.Count - 1;
    }

    private void Patch(int at, int operation) => _words[at] = (ushort)(operation | _words.Count);
}
