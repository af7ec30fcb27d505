using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>A successful answer with a body: JSON, or XML for who asks for that alone.</summary>
sealed class Answer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (XmlForm.IsWanted(httpContext.Request))
        {
            response.ContentType = XmlForm.ContentType;
            json = XmlForm.Of(json, typeof(T));
        }
        else
        {
            response.ContentType = "application/json; charset=utf-8";
        }
        response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(json, httpContext.RequestAborted);
    }
}

static class Answer
{
    public static IResult Of<T>(int status, T value, JsonTypeInfo<T> type) => new Answer<T>(status, value, type);

    public static IResult Ok<T>(T value, JsonTypeInfo<T> type) => new Answer<T>(200, value, type);
}
