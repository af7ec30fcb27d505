using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Muster.Contacts;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>A source as a request brought it, in the spool.</summary>
/// <param name="IsUpload">The source was there before, and stays whatever becomes of the request.</param>
sealed record Submission(SpooledSource Spooled, string Kind, string? FileName, ImportOptions Options, bool IsUpload = false)
{
    /// <summary>Where the source is to be fetched from; then nothing of it is in the spool.</summary>
    public string? Url { get; init; }
}

/// <summary>Takes the body of <c>POST /v1/imports</c> into the spool as it arrives: multipart, raw, or JSON; and that of <c>POST /v1/uploads</c>.</summary>
sealed class ImportSubmission(MusterSettings settings, ServerSettings server, Spool spool, IUploadStore uploads, TimeProvider time)
{
    const string FileNameParameter = "file_name";

    public static QueryParameter FileNameQuery { get; } = new(FileNameParameter, "Names a raw body.");

    /// <summary>Keys whose request is being received now: account and key.</summary>
    readonly ConcurrentDictionary<(int Account, string Key), bool> receiving = new();

    /// <summary>Holds an idempotency key while its request is received. Null: another request holds it.</summary>
    public IDisposable? TryHold(int accountId, string? key) =>
        key is null ? new Held(receiving, null) : receiving.TryAdd((accountId, key), true) ? new Held(receiving, (accountId, key)) : null;

    /// <summary>Takes a body that is nothing but a source: a form with one file, or the bytes themselves of whatever type.</summary>
    public async Task<Submission> ReceiveUploadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
            return await RawAsync(request, cancellationToken);
        var submission = await MultipartAsync(request, type, cancellationToken);
        if (submission.Options == new ImportOptions())
            return submission;
        spool.Delete(submission.Spooled.Name);
        throw Malformed("An upload takes no options; they belong to its preview and its import.");
    }

    public async Task<Submission> ReceiveAsync(HttpRequest request, Account account, CancellationToken cancellationToken)
    {
        if (request.ContentType is null)
            throw Unsupported("The request has no Content-Type.");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType.Value is not { } media)
            throw Unsupported("The Content-Type is malformed.");
        media = media.ToLowerInvariant();
        return media switch
        {
            "multipart/form-data" => await MultipartAsync(request, type, cancellationToken),
            "application/json" => await JsonAsync(request, account, cancellationToken),
            "application/x-www-form-urlencoded" => throw Unsupported("A form without a file has nothing to import."),
            _ when media.StartsWith("multipart/", StringComparison.Ordinal) => throw Unsupported("Of multipart bodies only multipart/form-data is read."),
            _ => await RawAsync(request, cancellationToken),
        };
    }

    async Task<Submission> RawAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var options = ImportOptionsReading.OfQuery(request.Query, FileNameParameter);
        var spooled = await SpoolAsync(request.Body, cancellationToken);
        return new(spooled, "body", SourceName.Of(request.Query[FileNameParameter].FirstOrDefault()), options);
    }

    async Task<Submission> JsonAsync(HttpRequest request, Account account, CancellationToken cancellationToken)
    {
        var fromQuery = ImportOptionsReading.OfQuery(request.Query, FileNameParameter);
        var spooled = await SpoolAsync(request.Body, cancellationToken);
        try
        {
            await using var body = spool.TryOpen(spooled.Name) ?? throw new IOException("A file just spooled is gone.");
            var (options, source) = await ContactsEnvelope.ReadAsync(body, settings.RecordBytesMax, cancellationToken);
            if (options != new ImportOptions() && request.Query.Count > 0)
                throw new RefusedException(Refusal.Of(400, "invalid_option", "The options stand both in the query and in the body. Send them in one place.", "options"));
            if (request.Query.Count > 0)
                options = fromQuery;
            if (source is null)
                return new(spooled, "contacts", null, options);
            var url = UrlOf(source.Value);
            var upload = url is null ? await UploadAsync(source.Value, account, cancellationToken) : null;
            spool.Delete(spooled.Name);
            if (upload is null)
                return new(spooled, ImportSource.KindUrl, null, options, IsUpload: true) { Url = url };
            return new(new(upload.Spool, upload.Bytes, upload.Sha256), "upload", upload.FileName, options, IsUpload: true);
        }
        catch
        {
            spool.Delete(spooled.Name);
            throw;
        }
    }

    /// <summary>The address that <c>{"url":"…"}</c> names; null when the source is no such object.</summary>
    static string? UrlOf(JsonElement source) =>
        source.ValueKind == JsonValueKind.Object && source.EnumerateObject().Count() == 1 && source.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String
            ? url.GetString() : null;

    /// <summary>The upload that <c>{"upload_id":"…"}</c> names.</summary>
    async Task<Upload> UploadAsync(JsonElement source, Account account, CancellationToken cancellationToken)
    {
        if (source.ValueKind != JsonValueKind.Object || source.EnumerateObject().Count() != 1 || !source.TryGetProperty("upload_id", out var named) || named.ValueKind != JsonValueKind.String)
            throw new RefusedException(Refusal.Of(400, "unsupported_source", "source is {\"url\":\"https://…\"}, or {\"upload_id\":\"…\"} with the id that POST /v1/uploads answered. To send the file itself, use multipart or the body.", "source"));
        if (Guid.TryParse(named.GetString(), out var id) && await uploads.GetAsync(account.Id, id, time.GetUtcNow(), cancellationToken) is { } upload)
            return upload;
        throw new RefusedException(Refusal.Of(400, "unknown_upload", "There is no such upload in this account, or it has expired. Send the file again.", "source"));
    }

    async Task<Submission> MultipartAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var boundary = Multipart.BoundaryOf(type) ?? throw Malformed($"Its Content-Type lacks a boundary of at most {Multipart.BoundaryMax} characters.");
        var reader = Multipart.Read(request.Body, boundary);
        SpooledSource? spooled = null;
        string? fileName = null;
        ImportOptions? options = null;
        try
        {
            while (await SectionAsync(reader, cancellationToken) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    throw Malformed("A part lacks its Content-Disposition.");
                switch (Multipart.NameOf(disposition))
                {
                    case "file" when spooled is null:
                        fileName = SourceName.Of(Multipart.FileNameOf(disposition));
                        spooled = await SpoolAsync(section.Body, cancellationToken);
                        break;
                    case "options" when options is null:
                        options = ImportOptionsReading.OfJson(await OptionsTextAsync(section.Body, cancellationToken));
                        break;
                    case "file" or "options":
                        throw Malformed("It has two parts of one name. Send one file an import.");
                    default:
                        throw Malformed("It has a part that is neither file nor options. Put the options into one part named options, as JSON.");
                }
            }
            if (spooled is null)
                throw Malformed("It has no part named file.");
            if (request.Query.Count > 0 && options is not null)
                throw new RefusedException(Refusal.Of(400, "invalid_option", "The options stand both in the query and in the form. Send them in one place.", "options"));
            return new(spooled, "file", fileName, options ?? ImportOptionsReading.OfQuery(request.Query, FileNameParameter));
        }
        catch
        {
            if (spooled is not null)
                spool.Delete(spooled.Name);
            throw;
        }
    }

    static async Task<MultipartSection?> SectionAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
        {
            throw Malformed("A part is cut off, or a part's headers are too many or too long.");
        }
    }

    async Task<byte[]> OptionsTextAsync(Stream part, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await part.ReadAsync(buffer, cancellationToken)) > 0)
        {
            text.Write(buffer, 0, read);
            if (text.Length > server.BodyBytesMax)
                throw new RefusedException(Refusal.Of(413, "body_too_large", $"The options are larger than {server.BodyBytesMax} bytes, which body_bytes_max allows.", "options"));
        }
        return text.ToArray();
    }

    async Task<SpooledSource> SpoolAsync(Stream content, CancellationToken cancellationToken)
    {
        try
        {
            return (await spool.ReceiveAsync(content, cancellationToken)).OrRefuse();
        }
        catch (IOException e) when (e is not BadHttpRequestException && content is not FileStream && e.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal))
        {
            throw Malformed("The file's part is cut off.");
        }
    }

    static RefusedException Malformed(string detail) => new(Refusal.Of(400, "malformed_multipart", "The multipart body cannot be used. " + detail));

    static RefusedException Unsupported(string detail) => new(Refusal.Of(415, "unsupported_media_type",
        detail + " Send multipart/form-data with a part named file, a raw body with its own type such as text/csv, or application/json."));

    sealed class Held(ConcurrentDictionary<(int, string), bool> receiving, (int, string)? key) : IDisposable
    {
        public void Dispose()
        {
            if (key is { } held)
                receiving.TryRemove(held, out _);
        }
    }
}
