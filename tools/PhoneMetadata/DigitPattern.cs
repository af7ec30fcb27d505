using System.Globalization;

namespace Muster.PhoneMetadata;

/// <summary>A regular expression over digits, in the subset that the metadata uses: literals, <c>\d</c>, classes, groups, <c>|</c>, <c>?</c>, <c>{n,m}</c>, <c>$</c>.</summary>
internal abstract record DigitPattern
{
    /// <summary>One digit of a set. Bit n of <paramref name="Mask"/> stands for digit n.</summary>
    internal sealed record Digits(int Mask) : DigitPattern;
    internal sealed record Sequence(IReadOnlyList<DigitPattern> Parts) : DigitPattern;
    internal sealed record Choice(IReadOnlyList<DigitPattern> Options) : DigitPattern;
    internal sealed record Repeat(DigitPattern Part, int Min, int Max) : DigitPattern;
    internal sealed record Capture(int Number, DigitPattern Part) : DigitPattern;
    internal sealed record End : DigitPattern;

    internal const int AnyDigit = 0x3FF;

    /// <summary>Any number of further digits, as far as a phone number can go.</summary>
    internal static DigitPattern Rest { get; } = new Repeat(new Digits(AnyDigit), 0, 20);

    internal static DigitPattern Parse(string text) => new Reader(text).ReadAll();

    /// <summary>The digits that a match of at least one digit can begin with.</summary>
    internal int FirstDigits() => this switch
    {
        Digits d => d.Mask,
        Capture c => c.Part.FirstDigits(),
        Repeat r => r.Part.FirstDigits(),
        Choice c => c.Options.Aggregate(0, (mask, option) => mask | option.FirstDigits()),
        Sequence s => FirstOf(s.Parts),
        _ => 0,
    };

    internal bool MatchesNothing() => this switch
    {
        Digits => false,
        Capture c => c.Part.MatchesNothing(),
        Repeat r => r.Min == 0 || r.Part.MatchesNothing(),
        Choice c => c.Options.Any(o => o.MatchesNothing()),
        Sequence s => s.Parts.All(p => p.MatchesNothing()),
        _ => true,
    };

    /// <summary>What a whole number looks like that this pattern matches at its start; a branch that ends in <c>$</c> takes no further digits.</summary>
    internal DigitPattern AtStart() => this switch
    {
        Choice c => new Choice([.. c.Options.Select(o => o.AtStart())]),
        Sequence { Parts: [.., End] } => this,
        _ => new Sequence([this, Rest]),
    };

    private static int FirstOf(IReadOnlyList<DigitPattern> parts)
    {
        var mask = 0;
        foreach (var part in parts)
        {
            mask |= part.FirstDigits();
            if (!part.MatchesNothing())
                break;
        }
        return mask;
    }

    private sealed class Reader(string text)
    {
        private int _at;
        private int _captures;

        internal DigitPattern ReadAll()
        {
            var pattern = ReadChoice();
            return _at == text.Length ? pattern : throw Unknown();
        }

        private DigitPattern ReadChoice()
        {
            var options = new List<DigitPattern> { ReadSequence() };
            while (Take('|'))
                options.Add(ReadSequence());
            return options.Count == 1 ? options[0] : new Choice(options);
        }

        private DigitPattern ReadSequence()
        {
            var parts = new List<DigitPattern>();
            while (_at < text.Length && text[_at] is not ('|' or ')'))
                parts.Add(ReadRepeat());
            return parts.Count == 1 ? parts[0] : new Sequence(parts);
        }

        private DigitPattern ReadRepeat()
        {
            var part = ReadOne();
            if (Take('?'))
                return new Repeat(part, 0, 1);
            if (!Take('{'))
                return part;
            var close = text.IndexOf('}', _at);
            var bounds = text[_at..close].Split(',');
            _at = close + 1;
            var min = int.Parse(bounds[0], CultureInfo.InvariantCulture);
            return new Repeat(part, min, bounds.Length == 1 ? min : int.Parse(bounds[1], CultureInfo.InvariantCulture));
        }

        private DigitPattern ReadOne()
        {
            if (Take('$'))
                return new End();
            if (Take('['))
                return ReadClass();
            if (Take('('))
            {
                var number = 0;
                if (Take('?'))
                    Expect(':');
                else
                    number = ++_captures;
                var inner = ReadChoice();
                Expect(')');
                return number == 0 ? inner : new Capture(number, inner);
            }
            if (Take('\\'))
            {
                Expect('d');
                return new Digits(AnyDigit);
            }
            return char.IsAsciiDigit(text[_at]) ? new Digits(1 << (text[_at++] - '0')) : throw Unknown();
        }

        private DigitPattern ReadClass()
        {
            var mask = 0;
            while (!Take(']'))
            {
                if (Take('\\'))
                {
                    Expect('d');
                    mask |= AnyDigit;
                    continue;
                }
                var from = text[_at++] - '0';
                var to = from;
                if (Take('-'))
                    to = text[_at++] - '0';
                if (from is < 0 or > 9 || to < from || to > 9)
                    throw Unknown();
                for (var digit = from; digit <= to; digit++)
                    mask |= 1 << digit;
            }
            return new Digits(mask);
        }

        private bool Take(char c)
        {
            if (_at >= text.Length || text[_at] != c)
                return false;
            _at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!Take(c))
                throw Unknown();
        }

        private FormatException Unknown() => new($"The pattern {text} holds something unknown at {_at}.");
    }
}
