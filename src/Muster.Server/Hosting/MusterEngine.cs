using Muster.Jobs;
using Muster.Reports;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Hosting;

/// <summary>The engine over one data folder, put together: what the server answers from and the command line works on.</summary>
/// <param name="RunImports">Runs imports until stopped, and drains. Null: this process runs none.</param>
public sealed record MusterEngine(
    IAccountStore Accounts, IImportStore Imports, IContactStore Contacts, ImportIntake Intake, ContactWriter Writer, ImportReports Reports,
    ImportSignals Signals, Spool Spool, Func<CancellationToken, Task>? RunImports)
{
    public required IUploadStore Uploads { get; init; }

    public required IProfileStore Profiles { get; init; }

    public required SourcePreviewer Previewer { get; init; }

    public required INotificationStore Notifications { get; init; }

    public ContactEraser Eraser { get; } = new(Imports, Contacts, Spool);
}
