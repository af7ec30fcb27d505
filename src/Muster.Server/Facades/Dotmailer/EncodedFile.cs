using System.Globalization;
using System.Text;
using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The body <c>{"fileName":"…","data":"&lt;Base64&gt;"}</c>, members in any case and order, read as it arrives: the file is never held whole.</summary>
/// <remarks>RFC 8259's grammar, as much of it as this document needs; RFC 4648 §4's alphabet, white space let pass and padding optional.</remarks>
sealed class EncodedFile(Stream body)
{
    const int NameBytesMax = 4_096;
    const int DepthMax = 16;
    readonly byte[] buffer = new byte[16 << 10];
    int at;
    int length;

    public string? FileName { get; private set; }

    /// <summary>Reads the document; hands the decoded file to <paramref name="receive"/>, which must read it to its end.</summary>
    /// <returns>False when there is no member data, or it is no text, or empty.</returns>
    /// <exception cref="Api.RefusedException">The document is no JSON, or the file no Base64.</exception>
    public async Task<bool> ReadAsync(Func<Stream, Task> receive, CancellationToken cancellationToken)
    {
        var received = false;
        if (await TokenAsync(cancellationToken) == 0xEF) // a byte order mark
        {
            for (var i = 0; i < 3; i++)
                await ByteAsync(cancellationToken);
        }
        await ExpectAsync('{', cancellationToken);
        if (await TokenAsync(cancellationToken) == '}')
            return false;
        while (true)
        {
            await ExpectAsync('"', cancellationToken);
            var name = await TextAsync(cancellationToken);
            await ExpectAsync(':', cancellationToken);
            var isText = await TokenAsync(cancellationToken) == '"';
            if (isText && !received && name.Equals("data", StringComparison.OrdinalIgnoreCase))
            {
                at++;
                var file = new Decoding(this);
                if (await PeekAsync(cancellationToken) == '"')
                    at++;
                else
                {
                    await receive(file);
                    received = true;
                }
            }
            else if (isText)
            {
                at++;
                var text = await TextAsync(cancellationToken);
                if (name.Equals("fileName", StringComparison.OrdinalIgnoreCase))
                    FileName = text;
            }
            else
            {
                await SkipAsync(cancellationToken);
            }
            var next = await TokenAsync(cancellationToken);
            at++;
            if (next == '}')
                return received;
            if (next != ',')
                throw VendorError.Malformed();
        }
    }

    /// <summary>The next byte, left in place; -1 at the end.</summary>
    async ValueTask<int> PeekAsync(CancellationToken cancellationToken)
    {
        if (at >= length)
        {
            at = 0;
            length = await body.ReadAsync(buffer, cancellationToken);
            if (length == 0)
                return -1;
        }
        return buffer[at];
    }

    async ValueTask<int> ByteAsync(CancellationToken cancellationToken)
    {
        var next = await PeekAsync(cancellationToken);
        if (next < 0)
            throw VendorError.Malformed();
        at++;
        return next;
    }

    async ValueTask<int> TokenAsync(CancellationToken cancellationToken)
    {
        int next;
        while ((next = await PeekAsync(cancellationToken)) is ' ' or '\t' or '\r' or '\n')
            at++;
        return next < 0 ? throw VendorError.Malformed() : next;
    }

    async ValueTask ExpectAsync(char token, CancellationToken cancellationToken)
    {
        if (await TokenAsync(cancellationToken) != token)
            throw VendorError.Malformed();
        at++;
    }

    /// <summary>The rest of a text behind its opening quote.</summary>
    async Task<string> TextAsync(CancellationToken cancellationToken)
    {
        var text = new List<byte>();
        int next;
        while ((next = await ByteAsync(cancellationToken)) != '"')
        {
            if (next == '\\')
                text.AddRange(Encoding.UTF8.GetBytes((await EscapeAsync(cancellationToken)).ToString()));
            else
                text.Add((byte)next);
            if (text.Count > NameBytesMax)
                throw VendorError.Malformed();
        }
        return Encoding.UTF8.GetString([.. text]);
    }

    /// <summary>What stands behind a backslash.</summary>
    async ValueTask<char> EscapeAsync(CancellationToken cancellationToken)
    {
        var escape = await ByteAsync(cancellationToken);
        if (escape != 'u')
            return escape switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', '"' or '\\' or '/' => (char)escape, _ => throw VendorError.Malformed() };
        var code = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = (char)await ByteAsync(cancellationToken);
            code = char.IsAsciiHexDigit(digit) ? code << 4 | int.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : throw VendorError.Malformed();
        }
        return (char)code;
    }

    /// <summary>Passes a number, a word, an object or an array.</summary>
    async Task SkipAsync(CancellationToken cancellationToken)
    {
        var depth = 0;
        while (true)
        {
            switch (await PeekAsync(cancellationToken))
            {
                case '{' or '[' when ++depth > DepthMax:
                    throw VendorError.Malformed();
                case '"':
                    at++;
                    await TextAsync(cancellationToken);
                    continue;
                case '}' or ']' or ',' when depth == 0:
                    return;
                case '}' or ']':
                    depth--;
                    break;
                case < 0:
                    throw VendorError.Malformed();
            }
            at++;
        }
    }

    /// <summary>The bytes that the text encodes, up to its closing quote.</summary>
    sealed class Decoding(EncodedFile document) : ReadOnlyStream
    {
        int bits;
        int held;
        bool padded;
        bool ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            var written = 0;
            while (!ended && written < destination.Length)
            {
                // What lies in the buffer without a wait; a wait only when nothing has been written yet.
                if (document.at >= document.length && written > 0)
                    break;
                var next = await document.ByteAsync(cancellationToken);
                if (next == '\\')
                    next = await document.EscapeAsync(cancellationToken);
                else if (next == '"')
                {
                    ended = true;
                    if (bits >= 6 || (held & ((1 << bits) - 1)) != 0 && !padded)
                        throw VendorError.BodyDiffers();
                    break;
                }
                if (next is ' ' or '\r' or '\n' or '\t')
                    continue;
                if (next == '=')
                {
                    padded = true;
                    continue;
                }
                var value = padded ? -1 : ValueOf(next);
                if (value < 0)
                    throw VendorError.BodyDiffers();
                held = (held << 6 | value) & 0xFFFF;
                bits += 6;
                if (bits < 8)
                    continue;
                bits -= 8;
                destination.Span[written++] = (byte)(held >> bits);
            }
            return written;
        }

        static int ValueOf(int character) => character switch
        {
            >= 'A' and <= 'Z' => character - 'A',
            >= 'a' and <= 'z' => character - 'a' + 26,
            >= '0' and <= '9' => character - '0' + 52,
            '+' => 62,
            '/' => 63,
            _ => -1,
        };
    }
}
