using Muster.Contacts;

namespace Muster.Storage;

/// <summary>Whether an account had room for an upload.</summary>
public enum UploadRoom { Taken, UploadsFull, SpoolFull }

/// <summary>Where uploads are noted. Their bytes lie in the spool.</summary>
public interface IUploadStore
{
    /// <summary>Notes the upload, durably, unless the account already holds <paramref name="uploadsMax"/> that have not expired, or its kept sources would take more than <paramref name="spoolBytesMax"/>.</summary>
    /// <param name="spoolBytesMax">Of imports' sources and uploads, the new one included; 0: no limit.</param>
    Task<UploadRoom> AddAsync(Upload upload, int uploadsMax, long spoolBytesMax, CancellationToken cancellationToken);

    /// <summary>Null when the account has no such upload, or when it has expired at <paramref name="now"/>.</summary>
    Task<Upload?> GetAsync(int accountId, Guid uploadId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Newest first, without those that have expired at <paramref name="now"/>.</summary>
    /// <param name="cursor">Null, or the NextCursor of an earlier page; anything else that <see cref="Cursor"/> cannot read is an <see cref="ArgumentException"/>.</param>
    Task<Page<Upload>> ListAsync(int accountId, DateTimeOffset now, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets the upload. Null when the account has none of that id; otherwise the spool files that nothing needs any more.</summary>
    Task<IReadOnlyList<string>?> DeleteAsync(int accountId, Guid uploadId, CancellationToken cancellationToken);

    /// <summary>Forgets every account's uploads that expired before <paramref name="expiredBefore"/>; returns the spool files that nothing needs any more.</summary>
    Task<IReadOnlyList<string>> ExpireAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken);
}
