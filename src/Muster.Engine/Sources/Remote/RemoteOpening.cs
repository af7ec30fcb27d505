using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>Asks for a remote source, from its beginning or from where an earlier answer broke off, and follows redirects.</summary>
sealed class RemoteOpening(MusterSettings settings, OutboundClient client, OutboundClient s3Client, RemoteAddress address, TimeProvider time)
{
    static readonly ProductInfoHeaderValue Agent = new("Muster", "1");

    /// <param name="from">Bytes that are here already.</param>
    /// <param name="validator">Names the version that those bytes are of (RFC 9110 §13.1.5); null when there are none.</param>
    /// <exception cref="OutboundException">No answer that could be read came.</exception>
    public async Task<HttpResponseMessage> OpenAsync(long from, string? validator, CancellationToken cancellationToken)
    {
        var at = address.Web ?? address.S3!.Address(settings); // one of the two is set
        for (var redirects = 0; ; redirects++)
        {
            var signs = address.S3 is not null && redirects == 0;
            var response = await AskAsync(at, signs, from, validator, cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                    return response;
                case HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect:
                    at = Follow(at, response, redirects);
                    response.Dispose();
                    break;
                default:
                    using (response)
                        throw Refused(at, response);
            }
        }
    }

    async Task<HttpResponseMessage> AskAsync(WebAddress at, bool signs, long from, string? validator, CancellationToken cancellationToken)
    {
        if (at.ToUri() is not { } uri)
            throw new OutboundException(ErrorCode.InvalidUrl, "The address's host is no name that could be looked up.", again: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        var headers = request.Headers;
        headers.UserAgent.Add(Agent);
        headers.TryAddWithoutValidation("Accept", "*/*");
        headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (from > 0)
        {
            headers.Range = new RangeHeaderValue(from, null);
            headers.TryAddWithoutValidation("If-Range", validator);
        }
        if (signs)
            S3Object.Sign(request, at, settings, time.GetUtcNow());
        else if (at.UserInfo is { } user)
            headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));

        // Until the headers are there, silence is judged as it is within the body.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(settings.FetchStallSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await (signs ? s3Client : client).SendAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(ErrorCode.FetchTimedOut, $"{at.Host} did not answer within {settings.FetchStallSeconds} s.", again: true);
        }
    }

    WebAddress Follow(WebAddress at, HttpResponseMessage response, int redirects)
    {
        if (redirects >= settings.FetchRedirectsMax)
            throw new OutboundException(ErrorCode.TooManyRedirects, $"The address redirects more than {settings.FetchRedirectsMax} times. Name the file's own address.", again: false);
        var location = response.Headers.TryGetValues("Location", out var values) ? values.First() : null;
        if (location is null && response.Headers.TryGetValues("x-amz-bucket-region", out var region))
            throw new OutboundException(ErrorCode.FetchRefused, $"The bucket is in the region {region.First()}. Set s3_region, or name the region in the address.", again: false);
        return at.Resolve(location) is { } next && (next.Origin == at.Origin || next.UserInfo is null || next.UserInfo != at.UserInfo)
            ? next
            : throw new OutboundException(ErrorCode.InvalidUrl, $"{at.Host} redirects to something that is no http or https URL.", again: false);
    }

    static OutboundException Refused(WebAddress at, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return new(ErrorCode.FetchRefused, $"{at.Host} answered {status.ToString(CultureInfo.InvariantCulture)}. {status switch
        {
            401 or 403 => "Check that the address may be read without signing in, and that a signed address has not expired.",
            404 or 410 => "Check the address.",
            _ => "Try again later, or ask whoever runs that server.",
        }}", again: status is 408 or 425 or 429 or >= 500)
        { HttpStatus = status, RetryAfter = RetryAfter.Of(response) };
    }
}
