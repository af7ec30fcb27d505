using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Muster.Server.Api;
using Muster.Sources;

namespace Muster.Server.Facades;

/// <summary>What an upload's body brought.</summary>
/// <param name="File">In the spool; null when no file came. Whoever has the form owns it.</param>
/// <param name="Fields">Text parts by name in any case; of several with one name the first.</param>
sealed record UploadForm(SpooledSource? File, string? FileName, IReadOnlyDictionary<string, string> Fields);

/// <summary>Reads the bodies that clients of CSV uploads really send: multipart with its boundary, multipart whose Content-Type lost it, and forms without a file as JSON or urlencoded.</summary>
/// <remarks>The file goes straight to the spool. Parts may come in any order; their content types are ignored.</remarks>
sealed class UploadFormReader(Spool spool)
{
    const int TextBytesMax = 64 << 10;
    const int SniffedMax = 4 << 10;
    const int FieldsMax = 100;

    /// <param name="fileParts">Names of the part that is the file, the best first; failing all, the first part that has a file name.</param>
    /// <param name="fileBytesMax">A longer file is refused as 400.</param>
    /// <exception cref="RefusedException">The body cannot be read, or the file is too long.</exception>
    public async Task<UploadForm> ReadAsync(HttpRequest request, string[] fileParts, long fileBytesMax, CancellationToken cancellationToken)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        var boundary = type?.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        if (!string.IsNullOrEmpty(boundary))
            return await MultipartAsync(request.Body, boundary, fileParts, fileBytesMax, cancellationToken);

        // Samples of vendors' own pages say multipart/form-data without a boundary and send something else: what counts is what the body begins with.
        var start = await PeekAsync(request, cancellationToken);
        if (start.StartsWith("--", StringComparison.Ordinal) && FirstLine(start) is { Length: > 2 and <= Multipart.BoundaryMax } line)
            return await MultipartAsync(request.BodyReader.AsStream(), line[2..], fileParts, fileBytesMax, cancellationToken);
        if (start.StartsWith('{'))
            return new(null, null, OfJson(await TextAsync(request.BodyReader.AsStream(), cancellationToken)));
        if (type?.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
        {
            var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(await TextAsync(request.BodyReader.AsStream(), cancellationToken)));
            return new(null, null, form.ToDictionary(f => f.Key, f => f.Value[0] ?? "", StringComparer.OrdinalIgnoreCase));
        }
        throw Malformed(start.Length == 0 ? "It is empty." : "Send multipart/form-data, as curl -F does.");
    }

    async Task<UploadForm> MultipartAsync(Stream body, string boundary, string[] fileParts, long fileBytesMax, CancellationToken cancellationToken)
    {
        if (boundary.Length > Multipart.BoundaryMax)
            throw Malformed($"Its boundary is longer than {Multipart.BoundaryMax} characters.");
        var reader = Multipart.Read(body, boundary);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        SpooledSource? file = null;
        string? fileName = null;
        var fileRank = int.MaxValue;
        var parts = 0;
        try
        {
            while (await SectionAsync(reader, cancellationToken) is { } section)
            {
                if (++parts > FieldsMax)
                    throw Malformed($"It has more than {FieldsMax} parts.");
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    continue;
                var name = Multipart.NameOf(disposition) ?? "";
                var given = Multipart.FileNameOf(disposition);
                var rank = RankOf(name, given is not null, fileParts);
                if (rank >= fileRank)
                {
                    if (given is null)
                        fields.TryAdd(name, Encoding.UTF8.GetString(await TextAsync(section.Body, cancellationToken)));
                    continue;
                }
                if (given is null && await ShortTextAsync(section, cancellationToken) is { } path)
                {
                    // A path where the file should be: it could not travel.
                    fields.TryAdd(name, path);
                    continue;
                }
                if (file is not null)
                    spool.Delete(file.Name);
                (file, fileRank) = (null, rank);
                fileName = SourceName.Of(given);
                file = await SpoolAsync(section.Body, fileBytesMax, cancellationToken);
            }
            return parts > 0 ? new(file, fileName, fields) : throw Malformed("It has no part.");
        }
        catch
        {
            if (file is not null)
                spool.Delete(file.Name);
            throw;
        }
    }

    /// <summary>How likely a part is the file, 0 the most; the greatest number for one that is a field.</summary>
    static int RankOf(string name, bool hasFileName, string[] fileParts)
    {
        var place = Array.FindIndex(fileParts, p => p.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (place >= 0)
            return place;
        return hasFileName ? fileParts.Length : int.MaxValue;
    }

    /// <summary>The part's text when it is one short line; null when it may be a file that came without a name: its stream is at its start again.</summary>
    static async Task<string?> ShortTextAsync(MultipartSection section, CancellationToken cancellationToken)
    {
        var start = new byte[SniffedMax];
        var length = await new PartStream(section.Body, long.MaxValue).ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (length < start.Length && start.AsSpan(0, length).IndexOfAny((byte)'\n', (byte)'\r') < 0)
            return Encoding.UTF8.GetString(start, 0, length);
        section.Body = new JoinedStream(start.AsMemory(0, length), section.Body);
        return null;
    }

    async Task<SpooledSource> SpoolAsync(Stream part, long bytesMax, CancellationToken cancellationToken)
    {
        await using var capped = new PartStream(part, bytesMax);
        return (await spool.ReceiveAsync(capped, cancellationToken)).OrRefuse();
    }

    static async Task<MultipartSection?> SectionAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
        {
            throw Malformed("A part is cut off, or a part's headers are malformed.");
        }
    }

    static async Task<byte[]> TextAsync(Stream text, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await using var capped = new PartStream(text, TextBytesMax);
        await capped.CopyToAsync(whole, cancellationToken);
        return whole.ToArray();
    }

    static Dictionary<string, string> OfJson(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 8 });
            return document.RootElement.EnumerateObject().Where(m => m.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                .DistinctBy(m => m.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(m => m.Name, m => m.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        }
        catch (JsonException)
        {
            throw Malformed("It begins as JSON and is none.");
        }
    }

    /// <summary>The body's first bytes behind blanks, which stay to be read.</summary>
    static async Task<string> PeekAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var read = await request.BodyReader.ReadAtLeastAsync(SniffedMax, cancellationToken);
        var start = new byte[(int)Math.Min(read.Buffer.Length, SniffedMax)];
        System.Buffers.BuffersExtensions.CopyTo(read.Buffer.Slice(0, start.Length), start);
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return Encoding.Latin1.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
    }

    static string FirstLine(string text) => text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? text[..end].TrimEnd() : "";

    static RefusedException Malformed(string detail) => new(Refusal.Of(400, "malformed_multipart", "The body cannot be used. " + detail));
}
