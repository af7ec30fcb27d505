namespace Muster.Contacts;

/// <summary>Bytes that we hold before an import uses them.</summary>
/// <param name="FileName">As the caller named it; shown to the caller, never logged.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Spool">File name in the spool folder. Imports made from the upload share the file.</param>
/// <param name="ExpiresAt">From then on the upload is gone for everybody; imports made from it keep their source.</param>
public sealed record Upload(
    Guid Id, int AccountId, string? FileName, long Bytes, string Sha256, string Spool, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
