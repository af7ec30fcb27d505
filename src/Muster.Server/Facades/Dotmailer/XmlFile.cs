using System.Text;
using System.Xml;
using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The body <c>&lt;ApiFileMedia&gt;&lt;FileName&gt;…&lt;/FileName&gt;&lt;Data&gt;Base64&lt;/Data&gt;&lt;/ApiFileMedia&gt;</c>, elements in any name space, case and order, read as it arrives: the file is never held whole.</summary>
sealed class XmlFile(Stream body)
{
    const int NameMax = 4_096;

    public string? FileName { get; private set; }

    /// <summary>Reads the document; hands the decoded file to <paramref name="receive"/>, which must read it to its end.</summary>
    /// <returns>False when there is no data, or it is empty.</returns>
    /// <exception cref="Api.RefusedException">The document is no XML, or the file no Base64.</exception>
    public async Task<bool> ReadAsync(Func<Stream, Task> receive, CancellationToken cancellationToken)
    {
        using var reader = XmlBody.Reader(body);
        var received = false;
        try
        {
            if (await reader.MoveToContentAsync() != XmlNodeType.Element)
                throw VendorError.Malformed();
            await reader.ReadAsync();
            while (!reader.EOF)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.NodeType != XmlNodeType.Element || reader.Depth != 1)
                    await reader.ReadAsync();
                else if (!received && !reader.IsEmptyElement && reader.LocalName.Equals("Data", StringComparison.OrdinalIgnoreCase))
                {
                    var first = new byte[1];
                    var decoding = new Decoding(reader);
                    if (await decoding.ReadAsync(first, cancellationToken) == 0)
                        continue;
                    await receive(new JoinedStream(first, decoding));
                    received = true;
                }
                else if (reader.LocalName.Equals("FileName", StringComparison.OrdinalIgnoreCase))
                    FileName = await NameAsync(reader);
                else
                    await reader.SkipAsync();
            }
            return received;
        }
        catch (XmlException)
        {
            throw VendorError.Malformed();
        }
    }

    static async Task<string> NameAsync(XmlReader reader)
    {
        var name = new StringBuilder();
        using var inner = reader.ReadSubtree();
        await inner.ReadAsync();
        while (await inner.ReadAsync())
        {
            if (inner.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA))
                continue;
            var chunk = new char[NameMax];
            int length;
            while ((length = await inner.ReadValueChunkAsync(chunk, 0, chunk.Length)) > 0)
            {
                if (name.Append(chunk, 0, length).Length > NameMax)
                    throw VendorError.Malformed();
            }
        }
        return name.ToString().Trim();
    }

    /// <summary>The bytes that the element's text encodes; behind them the reader stands past the element.</summary>
    sealed class Decoding(XmlReader reader) : ReadOnlyStream
    {
        byte[] buffer = [];
        bool ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            if (ended || destination.Length == 0)
                return 0;
            if (buffer.Length < destination.Length)
                buffer = new byte[destination.Length];
            int count;
            try
            {
                count = await reader.ReadElementContentAsBase64Async(buffer, 0, destination.Length);
            }
            catch (Exception e) when (e is XmlException or FormatException)
            {
                throw VendorError.BodyDiffers();
            }
            ended = count == 0;
            buffer.AsSpan(0, count).CopyTo(destination.Span);
            return count;
        }
    }
}
