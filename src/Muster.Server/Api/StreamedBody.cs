namespace Muster.Server.Api;

/// <summary>A route whose body is read as a stream, so that what it takes is described by hand.</summary>
/// <param name="StartsImport">Whether it takes whatever starts an import, or a file alone.</param>
sealed record StreamedBody(bool StartsImport);

static class StreamedBodyRoutes
{
    public static RouteHandlerBuilder DescribesSubmission(this RouteHandlerBuilder route) => route.WithMetadata(new StreamedBody(StartsImport: true)).TakesImportOptions(ImportSubmission.FileNameQuery);

    public static RouteHandlerBuilder DescribesUpload(this RouteHandlerBuilder route) => route.WithMetadata(new StreamedBody(StartsImport: false)).TakesQuery(ImportSubmission.FileNameQuery);
}
