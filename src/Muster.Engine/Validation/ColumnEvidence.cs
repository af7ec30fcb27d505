using System.Buffers;
using System.Text;
using Muster.Contacts;
using Muster.Validation.Phones;

namespace Muster.Validation;

/// <summary>What the values of one column tell of it: counted over the records of a scan, decided before the first batch.</summary>
/// <remarks>Memory is constant. Costs about a microsecond a value, so a scan is bounded.</remarks>
public sealed class ColumnEvidence(PhoneRegion region)
{
    const int ExamplesMax = 3;
    const int ExampleChars = 60;
    const int ValueBytesMax = 256;

    // What most values must be for the column to be called so; the rest are typing errors.
    const double MostShare = 0.95;
    const double HintShare = 0.8;

    // An at sign in a column is no chance.
    const double EmailHintShare = 0.5;

    // Proofs of one order of dates that outweigh proofs of another: one typing error in twenty.
    const int ProofsToOne = 19;

    static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    readonly byte[] scratch = new byte[NumberValue.BytesMax];
    int numbers, booleans, booleanWords, dates, serials, ambiguousDates, emails, phones, phonesMarked, phonesInternational;
    int pointProofs, commaProofs, openNumbers;
    readonly int[] orderProofs = new int[4];
    readonly long[] orderRows = new long[4];

    /// <summary>Records looked at.</summary>
    public int Records { get; private set; }

    /// <summary>Those of them with a value.</summary>
    public int Values { get; private set; }

    /// <summary>Up to three different values, cut to 60 characters.</summary>
    public List<string> Examples { get; } = [];

    public double EmailShare => Share(emails);

    public double PhoneShare => Share(phones);

    /// <summary>Share of words of consent, such as unsubscribed; 0 while none says in or out.</summary>
    public double ConsentShare => consentSaid > 0 ? Share(consentWords) : 0;

    int consentWords, consentSaid;

    /// <summary>Half of the values or more are e-mail addresses.</summary>
    public bool LooksLikeEmail => EmailShare >= EmailHintShare;

    /// <summary>Most values are phone numbers, and written as such: with a plus, a leading zero, or signs between the digits. Bare digits may be anything.</summary>
    public bool LooksLikePhone => PhoneShare >= HintShare && Share(phonesMarked) >= HintShare;

    /// <summary>Some date reads two ways, and none proves which.</summary>
    public bool HasAmbiguousDates => ambiguousDates > 0;

    /// <summary>Some number reads two ways, such as 1,234.</summary>
    public bool HasOpenNumbers => openNumbers > 0;

    /// <summary>Takes the column's cell of the next record.</summary>
    /// <param name="rowNumber">For reasons; 0 when it is not known.</param>
    public void Take(ReadOnlySpan<byte> cell, long rowNumber)
    {
        Records++;
        cell = Blanks.Trim(cell);
        if (cell.IsEmpty)
            return;
        Values++;
        AddExample(cell);
        if (cell.Length > ValueBytesMax)
            return;
        if (cell.Contains((byte)'@'))
            emails += EmailAddress.IsValid(cell) ? 1 : 0;
        if (ConsentCell.IsStatus(cell, out var says))
        {
            consentWords++;
            consentSaid += says ? 1 : 0;
        }
        TakeBoolean(cell);
        // Digits of other scripts and months in words are rare enough to be looked at the long way.
        if (!cell.ContainsAny(Digits) && Ascii.IsValid(cell))
            return;
        TakePhone(cell);
        TakeNumber(cell);
        TakeDate(cell, rowNumber);
    }

    /// <summary>email, phone, date, number, boolean or text; <c>empty</c> without a value.</summary>
    public string Type
    {
        get
        {
            if (Values == 0)
                return "empty";
            if (IsMost(emails))
                return "email";
            if (IsMost(booleans) && booleanWords > 0)
                return "boolean";
            if (IsMost(dates))
                return "date";
            if (IsMost(phones) && IsMost(phonesMarked))
                return "phone";
            return IsMost(numbers) && phonesInternational == 0 ? "number" : "text";
        }
    }

    /// <summary>The order of day and month that the column's dates prove, and by what; unknown with null when nothing does or two are proved.</summary>
    public DateOrder ProvenDateOrder(out string? reason)
    {
        var best = DateOrder.Unknown;
        foreach (var order in (ReadOnlySpan<DateOrder>)[DateOrder.Dmy, DateOrder.Mdy, DateOrder.Ymd])
        {
            if (orderProofs[(int)order] > orderProofs[(int)best])
                best = order;
        }
        var others = orderProofs.Sum() - orderProofs[(int)best];
        if (best == DateOrder.Unknown || (others > 0 && orderProofs[(int)best] < (long)others * ProofsToOne))
        {
            reason = null;
            return DateOrder.Unknown;
        }
        var row = orderRows[(int)best];
        reason = $"{orderProofs[(int)best]} of {Values} dates looked at can be read as {Words(best)} only{(row > 0 ? $", the first in row {row}" : "")}.";
        return best;
    }

    /// <summary>Whether dates of the column prove two different orders.</summary>
    public bool HasMixedDates => orderProofs.Count(static n => n > 0) > 1 && ProvenDateOrder(out _) == DateOrder.Unknown;

    /// <summary>The decimal sign that the column's numbers prove; unknown when none does, or both.</summary>
    public DecimalSign ProvenDecimalSign =>
        pointProofs > 0 && commaProofs == 0 ? DecimalSign.Point : commaProofs > 0 && pointProofs == 0 ? DecimalSign.Comma : DecimalSign.Unknown;

    /// <summary>How many values of the column are day numbers of a spreadsheet, such as 46053.</summary>
    public int Serials => serials;

    static string Words(DateOrder order) => order switch
    {
        DateOrder.Dmy => "day, month, year",
        DateOrder.Mdy => "month, day, year",
        _ => "year, month, day",
    };

    void TakeBoolean(ReadOnlySpan<byte> cell)
    {
        if (BooleanValue.TryRead(cell, scratch, out _) != ErrorCode.None)
            return;
        booleans++;
        booleanWords += cell[0] is (byte)'0' or (byte)'1' ? 0 : 1;
    }

    void TakePhone(ReadOnlySpan<byte> cell)
    {
        if (PhoneNumber.TryParse(cell, region, PhoneStyle.Any, out _, out _) != ErrorCode.None)
            return;
        phones++;
        phonesInternational += cell[0] == '+' ? 1 : 0;
        phonesMarked += cell[0] is (byte)'+' or (byte)'0' or (byte)'(' || cell.ContainsAny(" -/()"u8) ? 1 : 0;
    }

    void TakeNumber(ReadOnlySpan<byte> cell)
    {
        if (NumberValue.TryRead(cell, DecimalSign.Unknown, scratch, out _) != ErrorCode.None)
            return;
        numbers++;
        var proof = NumberValue.Proof(cell, out var open);
        pointProofs += proof == DecimalSign.Point ? 1 : 0;
        commaProofs += proof == DecimalSign.Comma ? 1 : 0;
        openNumbers += open ? 1 : 0;
    }

    void TakeDate(ReadOnlySpan<byte> cell, long rowNumber)
    {
        bool Reads(ReadOnlySpan<byte> cell, DateOrder order) => DateValue.TryRead(cell, order, excelSerials: false, scratch, out _) == ErrorCode.None;
        switch (DateValue.TryRead(cell, DateOrder.Unknown, excelSerials: false, scratch, out _))
        {
            case ErrorCode.AmbiguousDate:
                dates++;
                ambiguousDates++;
                // 31/02/03 leaves two readings of three: no proof. 13/01/02 leaves day first and year first.
                return;
            case ErrorCode.None:
                dates++;
                break;
            default:
                if (DateValue.TryRead(cell, DateOrder.Unknown, excelSerials: true, scratch, out _) == ErrorCode.None)
                    serials++;
                return;
        }
        var (dmy, mdy, ymd) = (Reads(cell, DateOrder.Dmy), Reads(cell, DateOrder.Mdy), Reads(cell, DateOrder.Ymd));
        var proof = (dmy, mdy, ymd) switch
        {
            (true, false, _) => DateOrder.Dmy,
            (false, true, _) => DateOrder.Mdy,
            (false, false, true) => DateOrder.Ymd,
            _ => DateOrder.Unknown, // ISO 8601, a month's name, or the same day either way
        };
        if (proof == DateOrder.Unknown)
            return;
        if (orderProofs[(int)proof]++ == 0)
            orderRows[(int)proof] = rowNumber;
    }

    void AddExample(ReadOnlySpan<byte> cell)
    {
        if (Examples.Count == ExamplesMax)
            return;
        var text = Encoding.UTF8.GetString(cell.Length > 4 * ExampleChars ? cell[..(4 * ExampleChars)] : cell);
        if (text.Length > ExampleChars)
            text = text[..(char.IsHighSurrogate(text[ExampleChars - 1]) ? ExampleChars - 1 : ExampleChars)] + "…";
        if (!Examples.Contains(text, StringComparer.Ordinal))
            Examples.Add(text);
    }

    bool IsMost(int count) => count > 0 && count >= Values * MostShare;

    double Share(int count) => Values == 0 ? 0 : (double)count / Values;
}
