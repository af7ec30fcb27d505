using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Notifications;

/// <summary>Sends one webhook. Any 2xx takes it; no redirect is followed; what the receiver writes is not read.</summary>
sealed class WebhookSender(MusterSettings settings, OutboundClient client, TimeProvider time)
{
    static readonly ProductInfoHeaderValue Agent = new("Muster", "1");

    /// <param name="id">The same at every try.</param>
    public async Task<DeliveryAnswer> SendAsync(string url, string id, NotificationBody body, SigningSecrets secrets, CancellationToken stop)
    {
        if (WebAddress.Parse(url) is not { } address || address.ToUri() is not { } uri)
            return new(null, ErrorCode.InvalidUrl.Name(), Final: true);
        var now = time.GetUtcNow();
        var timestamp = now.ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body.Content) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", body.ContentType);
        request.Headers.UserAgent.Add(Agent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Of(secrets, now, id, timestamp, body.Content));
        if (address.UserInfo is { } user)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(settings.WebhookSecondsMax), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            return Judge(response);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, "timed_out");
        }
        catch (OutboundException e)
        {
            return new(null, e.Code == ErrorCode.FetchRefused ? "answer_too_large" : e.Code.Name(), Final: e.Code == ErrorCode.ForbiddenAddress);
        }
    }

    static DeliveryAnswer Judge(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => new(status, null),
            HttpStatusCode.Gone => new(status, "gone", Gone: true, Final: true),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(status, "redirected"),
            _ => new(status, "refused", RetryAfter: RetryAfter.Of(response)),
        };
    }
}
