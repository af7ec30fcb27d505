using Muster.Contacts;

namespace Muster.Storage;

/// <summary>Where profiles live. Names are compared without case.</summary>
public interface IProfileStore
{
    /// <summary>The newest version of each, by id.</summary>
    Task<IReadOnlyList<Profile>> ProfilesAsync(int accountId, CancellationToken cancellationToken);

    /// <param name="version">Null: the newest.</param>
    Task<Profile?> GetAsync(int accountId, int profileId, int? version, CancellationToken cancellationToken);

    /// <summary>All versions, the newest first; empty when the account has no such profile.</summary>
    Task<IReadOnlyList<Profile>> VersionsAsync(int accountId, int profileId, CancellationToken cancellationToken);

    /// <summary>Makes a profile with its version 1. Null when the account has one of that name.</summary>
    Task<Profile?> CreateAsync(int accountId, string name, ImportOptions options, IReadOnlyList<ProfileColumn> columns, CancellationToken cancellationToken);

    /// <summary>Adds a version. Null when the account has no such profile.</summary>
    /// <exception cref="ArgumentException">Another profile of the account has that name.</exception>
    Task<Profile?> ChangeAsync(int accountId, int profileId, string name, ImportOptions options, IReadOnlyList<ProfileColumn> columns, CancellationToken cancellationToken);

    /// <summary>Removes the profile with all its versions. False when there is none.</summary>
    Task<bool> DeleteAsync(int accountId, int profileId, CancellationToken cancellationToken);
}
