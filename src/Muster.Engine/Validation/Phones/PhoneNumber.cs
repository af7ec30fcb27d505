using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Muster.Contacts;

namespace Muster.Validation.Phones;

/// <summary>Reads phone numbers as people and programs write them into E.164 (ITU-T E.164), and tells what they are.</summary>
/// <remarks>
/// Follows libphonenumber's parser (PhoneNumberUtil.parse and isValidNumber) on the same metadata; docs/formats-phones.md states every rule and
/// every difference. Nothing here allocates. An E.164 number travels as an integer: country code and national number, at most 15 digits.
/// </remarks>
public static class PhoneNumber
{
    /// <summary>Bytes that <see cref="Format"/> may write.</summary>
    public const int FormattedMax = 20;

    // International prefix, country code, trunk prefix and the 17 digits that libphonenumber allows a national number stay below this.
    private const int DigitsMax = 40;
    private const int NationalDigitsMin = 2;
    private const int NationalDigitsMax = 17;

    /// <summary>Reads one cell.</summary>
    /// <param name="utf8">The cell as sent, UTF-8.</param>
    /// <param name="region">Whose rules a number without a country code follows.</param>
    /// <param name="style">What may stand around the digits.</param>
    /// <param name="e164">The number as digits: 61412345678 for +61 412 345 678. 0 on failure.</param>
    /// <param name="warning"><see cref="ErrorCode.PhoneExtensionDropped"/> when an extension was left out.</param>
    /// <returns><see cref="ErrorCode.None"/>, or why this is no number that the plan of its country assigns.</returns>
    [SkipLocalsInit]
    public static ErrorCode TryParse(ReadOnlySpan<byte> utf8, PhoneRegion region, PhoneStyle style, out long e164, out ErrorCode warning)
    {
        warning = ErrorCode.None;
        if (TryParseClean(utf8, out e164))
            return ErrorCode.None;

        Span<byte> digits = stackalloc byte[PhoneText.SymbolsMax];
        if (TryReadSimple(utf8, digits, out var count, out var plus, out var plain))
        {
            return style == PhoneStyle.Any || plain
                ? ResolveInStyle(digits[..count], plus, region, style, out e164)
                : ErrorCode.PhoneNotDigits;
        }

        var error = PhoneText.Read(utf8, digits, out count, out plus, out var extension);
        if (style != PhoneStyle.Any && !plain && error != ErrorCode.PhoneDamagedBySpreadsheet)
            error = ErrorCode.PhoneNotDigits;
        if (error == ErrorCode.None)
            error = Resolve(digits[..count], plus, region, out e164);
        if (error == ErrorCode.None && extension)
            warning = ErrorCode.PhoneExtensionDropped;
        return error;
    }

    /// <summary>What the number is used for; <see cref="PhoneType.Unknown"/> when no plan assigns it.</summary>
    public static PhoneType TypeOf(long e164)
    {
        var meaning = MeaningOf(e164, out _);
        return meaning < 0 ? PhoneType.Unknown : (PhoneType)(meaning >> 8 & 0x7F);
    }

    /// <summary>The region that assigned the number; <see cref="PhoneRegion.None"/> when no plan does.</summary>
    public static PhoneRegion RegionOf(long e164)
    {
        var meaning = MeaningOf(e164, out var plans);
        return meaning < 0 ? default : new PhoneRegion(plans[meaning & 0xFF]);
    }

    /// <summary>The country code that the number begins with; null when it begins with none.</summary>
    public static int? CallingCodeOf(long e164)
    {
        if (e164 <= 0)
            return null;
        Span<byte> digits = stackalloc byte[19];
        var at = digits.Length;
        for (; e164 > 0; e164 /= 10)
            digits[--at] = (byte)(e164 % 10);
        return TrySplit(digits[at..], out var plan, out _) ? plan.CallingCode : null;
    }

    /// <summary>Writes <c>+61412345678</c> and returns the bytes written.</summary>
    /// <param name="e164">A positive number.</param>
    /// <param name="destination">At least <see cref="FormattedMax"/> bytes always suffice.</param>
    public static int Format(long e164, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(e164);
        destination[0] = (byte)'+';
        if (!Utf8Formatter.TryFormat(e164, destination[1..], out var written))
            throw new ArgumentException($"A number of this length needs up to {FormattedMax} bytes.", nameof(destination));
        return written + 1;
    }

    /// <summary>The common case: a valid E.164 number as it should be written, about which nothing is in doubt.</summary>
    private static bool TryParseClean(ReadOnlySpan<byte> utf8, out long e164)
    {
        e164 = 0;
        if (utf8.Length is < 5 or > 17 || utf8[0] != '+')
            return false;
        var state = NumberingPlan.Start;
        long value = 0;
        foreach (var c in utf8[1..])
        {
            var digit = c - '0';
            if ((uint)digit > 9)
                return false;
            state = NumberingPlan.Step(state, digit);
            value = value * 10 + digit;
        }
        if (!NumberingPlan.Accepted(state) || (NumberingPlan.Meaning(state) & NumberingPlan.TrunkDoubt) != 0)
            return false;
        e164 = value;
        return true;
    }

    /// <summary>
    /// Reads ASCII digits with at most one plus before them and with blanks, dashes, dots, parentheses and slashes anywhere, which needs no
    /// analysis. False for anything else, and for what may be a spreadsheet's 61412345678.0.
    /// </summary>
    private static bool TryReadSimple(ReadOnlySpan<byte> utf8, Span<byte> digits, out int count, out bool plus, out bool plain)
    {
        count = 0;
        plus = false;
        plain = utf8.Length <= DigitsMax;
        if (!plain)
            return false;
        foreach (var c in utf8)
        {
            var digit = c - '0';
            if ((uint)digit <= 9)
            {
                digits[count++] = (byte)digit;
            }
            else if (c == '+')
            {
                if (plus || count > 0)
                {
                    plain = false;
                    return false;
                }
                plus = true;
            }
            else if (c is (byte)' ' or (byte)'-' or (byte)'(' or (byte)')' or (byte)'.' or (byte)'/')
            {
                plain = false;
            }
            else
            {
                plain = false;
                return false;
            }
        }
        // Fewer than three digits are for PhoneText, which says what is wrong.
        return count >= 3 && (plain ? utf8.Length == count + (plus ? 1 : 0) : !(utf8[^1] == '0' && utf8[^3..].Contains((byte)'.')));
    }

    private static ErrorCode ResolveInStyle(ReadOnlySpan<byte> digits, bool plus, PhoneRegion region, PhoneStyle style, out long e164)
    {
        var error = Resolve(digits, plus, region, out e164);
        return error != ErrorCode.None && !plus && style == PhoneStyle.PlainOrInternational && Resolve(digits, plus: true, PhoneRegion.None, out e164) == ErrorCode.None
            ? ErrorCode.None
            : error;
    }

    /// <summary>libphonenumber's parseHelper from the point where only digits are left, then isValidNumber.</summary>
    [SkipLocalsInit]
    private static ErrorCode Resolve(ReadOnlySpan<byte> digits, bool plus, PhoneRegion region, out long e164)
    {
        e164 = 0;
        if (!plus && region.Plan < 0)
            return ErrorCode.PhoneUnknownRegion;
        if (digits.Length > DigitsMax)
            return ErrorCode.PhoneTooLong;

        Span<byte> scratch = stackalloc byte[DigitsMax + 10];
        NumberingPlan plan;
        scoped ReadOnlySpan<byte> national;
        if (plus && digits.Length <= NationalDigitsMin)
            return ErrorCode.PhoneTooShort;
        if (plus && TrySplit(digits, out plan, out national))
        {
            // The country code is there: the common form.
        }
        else if (region.Plan < 0)
        {
            return ErrorCode.PhoneUnknownRegion;
        }
        else
        {
            plan = new NumberingPlan(region.Plan);
            var error = TryFindCountryCode(digits, ref plan, scratch, out national);
            if (error != ErrorCode.None)
                return error;
            // A plus before what is no country code is taken away only if another country code comes to light.
            if (plus && national.Length == digits.Length)
                return ErrorCode.PhoneUnknownRegion;
        }

        if (national.Length < NationalDigitsMin)
            return ErrorCode.PhoneTooShort;
        Span<byte> second = stackalloc byte[DigitsMax + 20];
        var stripped = plan.StripNationalPrefix(national, second);
        if (IsPossibleOrTooLong(plan, stripped.Length))
            national = stripped;
        if (national.Length < NationalDigitsMin)
            return ErrorCode.PhoneTooShort;
        if (national.Length > NationalDigitsMax)
            return ErrorCode.PhoneTooLong;

        var state = plan.AfterCallingCode;
        long value = plan.CallingCode;
        foreach (var digit in national)
        {
            state = NumberingPlan.Step(state, digit);
            value = value * 10 + digit;
        }
        if (!NumberingPlan.Accepted(state))
            return WhyNot(plan, national.Length);
        e164 = value;
        return ErrorCode.None;
    }

    /// <summary>maybeExtractCountryCode for a number that does not begin with a plus. Leaves the plan alone and the number whole when it holds no country code.</summary>
    private static ErrorCode TryFindCountryCode(ReadOnlySpan<byte> digits, scoped ref NumberingPlan plan, Span<byte> scratch, out ReadOnlySpan<byte> national)
    {
        national = digits;
        var prefix = plan.InternationalPrefix(digits);
        if (prefix > 0)
        {
            digits = digits[prefix..];
            if (digits.Length <= NationalDigitsMin)
                return ErrorCode.PhoneTooShort;
            return TrySplit(digits, out plan, out national) ? ErrorCode.None : ErrorCode.PhoneUnknownRegion;
        }

        var code = CallingCodeDigits(digits, plan.CallingCode);
        if (code == 0)
            return ErrorCode.None;
        // The region's own country code without plus: believed when the number is none with it and is one without it, or is too long with it.
        var rest = plan.StripNationalPrefix(digits[code..], scratch);
        if ((!plan.Fits(digits) && plan.Fits(rest)) || plan.Lengths >> Math.Min(digits.Length, 31) == 0)
        {
            national = rest;
            plan = new NumberingPlan(NumberingPlan.PlansOf(plan.CallingCode)[0]);
        }
        return ErrorCode.None;
    }

    /// <summary>Splits a number that begins with a country code.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> digits, out NumberingPlan plan, out ReadOnlySpan<byte> national)
    {
        var code = 0;
        for (var length = 1; length <= 3 && length <= digits.Length && digits[0] != 0; length++)
        {
            code = code * 10 + digits[length - 1];
            if (NumberingPlan.PlansOf(code) is not [var main, ..])
                continue;
            plan = new NumberingPlan(main);
            national = digits[length..];
            return true;
        }
        plan = default;
        national = default;
        return false;
    }

    /// <summary>How many digits of the calling code stand at the start: all, or 0.</summary>
    private static int CallingCodeDigits(ReadOnlySpan<byte> digits, int callingCode)
    {
        var length = callingCode < 10 ? 1 : callingCode < 100 ? 2 : 3;
        if (digits.Length < length)
            return 0;
        var code = 0;
        foreach (var digit in digits[..length])
            code = code * 10 + digit;
        return code == callingCode ? length : 0;
    }

    private static bool IsPossibleOrTooLong(NumberingPlan plan, int length)
    {
        var above = plan.Lengths >> Math.Min(length, 31);
        return above == 0 || (above & 1) != 0;
    }

    private static ErrorCode WhyNot(NumberingPlan plan, int length)
    {
        if (plan.Lengths >> length == 0)
            return ErrorCode.PhoneTooLong;
        return (plan.Lengths & (1u << length) - 1) == 0 && (plan.Lengths >> length & 1) == 0 ? ErrorCode.PhoneTooShort : ErrorCode.InvalidPhone;
    }

    /// <summary>The meaning of a number's state and the plans of its country code, or -1.</summary>
    private static int MeaningOf(long e164, out ReadOnlySpan<ushort> plans)
    {
        plans = default;
        if (e164 <= 0)
            return -1;
        Span<byte> digits = stackalloc byte[19];
        var at = digits.Length;
        for (; e164 > 0; e164 /= 10)
            digits[--at] = (byte)(e164 % 10);
        digits = digits[at..];
        if (!TrySplit(digits, out var plan, out var national))
            return -1;
        var state = plan.AfterCallingCode;
        foreach (var digit in national)
            state = NumberingPlan.Step(state, digit);
        plans = NumberingPlan.PlansOf(plan.CallingCode);
        return NumberingPlan.Accepted(state) ? NumberingPlan.Meaning(state) : -1;
    }
}
