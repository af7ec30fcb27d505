namespace Muster.Merging;

/// <summary>A Bloom filter whose six bits for a key lie in one cache line: no key that was added is denied, and a few that were not are not denied either.</summary>
/// <param name="bits">Size; rounded up to whole lines of 512 bits.</param>
sealed class KeyFilter(long bits)
{
    const int LineWords = 8;

    readonly ulong[] _words = new ulong[(Math.Max(bits, 1) + 511) / 512 * LineWords];

    public long Bytes => _words.Length * (long)sizeof(ulong);

    public void Add(KeyHash key)
    {
        var line = Line(key);
        var picks = key.High;
        for (var i = 0; i < 6; i++, picks >>= 9)
            line[(int)(picks >> 6 & 7)] |= 1ul << (int)(picks & 63);
    }

    public bool MayContain(KeyHash key)
    {
        var line = Line(key);
        var picks = key.High;
        for (var i = 0; i < 6; i++, picks >>= 9)
        {
            if ((line[(int)(picks >> 6 & 7)] & 1ul << (int)(picks & 63)) == 0)
                return false;
        }
        return true;
    }

    // The line comes from Low, whose two highest bits may tell the kind (KeyHash.IndexKey), and the bits from the low end of High: a run is sorted by the high end of High, which must stay out of it.
    Span<ulong> Line(KeyHash key) => _words.AsSpan((int)Math.BigMul(key.Low << 2, (ulong)(_words.Length / LineWords), out _) * LineWords, LineWords);
}
