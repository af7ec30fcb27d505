using Muster.Contacts;

namespace Muster.Storage;

/// <summary>Addresses, numbers and domains that an account's imports leave alone. Values are canonical: <see cref="Muster.Validation.SuppressedValue"/>.</summary>
public interface ISuppressionStore
{
    /// <summary>In order of kind and value.</summary>
    /// <param name="kind">Only of that kind; null: all.</param>
    /// <param name="cursor">Null, or the NextCursor of an earlier page; anything else that the store cannot read is an <see cref="ArgumentException"/>.</param>
    Task<Page<Suppression>> ListAsync(int accountId, string? kind, string? cursor, int limit, CancellationToken cancellationToken);

    Task<Suppression?> FindAsync(int accountId, string kind, string value, CancellationToken cancellationToken);

    /// <summary>Adds all of them in one transaction; what is there already stays as it is. Returns how many are new.</summary>
    Task<int> AddAsync(int accountId, IReadOnlyList<Suppression> suppressions, CancellationToken cancellationToken);

    /// <summary>False when there is none.</summary>
    Task<bool> RemoveAsync(int accountId, string kind, string value, CancellationToken cancellationToken);
}
