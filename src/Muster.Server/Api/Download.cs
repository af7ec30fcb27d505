using Microsoft.Net.Http.Headers;

namespace Muster.Server.Api;

static class Download
{
    /// <summary>Says that a file follows, to be saved rather than shown.</summary>
    public static void Begin(HttpResponse response, string mediaType, string fileName)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(fileName);
        response.ContentType = mediaType;
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.CacheControl = "no-store";
    }
}
