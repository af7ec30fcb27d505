using System.Diagnostics;
using System.Text;
using Muster.Contacts;
using Muster.Load.Verifying;
using Muster.Load.Measuring;
using Muster.Validation.Phones;

namespace Muster.Load.Goals;

/// <summary>G8: what one phone number costs, in E.164 and as people write it at home.</summary>
static class PhoneGoal
{
    const int Numbers = 500_000;
    const int Repetitions = 7;

    static readonly Goal International = new("G8", "a phone verdict, E.164", 300, 100, "ns");
    static readonly Goal National = new("G8", "a phone verdict, national form", 300, 100, "ns");

    public static void Run(Bench bench)
    {
        var file = new ContactFile(Numbers, bench.Seed);
        var international = new Cells();
        var national = new Cells();
        var cells = new string[ContactFile.Columns.Length];
        for (var row = 0; row < Numbers; row++)
        {
            if (file.KindOf(row) == RowKind.Repeat)
                continue;
            file.Fill(row, cells);
            if (!PhoneRegion.TryParse(file.RegionOf(row), out var region))
                throw new InvalidOperationException("The generator names a region that the phone plans lack.");
            international.Add(cells[1], region);
            national.Add(NationalForm(cells[1]), region);
        }
        bench.Found(International, Measure(international), $"{international.Count:N0} numbers of four countries");
        bench.Found(National, Measure(national), "the same with trunk prefix, blanks and parentheses");
    }

    static double[] Measure(Cells cells)
    {
        var nanoseconds = new double[Repetitions];
        for (var i = -1; i < Repetitions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var valid = cells.CountValid();
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (valid != cells.Count)
                throw new WrongResultException($"{cells.Count - valid} of {cells.Count} generated phone numbers were refused.");
            if (i >= 0)
                nanoseconds[i] = elapsed.TotalNanoseconds / cells.Count;
        }
        return nanoseconds;
    }

    static string NationalForm(string e164) => e164 switch
    {
        ['+', '6', '1', .. var n] => $"0{n[..3]} {n[3..6]} {n[6..]}",
        ['+', '9', '1', .. var n] => $"0{n[..5]} {n[5..]}",
        ['+', '4', '9', .. var n] => $"0{n[..3]} {n[3..]}",
        ['+', '1', .. var n] => $"({n[..3]}) {n[3..6]}-{n[6..]}",
        _ => e164,
    };

    /// <summary>Numbers one after another in one buffer, as they lie in a block of a file.</summary>
    sealed class Cells
    {
        readonly List<(int Offset, int Length, PhoneRegion Region)> places = [];
        byte[] text = new byte[1 << 16];
        int length;

        public int Count => places.Count;

        public void Add(string number, PhoneRegion region)
        {
            if (text.Length - length < 64)
                Array.Resize(ref text, text.Length * 2);
            var written = Encoding.UTF8.GetBytes(number, text.AsSpan(length));
            places.Add((length, written, region));
            length += written;
        }

        public int CountValid()
        {
            var valid = 0;
            foreach (var (offset, bytes, region) in places)
            {
                if (PhoneNumber.TryParse(text.AsSpan(offset, bytes), region, PhoneStyle.Any, out _, out _) == ErrorCode.None)
                    valid++;
            }
            return valid;
        }
    }
}
