// Declarations that other branches are writing; this file goes when they land.
using Muster.Contacts;
using Muster.Reports;
using Muster.Sources;
using Muster.Storage;

#pragma warning disable CS9113, MA0025, IDE0060, MA0048, CA1822

namespace Muster.Jobs
{
    public sealed class ImportIntake(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
    {
        public Task<IntakeResult> AcceptAsync(IntakeRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    public sealed class ImportWorker(MusterSettings settings, Spool spool, IAccountStore accounts, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
    {
        public Task RunAsync(CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    public sealed class ContactWriter(MusterSettings settings, IImportStore imports, IContactStore contacts, TimeProvider time)
    {
        public Task<ContactWriteResult> UpsertAsync(Account account, ContactChange change, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<ContactWriteResult> PatchAsync(Account account, int contactId, ContactChange change, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    public sealed record ContactChange(IReadOnlyDictionary<string, string?> Fields, IReadOnlyList<string>? Lists, IReadOnlyList<string>? Tags);

    public abstract record ContactWriteResult
    {
        public sealed record Written(int ContactId, Outcome Outcome) : ContactWriteResult;
        public sealed record Rejected(IReadOnlyList<(string? Field, ErrorCode Code)> Errors) : ContactWriteResult;
        public sealed record NotFound : ContactWriteResult;
    }
}

namespace Muster.Reports
{
    public enum RejectsResult { Written, Expired }

    public sealed class ImportReports(IImportStore imports, Spool spool)
    {
        public Task<RejectsResult> WriteRejectsAsync(Import import, Stream destination, CancellationToken cancellationToken) => throw new NotSupportedException();
        public IAsyncEnumerable<ErrorEntry> ErrorsAsync(Import import, long afterRow, CancellationToken cancellationToken) => throw new NotSupportedException();
        public IAsyncEnumerable<RowEntry> RowsAsync(Import import, Outcome? outcome, long afterRow, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
