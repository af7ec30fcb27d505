using System.Text;
using Muster.Contacts;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class DateValueTests
{
    static string Read(string text, DateOrder order = DateOrder.Unknown, bool excelSerials = false)
    {
        var destination = new byte[DateValue.BytesMax];
        var code = DateValue.TryRead(Encoding.UTF8.GetBytes(text), order, excelSerials, destination, out var written);
        return code == ErrorCode.None ? Encoding.UTF8.GetString(destination, 0, written) : code.ToString();
    }

    [Theory]
    [InlineData("2026-01-31", "2026-01-31")]
    [InlineData("2026-1-3", "2026-01-03")]
    [InlineData("2026/01/31", "2026-01-31")]
    [InlineData("2026.01.31", "2026-01-31")]
    [InlineData("20260131", "2026-01-31")]
    [InlineData("2024-02-29", "2024-02-29")]
    [InlineData("0001-01-01", "0001-01-01")]
    [InlineData("31.01.2026", "2026-01-31")]
    [InlineData("1.2.2026", "2026-02-01")]
    [InlineData("31. 1. 2026", "2026-01-31")]
    [InlineData("2026. 01. 31.", "2026-01-31")]
    [InlineData("31/01/2026", "2026-01-31")]
    [InlineData("01/31/2026", "2026-01-31")]
    [InlineData("31-01-2026", "2026-01-31")]
    [InlineData("05/05/2026", "2026-05-05")]
    [InlineData("31/12/99", "1999-12-31")]
    [InlineData("12/31/49", "2049-12-31")]
    [InlineData("31 Jan 2026", "2026-01-31")]
    [InlineData("31-Jan-26", "2026-01-31")]
    [InlineData("31-JAN-2026", "2026-01-31")]
    [InlineData("Jan 31, 2026", "2026-01-31")]
    [InlineData("January 31st, 2026", "2026-01-31")]
    [InlineData("Saturday, January 31, 2026", "2026-01-31")]
    [InlineData("2nd of February 2026", "2026-02-02")]
    [InlineData("2026-Jan-31", "2026-01-31")]
    [InlineData("1er février 2026", "2026-02-01")]
    [InlineData("31. März 2026", "2026-03-31")]
    [InlineData("3 de mayo de 2026", "2026-05-03")]
    [InlineData("1 maja 2026", "2026-05-01")]
    [InlineData("31 Aralık 2026", "2026-12-31")]
    [InlineData("7 Agustus 2026", "2026-08-07")]
    [InlineData("5 يناير 2026", "2026-01-05")]
    [InlineData("15 फ़रवरी 2026", "2026-02-15")]
    [InlineData("31 января 2026 г.", "2026-01-31")]
    [InlineData("2026年1月31日", "2026-01-31")]
    [InlineData("2026년 1월 31일", "2026-01-31")]
    [InlineData("２０２６／０１／３１", "2026-01-31")]
    [InlineData("٢٠٢٦-٠١-٣١", "2026-01-31")]
    [InlineData(" 2026-01-31 ", "2026-01-31")]
    public void Dates_become_iso(string text, string iso) => Assert.Equal(iso, Read(text));

    [Theory]
    [InlineData("2026-01-31T12:30", "2026-01-31T12:30:00")]
    [InlineData("2026-01-31 12:30:05", "2026-01-31T12:30:05")]
    [InlineData("2026-01-31T12:30:05.250", "2026-01-31T12:30:05.25")]
    [InlineData("2026-01-31T12:30:05,123456789123Z", "2026-01-31T12:30:05.123456789Z")]
    [InlineData("2026-01-31T12:30:00Z", "2026-01-31T12:30:00Z")]
    [InlineData("2026-01-31t12:30:00z", "2026-01-31T12:30:00Z")]
    [InlineData("2026-01-31T00:30:00+01:00", "2026-01-30T23:30:00Z")]
    [InlineData("2026-12-31 23:30 -0230", "2027-01-01T02:00:00Z")]
    [InlineData("2026-01-31 12:30:00+00", "2026-01-31T12:30:00Z")]
    [InlineData("2026-01-31 12:30:00 UTC", "2026-01-31T12:30:00Z")]
    [InlineData("20260131T123000Z", "2026-01-31T12:30:00Z")]
    [InlineData("2026-01-31 00:00:00", "2026-01-31T00:00:00")]
    [InlineData("2026-01-31T24:00:00", "2026-02-01T00:00:00")]
    [InlineData("1/31/2026 1:05 PM", "2026-01-31T13:05:00")]
    [InlineData("1/31/2026 12:05:09 am", "2026-01-31T00:05:09")]
    [InlineData("Jan 31, 2026, 3 PM", "2026-01-31T15:00:00")]
    [InlineData("Sat, 31 Jan 2026 12:30:00 GMT", "2026-01-31T12:30:00Z")]
    [InlineData("Sat Jan 31 2026 12:30:00 GMT+0100", "2026-01-31T11:30:00Z")]
    [InlineData("31.01.2026 12:30", "2026-01-31T12:30:00")]
    public void Times_are_kept_and_brought_to_UTC_when_the_zone_is_known(string text, string iso)
    {
        Assert.Equal(iso, Read(text));
        Assert.Equal(iso, Read(iso));
    }

    [Theory]
    [InlineData("01/02/2026", DateOrder.Dmy, "2026-02-01")]
    [InlineData("01/02/2026", DateOrder.Mdy, "2026-01-02")]
    [InlineData("01-02-2026", DateOrder.Mdy, "2026-01-02")]
    [InlineData("01.02.2026", DateOrder.Mdy, "2026-01-02")]
    [InlineData("01/02/03", DateOrder.Dmy, "2003-02-01")]
    [InlineData("01/02/03", DateOrder.Mdy, "2003-01-02")]
    [InlineData("01/02/03", DateOrder.Ymd, "2001-02-03")]
    [InlineData("2026-02-01", DateOrder.Dmy, "2026-02-01")]
    [InlineData("31/01/2026", DateOrder.Ymd, "2026-01-31")]
    [InlineData("31/01/2026", DateOrder.Mdy, "DateContradictsOrder")]
    [InlineData("01/31/2026", DateOrder.Dmy, "DateContradictsOrder")]
    [InlineData("01/02/2026", DateOrder.Ymd, "AmbiguousDate")]
    [InlineData("01/02/2026", DateOrder.Unknown, "AmbiguousDate")]
    [InlineData("1-2-26", DateOrder.Unknown, "AmbiguousDate")]
    [InlineData("26/01/31", DateOrder.Unknown, "AmbiguousDate")]
    [InlineData("01.02.26", DateOrder.Unknown, "AmbiguousDate")]
    [InlineData("01/02/2026 12:30", DateOrder.Unknown, "AmbiguousDate")]
    [InlineData("01/02/2026 nonsense", DateOrder.Unknown, "InvalidDate")]
    public void Order_decides_or_the_date_is_ambiguous(string text, DateOrder order, string answer) => Assert.Equal(answer, Read(text, order));

    [Theory]
    [InlineData("")]
    [InlineData("today")]
    [InlineData("2026")]
    [InlineData("2026-01")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30")]
    [InlineData("2025-02-29")]
    [InlineData("0000-00-00")]
    [InlineData("00/00/0000")]
    [InlineData("2026-01-31x")]
    [InlineData("2026-01/31")]
    [InlineData("2026-01-31T")]
    [InlineData("2026-01-31T25:00")]
    [InlineData("2026-01-31T12:60")]
    [InlineData("2026-01-31T24:00:01")]
    [InlineData("2026-01-31 13:00 PM")]
    [InlineData("2026-01-31T12:30+15:00")]
    [InlineData("2026-01-31T12:30+01:0")]
    [InlineData("0001-01-01T00:00+01:00")]
    [InlineData("31012026")]
    [InlineData("1769862600")]
    [InlineData("46053")]
    [InlineData("31 Foo 2026")]
    [InlineData("31 Jan")]
    [InlineData("Jan 2026")]
    [InlineData("31 Feb 2026")]
    [InlineData("Jan 31 Feb 2026")]
    [InlineData("31/01/202")]
    [InlineData("1/1/1/2026")]
    [InlineData("2026-W05-6")]
    public void What_is_no_date_is_refused(string text) => Assert.Equal("InvalidDate", Read(text));

    [Theory]
    [InlineData("46053", "2026-01-31")]
    [InlineData("20000", "1954-10-03")]
    [InlineData("80000", "2119-01-11")]
    [InlineData("19999", "InvalidDate")]
    [InlineData("80001", "InvalidDate")]
    [InlineData("46053.5", "2026-01-31T12:00:00")]
    [InlineData("46053.999999999", "2026-02-01T00:00:00")]
    [InlineData("46053.", "InvalidDate")]
    [InlineData("46053.5e3", "InvalidDate")]
    [InlineData("2026-01-31", "2026-01-31")]
    public void Spreadsheet_day_numbers_are_read_when_asked_for(string text, string answer) => Assert.Equal(answer, Read(text, excelSerials: true));

    [Fact]
    public void Small_destination_and_broken_utf8_end_in_a_code()
    {
        Assert.Equal(ErrorCode.ValueTooLong, DateValue.TryRead("2026-01-31"u8, DateOrder.Unknown, false, new byte[9], out var written));
        Assert.Equal(0, written);
        Assert.Equal(ErrorCode.InvalidDate, DateValue.TryRead([.. "2026-01-3"u8, 0xFF], DateOrder.Unknown, false, new byte[30], out _));
    }

    [Fact]
    public void Random_text_of_dates_never_throws_and_what_is_read_stays()
    {
        var random = new Random(11);
        string[] pieces = ["1", "31", "02", "2026", "26", "-", "/", ".", " ", ",", "T", "Jan", "mai", "st", "12:30", ":05", "Z", "+01:00", "PM", "年", "月", "日", "Sat", "de", "é"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => pieces[random.Next(pieces.Length)]));
            var iso = Read(text, (DateOrder)random.Next(4), random.Next(2) == 0);
            if (!iso.EndsWith("Date", StringComparison.Ordinal))
                Assert.Equal(iso, Read(iso));
        }
    }
}
