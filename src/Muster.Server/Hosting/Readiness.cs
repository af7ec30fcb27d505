using Muster.Storage;

namespace Muster.Server.Hosting;

/// <summary>Why the server may not be sent work.</summary>
sealed class Readiness(IAccountStore accounts)
{
    volatile string? stopped;

    /// <summary>Says that imports no longer run here, and why, in words fit for an operator.</summary>
    public void ImportsStopped(string reason) => stopped = reason;

    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (stopped is { } reason)
            return reason;
        try
        {
            await accounts.AccountsAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return "The store does not answer. The log of the server names the cause.";
        }
    }
}
