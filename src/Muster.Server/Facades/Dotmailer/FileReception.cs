using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>A file as a client sent it, in the spool.</summary>
sealed record ReceivedFile(SpooledSource Spooled, string? FileName);

/// <summary>The largest body of an import's route: the file in Base64, and some room around it.</summary>
sealed class FileLimit(ServerSettings server) : IRequestSizeLimitMetadata
{
    const long Overhead = 1 << 20;

    public long? MaxRequestBodySize => server.DotmailerFileBytesMax / 3 * 4 + Overhead;
}

/// <summary>Takes an import's file into the spool as it arrives: a part of any name and disposition that has a file name, or Base64 in JSON or XML.</summary>
/// <remarks>
/// The form reader of the framework loses parts that are sent as <c>Content-Disposition: attachment</c>, which is what the vendor's own C# sample sends;
/// hence the parts are read here one by one.
/// </remarks>
sealed partial class FileReception(ServerSettings server, Spool spool)
{
    public async Task<ReceivedFile> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength == 0)
            throw VendorError.Malformed();
        if (request.ContentLength > new FileLimit(server).MaxRequestBodySize)
            throw VendorError.FileTooLarge(server.DotmailerFileBytesMax);
        if (request.ContentType is null)
            throw request.ContentLength is null && !request.Headers.TransferEncoding.Any() ? VendorError.Malformed() : VendorError.UnsupportedType();
        try
        {
            if (RequestReading.IsJson(request))
            {
                var document = new EncodedFile(request.Body);
                return await EncodedAsync(document.ReadAsync, () => document.FileName, cancellationToken);
            }
            if (XmlBody.IsXml(request))
            {
                var document = new XmlFile(request.Body);
                return await EncodedAsync(document.ReadAsync, () => document.FileName, cancellationToken);
            }
            if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
                return await PartAsync(request, type, cancellationToken);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == 413)
        {
            throw VendorError.FileTooLarge(server.DotmailerFileBytesMax);
        }
        throw VendorError.UnsupportedType();
    }

    async Task<ReceivedFile> EncodedAsync(Func<Func<Stream, Task>, CancellationToken, Task<bool>> read, Func<string?> fileName, CancellationToken cancellationToken)
    {
        SpooledSource? spooled = null;
        try
        {
            if (!await read(async file => spooled = await SpoolAsync(file, cancellationToken), cancellationToken) || spooled is null)
                throw VendorError.NoFile();
            return new(spooled, SourceName.Of(fileName()));
        }
        catch
        {
            if (spooled is not null)
                spool.Delete(spooled.Name);
            throw;
        }
    }

    async Task<ReceivedFile> PartAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var reader = Multipart.Read(request.Body, Multipart.BoundaryOf(type) ?? throw VendorError.Malformed());
        ReceivedFile? file = null;
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (!TryFileName(section.ContentDisposition, out var name))
                    continue;
                if (file is not null)
                    throw VendorError.SeveralFiles();
                file = new(await SpoolAsync(section.Body, cancellationToken), SourceName.Of(name));
            }
            return file ?? throw VendorError.NoFile();
        }
        catch (Exception e)
        {
            if (file is not null)
                spool.Delete(file.Spooled.Name);
            if (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException && e.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal)))
                throw VendorError.Malformed();
            throw;
        }
    }

    /// <summary>Whether a part is a file: whatever its disposition's type and its own name, it has a file name.</summary>
    static bool TryFileName(string? header, out string? name)
    {
        name = null;
        if (header is null)
            return false;
        if (ContentDispositionHeaderValue.TryParse(header, out var disposition))
        {
            name = Multipart.FileNameOf(disposition);
            return disposition.FileName.HasValue || disposition.FileNameStar.HasValue;
        }
        // Names with spaces or other signs that should stand in quotes.
        var loose = LooseFileName().Match(header);
        name = loose.Groups["name"].Value.Trim().Trim('"');
        return loose.Success;
    }

    async Task<SpooledSource> SpoolAsync(Stream content, CancellationToken cancellationToken) =>
        await spool.ReceiveAsync(new CappedStream(content, server.DotmailerFileBytesMax), cancellationToken) switch
        {
            SpoolResult.Spooled s => s.Source,
            SpoolResult.TooLarge t => throw VendorError.FileTooLarge(t.BytesMax),
            SpoolResult.DiskFull => throw new RefusedException(Refusal.DiskFull()),
            _ => throw new InvalidOperationException(),
        };

    [GeneratedRegex(@";\s*filename\*?\s*=\s*(?<name>[^;]*)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex LooseFileName();
}
