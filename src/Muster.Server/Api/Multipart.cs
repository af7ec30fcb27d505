using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Muster.Server.Api;

/// <summary>How bodies of several parts are read: one part after the other, as they arrive.</summary>
static class Multipart
{
    public const int BoundaryMax = 200;

    /// <summary>Null when the type names no boundary, or one that is longer than <see cref="BoundaryMax"/>.</summary>
    public static string? BoundaryOf(MediaTypeHeaderValue type) => HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= BoundaryMax } boundary ? boundary : null;

    public static MultipartReader Read(Stream body, string boundary) => new(boundary, body, bufferSize: 1 << 16) { HeadersCountLimit = 16, HeadersLengthLimit = 16 << 10 };

    public static string? NameOf(ContentDispositionHeaderValue disposition) => HeaderUtilities.RemoveQuotes(disposition.Name).Value;

    /// <summary>The name of the part's file, <c>filename*</c> before <c>filename</c> (RFC 6266, section 4.3); null when it has none.</summary>
    public static string? FileNameOf(ContentDispositionHeaderValue disposition) =>
        HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
}
