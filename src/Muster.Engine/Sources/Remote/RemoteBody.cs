using System.Net;
using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>How far a fetch has come. Written by the fetch, read by whoever shows it.</summary>
public sealed class FetchProgress
{
    long bytes;
    long total;

    /// <summary>Bytes received, before any decompression.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>As the server announced, or 0.</summary>
    public long Total => Interlocked.Read(ref total);

    internal void At(long position, long? announced)
    {
        Interlocked.Exchange(ref bytes, position);
        Interlocked.Exchange(ref total, announced ?? 0);
    }
}

/// <summary>The source changed, or the server cannot go on in the middle: it must be fetched from its beginning again.</summary>
sealed class RemoteChangedException() : IOException("The source cannot be fetched on from the middle.");

/// <summary>The bytes of a remote source as sent. A connection that breaks is made again and goes on where it broke (RFC 9110 §14.2), as long as the source is still the same one.</summary>
/// <remarks>The end is believed only when the whole announced length is here, or the last chunk came; a body without either ends with its connection.</remarks>
sealed class RemoteBody : ReadOnlyStream
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    readonly RemoteOpening opening;
    readonly MusterSettings settings;
    readonly FetchProgress progress;
    readonly TimeProvider time;
    readonly long startedAt;
    HttpResponseMessage response;
    Stream? body;
    long position;
    readonly long? length;
    readonly string? validator;
    int failures;

    RemoteBody(RemoteOpening opening, MusterSettings settings, FetchProgress progress, TimeProvider time, HttpResponseMessage response)
    {
        (this.opening, this.settings, this.progress, this.time, this.response) = (opening, settings, progress, time, response);
        length = response.Content.Headers.ContentLength;
        validator = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : response.Content.Headers.LastModified?.ToString("r");
        startedAt = time.GetTimestamp();
        progress.At(0, length);
    }

    public HttpResponseMessage Answer => response;

    public static async Task<RemoteBody> OpenAsync(RemoteOpening opening, MusterSettings settings, FetchProgress progress, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            OutboundException failure;
            try
            {
                var first = await opening.OpenAsync(0, null, cancellationToken);
                if (first.StatusCode == HttpStatusCode.OK)
                    return new(opening, settings, progress, time, first);
                first.Dispose();
                throw new OutboundException(ErrorCode.FetchRefused, "The server sent a part of the source without being asked for one.", again: false);
            }
            catch (OutboundException e) when (e.Again && tries < settings.FetchRetriesMax)
            {
                failure = e;
            }
            await Task.Delay(Pause(tries, failure.RetryAfter), time, cancellationToken);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                body ??= await response.Content.ReadAsStreamAsync(cancellationToken);
                var read = await ReadOnceAsync(buffer, cancellationToken);
                if (read > 0)
                {
                    position += read;
                    failures = 0;
                    progress.At(position, length);
                    await SlowDownAsync(cancellationToken);
                    return read;
                }
                if (length is null || position >= length)
                    return 0;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
            }
            await ReconnectAsync(cancellationToken);
        }
    }

    async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(settings.FetchStallSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await body!.ReadAsync(buffer, either.Token); // opened by the caller
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The server sends nothing.", e);
        }
    }

    /// <summary>Opens the rest of the source, or says that it has to begin anew.</summary>
    async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        response.Dispose();
        body = null;
        while (true)
        {
            if (failures++ >= settings.FetchRetriesMax)
                throw new OutboundException(ErrorCode.FetchCutOff, $"The connection broke after {position} bytes{(length is { } l ? $" of {l}" : "")}, and again at every try. Nothing was imported.", again: false);
            TimeSpan? retryAfter = null;
            try
            {
                await Task.Delay(Pause(failures - 1, null), time, cancellationToken);
                if (position > 0 && validator is null)
                    throw new RemoteChangedException();
                var again = await opening.OpenAsync(position, validator, cancellationToken);
                var range = again.Content.Headers.ContentRange;
                if (position == 0 && again.StatusCode == HttpStatusCode.OK || range is { From: { } from } && from == position && (range.Length is null || length is null || range.Length == length))
                {
                    response = again;
                    return;
                }
                again.Dispose();
                throw new RemoteChangedException();
            }
            catch (OutboundException e) when (e.Again)
            {
                retryAfter = e.RetryAfter;
            }
            catch (OutboundException e) when (e.HttpStatus == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                throw new RemoteChangedException();
            }
            if (retryAfter is { } wait)
                await Task.Delay(wait < PauseMax ? wait : PauseMax, time, cancellationToken);
        }
    }

    async Task SlowDownAsync(CancellationToken cancellationToken)
    {
        if (settings.FetchBytesPerSecond <= 0)
            return;
        var early = TimeSpan.FromSeconds((double)position / settings.FetchBytesPerSecond) - time.GetElapsedTime(startedAt);
        if (early > TimeSpan.FromMilliseconds(20))
            await Task.Delay(early, time, cancellationToken);
    }

    static TimeSpan Pause(int failures, TimeSpan? asked)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures, 6));
        pause = asked > pause ? asked.Value : pause;
        return pause < PauseMax ? pause : PauseMax;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }

    public override long Position { get => position; set => throw new NotSupportedException(); }
}
