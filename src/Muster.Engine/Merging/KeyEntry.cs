using System.Runtime.InteropServices;

namespace Muster.Merging;

/// <summary>One accepted key: its hash, and batch and row number packed into 64 bits. All zero is an empty slot. The same 24 bytes in memory and in a run.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
readonly struct KeyEntry(ulong high, ulong low, ulong packed)
{
    public const int Size = 24;
    public const uint BatchMax = (1u << 24) - 1;
    const int RowBits = 40;

    public readonly ulong High = high;
    public readonly ulong Low = low;
    public readonly ulong Packed = packed;

    /// <summary>Batches count from 1, so a packed value is never zero.</summary>
    public static ulong Pack(uint batch, long row) => (ulong)batch << RowBits | (ulong)row;

    public static long RowOf(ulong packed) => (long)(packed & (1ul << RowBits) - 1);

    public static uint BatchOf(ulong packed) => (uint)(packed >> RowBits);

    public bool IsEmpty => Packed == 0;
    public uint Batch => BatchOf(Packed);

    public KeyHash Key => new(High, Low);

    /// <summary>The order of runs and of the table.</summary>
    public static bool IsBefore(KeyHash a, KeyHash b) => a.High != b.High ? a.High < b.High : a.Low < b.Low;
}
