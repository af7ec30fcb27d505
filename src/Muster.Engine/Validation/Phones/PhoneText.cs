using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Muster.Contacts;

namespace Muster.Validation.Phones;

/// <summary>Finds the digits of a phone number in what people write: libphonenumber's parser up to the point where only digits are left.</summary>
/// <remarks>
/// The text is first folded to one byte a character. Digits of every script, <c>+</c> and letters stand for themselves (letters in small);
/// the capitals are our own signs for the few other characters that mean something, see <see cref="Fold"/>.
/// </remarks>
internal static class PhoneText
{
    /// <summary>Longer text is no phone number (libphonenumber's MAX_INPUT_STRING_LENGTH).</summary>
    internal const int SymbolsMax = 250;

    private const byte NoBreakSpace = (byte)'B';
    private const byte WideDot = (byte)'D';
    private const byte WideHash = (byte)'H';
    private const byte CombiningAcute = (byte)'M';
    private const byte OtherPunctuation = (byte)'P';
    private const byte OtherSymbol = (byte)'S';
    private const byte OtherLetter = (byte)'L';

    /// <summary>The sign of each ASCII character: capitals as small letters, brackets as other punctuation, what means nothing as other symbol.</summary>
    private static ReadOnlySpan<byte> Ascii =>
        "SSSSSSSSS\tSSSSSSSSSSSSSSSSSSSSSS"u8 +
        " SS#SSS'PP*+,-./0123456789:;S=SS"u8 +
        "SabcdefghijklmnopqrstuvwxyzP\\PSS"u8 +
        "SabcdefghijklmnopqrstuvwxyzSSS~S"u8;

    /// <summary>Every extension holds one of these.</summary>
    private static readonly SearchValues<byte> ExtensionSigns = SearchValues.Create(";,#~xeiaXEIHQ"u8);

    /// <summary>The letters of a keypad: abc 2, def 3, … wxyz 9 (ITU-T E.161).</summary>
    private static ReadOnlySpan<byte> Keypad => "22233344455566677778889999"u8;

    /// <summary>Reads the digits of one cell.</summary>
    /// <param name="utf8">The cell.</param>
    /// <param name="digits">Room for <see cref="SymbolsMax"/> digits, each written as 0–9.</param>
    /// <param name="count">Digits written.</param>
    /// <param name="plus">Whether the number begins with a plus.</param>
    /// <param name="extension">Whether an extension was left out.</param>
    [SkipLocalsInit]
    internal static ErrorCode Read(ReadOnlySpan<byte> utf8, Span<byte> digits, out int count, out bool plus, out bool extension)
    {
        count = 0;
        plus = false;
        extension = false;
        Span<byte> symbols = stackalloc byte[SymbolsMax];
        var error = TryFold(utf8, symbols, out var length);
        if (error != ErrorCode.None)
            return error;
        symbols = symbols[..length];
        if (IsSpreadsheetNumber(symbols))
            return ErrorCode.PhoneDamagedBySpreadsheet;

        Span<byte> joined = stackalloc byte[SymbolsMax];
        if (!TryExtract(symbols, joined, out var number))
            return ErrorCode.PhoneNotDigits;
        if (number.IndexOf(";isub="u8) is > 0 and var subaddress)
            number = number[..subaddress];
        if (!IsViable(number))
            return number.ContainsAnyInRange((byte)'0', (byte)'9') && !number.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? ErrorCode.PhoneTooShort : ErrorCode.PhoneNotDigits;

        var end = ExtensionStart(number);
        if (end < number.Length && IsViable(number[..end]))
        {
            number = number[..end];
            extension = true;
        }
        plus = number[0] == '+';
        count = Dial(number, digits);
        return ErrorCode.None;
    }

    /// <summary>Keeps digits; letters become the digits of their keys when there are three or more, as in 1-800-FLOWERS, and fall away otherwise.</summary>
    private static int Dial(ReadOnlySpan<byte> number, Span<byte> digits)
    {
        var letters = 0;
        foreach (var symbol in number)
        {
            if (IsLetter(symbol))
                letters++;
        }
        var count = 0;
        foreach (var symbol in number)
        {
            if (IsDigit(symbol))
                digits[count++] = (byte)(symbol - '0');
            else if (letters >= 3 && IsLetter(symbol))
                digits[count++] = (byte)(Keypad[symbol - 'a'] - '0');
        }
        return count;
    }

    /// <summary>4.4E+11 and 61412345678.0: what a spreadsheet makes of a number that it takes for a quantity. Digits may be lost, so none are guessed.</summary>
    private static bool IsSpreadsheetNumber(ReadOnlySpan<byte> symbols)
    {
        symbols = symbols.Trim(" 'S"u8).TrimStart((byte)'+');
        var whole = DigitsAtStart(symbols);
        var rest = symbols[whole..];
        var fraction = 0;
        if (rest is [(byte)'.' or (byte)',', ..])
        {
            fraction = DigitsAtStart(rest[1..]);
            var onlyZeros = rest[1..].IndexOfAnyExcept((byte)'0') < 0;
            if (rest[0] == '.' && whole >= 7 && fraction is 1 or 2 && onlyZeros)
                return true;
            rest = rest[(1 + fraction)..];
        }
        if (whole == 0 || rest is not [(byte)'e', ..])
            return false;
        rest = rest[1..];
        if (rest is [(byte)'+' or (byte)'-', ..])
            rest = rest[1..];
        return rest.Length is >= 1 and <= 3 && DigitsAtStart(rest) == rest.Length;
    }

    /// <summary>buildNationalNumberForParsing and extractPossibleNumber: from the first plus or digit to the last letter, digit or <c>#</c>, without a second number.</summary>
    private static bool TryExtract(ReadOnlySpan<byte> symbols, Span<byte> joined, out ReadOnlySpan<byte> number)
    {
        number = default;
        var context = symbols.IndexOf(";phone-context="u8);
        if (context >= 0)
            return TryJoinContext(symbols, context, joined, out number);

        var start = symbols.IndexOfAny("+0123456789"u8);
        if (start < 0)
            return false;
        number = symbols[start..];
        var end = number.Length;
        while (end > 0 && !IsLetterOrNumber(number[end - 1]) && number[end - 1] != '#')
            end--;
        number = number[..end];
        for (var i = 0; i < number.Length; i++)
        {
            if (number[i] is not ((byte)'/' or (byte)'\\') || number[(i + 1)..].TrimStart((byte)' ') is not [(byte)'x', ..])
                continue;
            number = number[..i];
            break;
        }
        return true;
    }

    /// <summary>A local number with its context (RFC 3966, 5.1.5): <c>tel:863-1234;phone-context=+1-914-555</c>.</summary>
    private static bool TryJoinContext(ReadOnlySpan<byte> symbols, int contextAt, Span<byte> joined, out ReadOnlySpan<byte> number)
    {
        number = default;
        var context = symbols[(contextAt + ";phone-context=".Length)..];
        if (context.IndexOf((byte)';') is >= 0 and var next)
            context = context[..next];
        if (!IsGlobalContext(context) && !IsDomainName(context))
            return false;
        var prefix = symbols.IndexOf("tel:"u8);
        var local = prefix >= 0 && prefix + 4 <= contextAt ? symbols[(prefix + 4)..contextAt] : symbols[..contextAt];
        var written = 0;
        if (context[0] == '+')
        {
            context.CopyTo(joined);
            written = context.Length;
        }
        local.CopyTo(joined[written..]);
        number = joined[..(written + local.Length)];
        return true;
    }

    private static bool IsGlobalContext(ReadOnlySpan<byte> context) =>
        context is [(byte)'+', ..] && context[1..].ContainsAnyInRange((byte)'0', (byte)'9') && context[1..].IndexOfAnyExcept("0123456789-.P"u8) < 0;

    private static bool IsDomainName(ReadOnlySpan<byte> name)
    {
        if (name is [.., (byte)'.'])
            name = name[..^1];
        while (true)
        {
            var dot = name.IndexOf((byte)'.');
            var label = dot < 0 ? name : name[..dot];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var symbol in label)
            {
                if (!IsLetter(symbol) && !IsDigit(symbol) && symbol != '-')
                    return false;
            }
            if (dot < 0)
                return IsLetter(label[0]);
            name = name[(dot + 1)..];
        }
    }

    /// <summary>isViablePhoneNumber: two digits, or pluses, three digits with punctuation between, then punctuation, letters and digits, then maybe an extension.</summary>
    private static bool IsViable(ReadOnlySpan<byte> number)
    {
        if (number.Length < 2)
            return false;
        if (number.Length == 2 && IsDigit(number[0]) && IsDigit(number[1]))
            return true;
        var at = 0;
        while (at < number.Length && number[at] == '+')
            at++;
        for (var digits = 0; digits < 3;)
        {
            if (at == number.Length)
                return false;
            if (IsDigit(number[at]))
                digits++;
            else if (!IsPunctuation(number[at]))
                return false;
            at++;
        }
        var extensible = number[at..].ContainsAny(ExtensionSigns);
        for (; at < number.Length; at++)
        {
            if (extensible && IsExtension(number[at..]))
                return true;
            if (!IsPunctuation(number[at]) && !IsDigit(number[at]) && !IsLetter(number[at]))
                return false;
        }
        return true;
    }

    private static int ExtensionStart(ReadOnlySpan<byte> number)
    {
        if (!number.ContainsAny(ExtensionSigns))
            return number.Length;
        for (var start = 0; start < number.Length; start++)
        {
            if (!IsDigit(number[start]) && IsExtension(number[start..]))
                return start;
        }
        return number.Length;
    }

    /// <summary>Whether all of <paramref name="text"/> is an extension in one of the ways that libphonenumber's EXTN_PATTERNS_FOR_PARSING knows.</summary>
    private static bool IsExtension(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith(";ext="u8))
            return AreDigits(text[5..], 20);

        // As in "650-253-0000 12#".
        var american = text.TrimStart("- "u8);
        if (american.Length < text.Length && american is [.., (byte)'#'] && AreDigits(american[..^1], 6))
            return true;

        var label = text.TrimStart(" B\t"u8);
        if (label is [(byte)';', ..] || label.StartsWith(",,"u8))
        {
            if (AreLabelledDigits(label is [(byte)';', ..] ? label[1..] : label[2..], 15))
                return true;
        }
        if (label is [(byte)',', ..] && AreLabelledDigits(label.TrimStart((byte)','), 9))
            return true;

        label = text.TrimStart(" B\t,"u8);
        var length = ExplicitLabel(label);
        if (length > 0)
            return AreLabelledDigits(label[length..], 20);
        length = label switch
        {
            [(byte)'x' or (byte)'X' or (byte)'#' or WideHash or (byte)'~', ..] => 1,
            [(byte)'i', (byte)'n', (byte)'t', ..] or [(byte)'I', (byte)'N', (byte)'T', ..] => 3,
            _ => 0,
        };
        return length > 0 && AreLabelledDigits(label[length..], 9);
    }

    /// <summary>Length of <c>ext</c>, <c>extn</c>, <c>xtn</c>, <c>extension</c>, <c>extensión</c>, <c>доб</c>, <c>anexo</c>, wide <c>ｅｘｔ</c> at the start; else 0.</summary>
    private static int ExplicitLabel(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("QRU"u8))
            return 3;
        if (text.StartsWith("anexo"u8))
            return 5;
        var at = text is [(byte)'e' or (byte)'E', ..] ? 1 : 0;
        var wide = text[at..].StartsWith("XT"u8);
        if (!wide && !text[at..].StartsWith("xt"u8) || at == 1 && wide != (text[0] == 'E'))
            return 0;
        at += 2;
        if (!wide && text[at..].StartsWith("ensi"u8))
        {
            if (text[(at + 4)..] is [(byte)'o', CombiningAcute, ..])
                at += 6;
            else if (text[(at + 4)..] is [(byte)'o' or (byte)'W', ..])
                at += 5;
        }
        return text[at..] is [var n, ..] && n == (wide ? 'N' : 'n') ? at + 1 : at;
    }

    /// <summary>Maybe a colon or full stop, maybe blanks, commas and dashes, then digits, then maybe <c>#</c>.</summary>
    private static bool AreLabelledDigits(ReadOnlySpan<byte> text, int max)
    {
        if (text is [(byte)':' or (byte)'.' or WideDot, ..])
            text = text[1..];
        text = text.TrimStart(" B\t,-"u8);
        return AreDigits(text is [.., (byte)'#'] ? text[..^1] : text, max);
    }

    private static bool AreDigits(ReadOnlySpan<byte> text, int max) => text.Length >= 1 && text.Length <= max && DigitsAtStart(text) == text.Length;

    private static int DigitsAtStart(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }

    private static bool IsDigit(byte symbol) => symbol is >= (byte)'0' and <= (byte)'9';

    private static bool IsLetter(byte symbol) => symbol is >= (byte)'a' and <= (byte)'z';

    private static bool IsPunctuation(byte symbol) =>
        symbol is (byte)'-' or (byte)'x' or (byte)' ' or (byte)'.' or (byte)'/' or (byte)'~' or (byte)'*' or NoBreakSpace or WideDot or OtherPunctuation;

    private static bool IsLetterOrNumber(byte symbol) =>
        IsDigit(symbol) || IsLetter(symbol) || symbol is OtherLetter or (byte)'X' or (byte)'T' or (byte)'E' or (byte)'N' or (byte)'I' or (byte)'Q' or (byte)'R' or (byte)'U' or (byte)'W';

    private static ErrorCode TryFold(ReadOnlySpan<byte> utf8, Span<byte> symbols, out int length)
    {
        length = 0;
        while (!utf8.IsEmpty)
        {
            if (utf8[0] < 0x80 && length < symbols.Length)
            {
                symbols[length++] = Ascii[utf8[0]];
                utf8 = utf8[1..];
                continue;
            }
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var bytes) != OperationStatus.Done)
                return ErrorCode.PhoneNotDigits;
            if (length == symbols.Length)
                return ErrorCode.PhoneTooLong;
            symbols[length++] = Fold(rune);
            utf8 = utf8[bytes..];
        }
        return length == 0 ? ErrorCode.PhoneTooShort : ErrorCode.None;
    }

    private static byte Fold(Rune rune)
    {
        switch (rune.Value)
        {
            case 0xFF0B:
                return (byte)'+';
            case 0x00A0:
                return NoBreakSpace;
            case 0xFF0E:
                return WideDot;
            case 0xFF03:
                return WideHash;
            case 0xFF5E:
                return (byte)'~';
            case 0x0301:
                return CombiningAcute;
            case 0x00F3 or 0x00D3:
                return (byte)'W';
            case 0x0434 or 0x0414:
                return (byte)'Q';
            case 0x043E or 0x041E:
                return (byte)'R';
            case 0x0431 or 0x0411:
                return (byte)'U';
            case 0xFF38 or 0xFF58:
                return (byte)'X';
            case 0xFF34 or 0xFF54:
                return (byte)'T';
            case 0xFF25 or 0xFF45:
                return (byte)'E';
            case 0xFF2E or 0xFF4E:
                return (byte)'N';
            case 0xFF29 or 0xFF49:
                return (byte)'I';
            // libphonenumber's VALID_PUNCTUATION …
            case >= 0x2010 and <= 0x2015 or 0x2212 or 0x30FC or 0xFF0D or 0xFF0F or 0x00AD or 0x200B or 0x2060 or 0x3000:
            case 0xFF08 or 0xFF09 or 0xFF3B or 0xFF3D or 0x2053 or 0x223C:
            // … and, ours, the invisible marks that right-to-left text and copying leave inside a number.
            case 0x200E or 0x200F or >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069 or 0xFEFF or 0x202F or 0x2009:
                return OtherPunctuation;
        }
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.DecimalDigitNumber => (byte)('0' + (int)Rune.GetNumericValue(rune)),
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => OtherLetter,
            _ => OtherSymbol,
        };
    }
}
