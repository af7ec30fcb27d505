namespace Muster.Formats.Packing;

/// <summary>CRC-32 as zip and gzip have it (ISO 3309, polynomial 0xEDB88320 reflected), eight bits a step.</summary>
sealed class Crc32
{
    static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        var value = (uint)i;
        for (var bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
        return value;
    })];

    uint state = uint.MaxValue;

    public uint Value => ~state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var s = state;
        foreach (var b in bytes)
            s = Table[(byte)(s ^ b)] ^ (s >> 8);
        state = s;
    }
}
