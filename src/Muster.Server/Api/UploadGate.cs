using System.Collections.Concurrent;
using Muster.Contacts;

namespace Muster.Server.Api;

/// <summary>Counts the sources that are being received from each account, against <c>uploads_at_once_max</c>.</summary>
sealed class UploadGate(MusterSettings settings)
{
    readonly ConcurrentDictionary<int, int> receiving = new();

    /// <summary>Holds a place while one source is received.</summary>
    /// <exception cref="RefusedException">The account has as many as it may.</exception>
    public IDisposable Enter(Account account)
    {
        var most = account.Settings.Limits.With(settings).UploadsAtOnceMax ?? int.MaxValue;
        if (receiving.AddOrUpdate(account.Id, 1, static (_, n) => n + 1) <= most)
            return new Place(this, account.Id);
        Leave(account.Id);
        throw new RefusedException(Refusal.TooManyUploads(most));
    }

    void Leave(int accountId)
    {
        if (receiving.AddOrUpdate(accountId, 0, static (_, n) => n - 1) == 0)
            receiving.TryRemove(new(accountId, 0));
    }

    sealed class Place(UploadGate gate, int accountId) : IDisposable
    {
        bool left;

        public void Dispose()
        {
            if (!left)
                gate.Leave(accountId);
            left = true;
        }
    }
}
