using System.Runtime.InteropServices;
using Muster.Formats.Xlsx;

namespace Muster.Formats.Xls;

/// <summary>Reads the shared strings of BIFF 8 ([MS-XLS] §2.4.265) from their record and those that continue it, into the arena.</summary>
/// <remarks>A text that a record's end cuts goes on in the next one behind a byte that says anew whether its characters have one byte or two.</remarks>
sealed class XlsStrings(BiffReader biff, StringArena strings)
{
    readonly byte[] characters = new byte[ushort.MaxValue * 2];
    readonly byte[] utf8 = new byte[ushort.MaxValue * 3];
    int at;

    public void Read(CancellationToken stop)
    {
        at = 8; // two counts, which files lie about
        while (at < biff.Data.Length || NextRecord())
        {
            Item();
            if ((strings.Count & 0xFFF) == 0)
                stop.ThrowIfCancellationRequested();
        }
        strings.Seal();
    }

    void Item()
    {
        var count = Short();
        var flags = Byte();
        var runs = (flags & 8) != 0 ? Short() : 0;
        var more = (flags & 4) != 0 ? Short() + Short() * 65_536L : 0L;
        var isWide = (flags & 1) != 0;
        var length = 0;
        while (length < count)
        {
            if (at == biff.Data.Length)
            {
                if (!NextRecord())
                    throw BiffReader.Damaged();
                isWide = (Byte() & 1) != 0;
            }
            var part = Math.Min(count - length, (biff.Data.Length - at) / (isWide ? 2 : 1));
            if (part == 0)
                throw BiffReader.Damaged();
            var from = biff.Data.Slice(at, isWide ? part * 2 : part);
            var to = characters.AsSpan(length * 2, part * 2);
            if (isWide)
            {
                from.CopyTo(to);
            }
            else
            {
                to.Clear();
                for (var i = 0; i < part; i++)
                    to[i * 2] = from[i];
            }
            (at, length) = (at + from.Length, length + part);
        }
        strings.Add(utf8.AsSpan(0, Utf16.ToUtf8(MemoryMarshal.Cast<byte, char>(characters.AsSpan(0, count * 2)), utf8)));
        Pass(runs * 4L + more);
    }

    void Pass(long bytes)
    {
        while (bytes > 0)
        {
            if (at == biff.Data.Length && !NextRecord())
                return; // what nobody reads may be missing
            var part = (int)Math.Min(bytes, biff.Data.Length - at);
            (at, bytes) = (at + part, bytes - part);
        }
    }

    int Byte()
    {
        if (at == biff.Data.Length && !NextRecord())
            throw BiffReader.Damaged();
        return biff.Data[at++];
    }

    int Short() => Byte() | Byte() << 8;

    bool NextRecord()
    {
        do
        {
            at = 0;
            if (!biff.NextContinues())
                return false;
        }
        while (biff.Data.IsEmpty);
        return true;
    }
}
