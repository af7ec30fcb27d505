using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>A remote source, whole, in the spool.</summary>
/// <param name="FileName">As the server or the address names it; null when neither does.</param>
public sealed record FetchedSource(SpooledSource Spooled, string? FileName);

/// <summary>Copies remote sources to the spool: by http, https, or from S3. What is imported is the copy; the address is never read again.</summary>
public sealed class RemoteFetch(MusterSettings settings, Spool spool, TimeProvider time) : IDisposable
{

    readonly OutboundClient client = new(OutboundRules.Parse(settings.OutboundPorts, settings.OutboundAllow), TimeSpan.FromSeconds(settings.ConnectSeconds));
    readonly OutboundClient s3Client = new(settings.S3Endpoint.Length > 0 ? null : OutboundRules.Parse("443", "none"), TimeSpan.FromSeconds(settings.ConnectSeconds));

    /// <param name="urls">The addresses to try, in order; the next only when one is refused with 403 or 404.</param>
    /// <exception cref="SourceException">The source could not be had; code and message say why.</exception>
    public async Task<FetchedSource> FetchAsync(IReadOnlyList<string> urls, FetchProgress progress, CancellationToken cancellationToken)
    {
        using var timeLimit = new CancellationTokenSource(TimeSpan.FromSeconds(settings.FetchSecondsMax), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeLimit.Token);
        try
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    return await FetchOneAsync(urls[i], progress, either.Token);
                }
                catch (OutboundException e) when (e.HttpStatus is 403 or 404 && i + 1 < urls.Count)
                {
                }
            }
        }
        catch (OutboundException e)
        {
            throw new SourceException(e.Code, e.Message);
        }
        catch (OperationCanceledException) when (timeLimit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(ErrorCode.FetchTimedOut, $"The source did not arrive within {settings.FetchSecondsMax} s, which fetch_seconds_max allows.");
        }
    }

    public void Dispose()
    {
        client.Dispose();
        s3Client.Dispose();
    }

    async Task<FetchedSource> FetchOneAsync(string url, FetchProgress progress, CancellationToken cancellationToken)
    {
        if (RemoteAddress.Refuse(url, settings) is { } refused)
            throw new OutboundException(refused.Code, refused.Detail, again: false);
        var address = RemoteAddress.Parse(url)!; // not refused
        var opening = new RemoteOpening(settings, client, s3Client, address, time);
        for (var restarts = 0; ; restarts++)
        {
            try
            {
                await using var body = await RemoteBody.OpenAsync(opening, settings, progress, time, cancellationToken);
                if (body.Answer.Content.Headers.ContentLength > settings.SourceBytesMax)
                    throw TooLarge();
                var name = FileName(body.Answer.Content.Headers.ContentDisposition?.FileNameStar ?? body.Answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'))
                    ?? FileName(address.S3?.Key ?? Uri.UnescapeDataString(address.Web!.Path)); // one of the two is set
                await using var inflated = InflatedBody.Of(body, [.. body.Answer.Content.Headers.ContentEncoding], settings.FetchInflateRatioMax);
                return await spool.ReceiveAsync(inflated, cancellationToken) switch
                {
                    SpoolResult.Spooled spooled => new(spooled.Source, name),
                    SpoolResult.TooLarge => throw TooLarge(),
                    _ => throw new OutboundException(ErrorCode.DiskFull, ErrorCode.DiskFull.Message(), again: false),
                };
            }
            catch (RemoteChangedException) when (restarts < settings.FetchRetriesMax)
            {
            }
            catch (RemoteChangedException)
            {
                throw new OutboundException(ErrorCode.FetchCutOff, "The connection broke again and again, and the server cannot go on in the middle, or the file kept changing. Nothing was imported.", again: false);
            }
        }
    }

    OutboundException TooLarge() => new(ErrorCode.SourceTooLarge, $"The source is larger than {settings.SourceBytesMax} bytes, which source_bytes_max allows.", again: false);

    static string? FileName(string? path) => SourceName.Of(path)?.Trim() is { Length: > 0 } name ? name : null;
}
