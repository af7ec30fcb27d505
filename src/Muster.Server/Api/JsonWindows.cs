using System.Buffers;

namespace Muster.Server.Api;

/// <summary>Walks through a JSON body of any length in a window that grows only for a single longer value.</summary>
static class JsonWindows
{
    const int Window = 64 << 10;

    /// <summary>Reads what is whole in the window; returns how many bytes that was.</summary>
    /// <param name="isFinal">Nothing follows.</param>
    public delegate int Take(ReadOnlySpan<byte> window, bool isFinal);

    /// <param name="goesOn">Asked behind each window; false ends the walk early.</param>
    /// <param name="valueBytesMax">How large the window may get, and with it a single value.</param>
    /// <param name="shorten">Makes a longer value shorter within the window, which it fills: returns how many bytes are left of it, or throws what it is refused with.</param>
    public static async Task ReadAsync(Stream body, Take take, Func<ValueTask<bool>> goesOn, int valueBytesMax, Func<Memory<byte>, int> shorten, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Window);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                var consumed = take(buffer.AsSpan(0, length), isFinal: read == 0);
                if (!await goesOn() || read == 0)
                    return;
                length -= consumed;
                buffer.AsSpan(consumed, length).CopyTo(buffer);
                if (length < buffer.Length)
                    continue;
                if (length >= valueBytesMax)
                {
                    length = shorten(buffer.AsMemory(0, length));
                    continue;
                }
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
