using Muster.Contacts;

namespace Muster.Sources;

/// <summary>The source of an import broke midway or is gone: the import fails with this code. <paramref name="detail"/> never holds a contact's value.</summary>
public sealed class SourceException(ErrorCode code, string detail) : IOException(detail)
{
    public ErrorCode Code { get; } = code;
}
