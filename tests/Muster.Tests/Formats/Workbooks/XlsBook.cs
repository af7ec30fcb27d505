using System.Buffers.Binary;
using System.Text;

namespace Muster.Tests.Formats.Workbooks;

/// <summary>Writes .xls files for tests: BIFF 8 ([MS-XLS]) with shared strings and formats, in a compound file ([MS-CFB]).</summary>
sealed class XlsBook
{
    const int RecordMax = 8224;
    const int Sector = 512;
    const int StreamMin = 4096; // shorter ones lie in the mini stream
    const uint EndOfChain = 0xFFFFFFFE;
    const uint FatSector = 0xFFFFFFFD;
    const uint Free = 0xFFFFFFFF;

    readonly List<(string Name, object?[][] Rows)> sheets = [];
    readonly List<string> strings = [];
    readonly Dictionary<string, int> numbers = [];

    /// <summary>Texts of custom number formats; the first is style 1, and so on. Style 0 is General.</summary>
    public List<string> Formats { get; } = [];

    /// <param name="rows">Cells: a text, a number, a number with its style, or nothing.</param>
    public XlsBook Sheet(string name, params object?[][] rows)
    {
        sheets.Add((name, rows));
        return this;
    }

    public byte[] Bytes()
    {
        var bodies = sheets.Select(s => SheetBody(s.Rows)).ToList();
        var globals = Globals(new int[sheets.Count]).Length;
        var offsets = bodies.Select((_, i) => globals + bodies.Take(i).Sum(b => b.Length)).ToArray();
        return Compound([.. Globals(offsets), .. bodies.SelectMany(b => b)]);
    }

    byte[] Globals(int[] offsets)
    {
        using var stream = new MemoryStream();
        Record(stream, 0x0809, [0x00, 0x06, 0x05, 0x00, 0xBB, 0x0D, 0xCC, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]);
        Record(stream, 0x0042, [0xB0, 0x04]);
        for (var i = 0; i < Formats.Count; i++)
            Record(stream, 0x041E, [.. Short(164 + i), .. Text16(Formats[i])]);
        for (var i = 0; i <= Formats.Count; i++)
            Record(stream, 0x00E0, [0, 0, .. Short(i == 0 ? 0 : 163 + i), .. new byte[16]]);
        for (var i = 0; i < sheets.Count; i++)
            Record(stream, 0x0085, [.. Int(offsets[i]), 0, 0, (byte)sheets[i].Name.Length, 1, .. Encoding.Unicode.GetBytes(sheets[i].Name)]);
        var record = new List<byte>([.. Int(strings.Count), .. Int(strings.Count)]);
        ushort type = 0x00FC;
        foreach (var text in strings)
        {
            var item = Text16(text);
            if (record.Count + item.Length > RecordMax)
            {
                Record(stream, type, [.. record]);
                record.Clear();
                type = 0x003C;
            }
            record.AddRange(item);
        }
        Record(stream, type, [.. record]);
        Record(stream, 0x000A, []);
        return stream.ToArray();
    }

    byte[] SheetBody(object?[][] rows)
    {
        using var stream = new MemoryStream();
        Record(stream, 0x0809, [0x00, 0x06, 0x10, 0x00, 0xBB, 0x0D, 0xCC, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]);
        Record(stream, 0x0200, [.. Int(0), .. Int(rows.Length), 0, 0, .. Short(rows.Max(r => r.Length)), 0, 0]);
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < rows[row].Length; column++)
            {
                var place = (byte[])[.. Short(row), .. Short(column)];
                switch (rows[row][column])
                {
                    case string text:
                        Record(stream, 0x00FD, [.. place, 0, 0, .. Int(NumberOf(text))]);
                        break;
                    case double number:
                        Record(stream, 0x0203, [.. place, 0, 0, .. BitConverter.GetBytes(number)]);
                        break;
                    case (double number, int style):
                        Record(stream, 0x0203, [.. place, .. Short(style), .. BitConverter.GetBytes(number)]);
                        break;
                    case bool truth:
                        Record(stream, 0x0205, [.. place, 0, 0, truth ? (byte)1 : (byte)0, 0]);
                        break;
                }
            }
        }
        Record(stream, 0x000A, []);
        return stream.ToArray();
    }

    int NumberOf(string text)
    {
        if (!numbers.TryGetValue(text, out var number))
        {
            numbers[text] = number = strings.Count;
            strings.Add(text);
        }
        return number;
    }

    static void Record(Stream stream, ushort type, byte[] data)
    {
        stream.Write(Short(type));
        stream.Write(Short(data.Length));
        stream.Write(data);
    }

    static byte[] Text16(string text) => [.. Short(text.Length), 1, .. Encoding.Unicode.GetBytes(text)];

    static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];

    static byte[] Int(int value) => BitConverter.GetBytes(value);

    static byte[] Compound(byte[] stream)
    {
        var padded = Math.Max((stream.Length + Sector - 1) / Sector * Sector, StreamMin);
        var data = padded / Sector;
        var fat = 1;
        while ((data + 1 + fat) * 4 > fat * Sector)
            fat++;
        var file = new byte[Sector * (1 + fat + 1 + data)];
        ReadOnlySpan<byte> signature = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        signature.CopyTo(file);
        void Put16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        Put16(24, 0x3E);
        Put16(26, 3);
        Put16(28, 0xFFFE);
        Put16(30, 9);
        Put16(32, 6);
        Put32(44, (uint)fat);
        Put32(48, (uint)fat); // the directory's sector
        Put32(56, StreamMin);
        Put32(60, EndOfChain);
        Put32(68, EndOfChain);
        for (var i = 0; i < 109; i++)
            Put32(76 + i * 4, i < fat ? (uint)i : Free);
        for (var i = 0; i < fat * Sector / 4; i++)
        {
            var next = i < fat ? FatSector : i == fat ? EndOfChain : i < fat + data ? (uint)(i + 1) : i == fat + data ? EndOfChain : Free;
            Put32(Sector + i * 4, next);
        }
        var directory = Sector * (1 + fat);
        Entry(0, "Root Entry", 5, child: 1, EndOfChain, 0);
        Entry(1, "Workbook", 2, child: Free, (uint)(fat + 1), (uint)padded);
        Entry(2, "", 0, Free, 0, 0);
        Entry(3, "", 0, Free, 0, 0);
        stream.CopyTo(file, directory + Sector);
        return file;

        void Entry(int index, string name, byte type, uint child, uint start, uint size)
        {
            var at = directory + index * 128;
            Encoding.Unicode.GetBytes(name).CopyTo(file, at);
            Put16(at + 64, name.Length == 0 ? 0 : name.Length * 2 + 2);
            file[at + 66] = type;
            file[at + 67] = 1;
            Put32(at + 68, Free);
            Put32(at + 72, Free);
            Put32(at + 76, child);
            Put32(at + 116, start);
            Put32(at + 120, size);
        }
    }
}
