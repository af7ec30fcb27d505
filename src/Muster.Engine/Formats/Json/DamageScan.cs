namespace Muster.Formats.Json;

/// <summary>Follows brackets and quotes through damaged JSON, byte by byte, to tell where the damage may end.</summary>
struct DamageScan
{
    const int DepthMax = 64;

    ulong braces;
    int depth;
    bool isLost;
    bool inString;
    bool isEscaped;

    /// <summary>Lists open since the damage began. Quotes are not believed: damage often is a missing one.</summary>
    public int OpenLists { get; private set; }

    /// <summary>Whether the bytes so far are one value whose brackets match, quotes believed.</summary>
    public bool IsMatched { get; private set; }

    public void Pass(byte b, bool isFirst)
    {
        OpenLists = b == '[' ? OpenLists + 1 : b == ']' && OpenLists > 0 ? OpenLists - 1 : OpenLists;
        if (isFirst)
            isLost = b is not ((byte)'{' or (byte)'[');
        if (isLost)
            return;
        if (inString)
        {
            // No JSON string goes over a line end: a quote is missing.
            isLost = b is (byte)'\r' or (byte)'\n';
            inString = isEscaped || b != '"';
            isEscaped = !isEscaped && b == '\\';
            return;
        }
        switch (b)
        {
            case (byte)'"':
                inString = true;
                break;
            case (byte)'{' or (byte)'[':
                isLost = depth == DepthMax;
                braces = (braces << 1) | (b == '{' ? 1ul : 0);
                depth++;
                break;
            case (byte)'}' or (byte)']':
                isLost = (braces & 1) != (b == '}' ? 1ul : 0);
                braces >>= 1;
                depth--;
                IsMatched = depth == 0 && !isLost;
                break;
        }
    }
}
