using Microsoft.Extensions.Logging;
using Muster.Jobs;
using Muster.Notifications;
using Muster.Notifications.Mail;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Sqlite;

namespace Muster.Cli;

/// <summary>The engine over one data folder, put together.</summary>
sealed class DataFolder : IDisposable
{
    DataFolder(MusterSettings settings, SqliteStores stores)
    {
        Settings = settings;
        Stores = stores;
        Spool = new(settings);
        Intake = new(settings, Spool, stores.Imports, stores.Contacts, Signals, TimeProvider.System) { Profiles = stores.Profiles };
        Reports = new(stores.Imports, Spool);
        Previewer = new(settings, Spool, stores.Contacts, stores.Profiles);
    }

    public MusterSettings Settings { get; }
    public SqliteStores Stores { get; }
    public Spool Spool { get; }
    public ImportSignals Signals { get; } = new();
    public ImportIntake Intake { get; }
    public ImportReports Reports { get; }
    public SourcePreviewer Previewer { get; }

    /// <summary>For commands that only look at data, or change what is there: a misspelt folder must not come into being.</summary>
    /// <exception cref="UsageException">The folder holds no data.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not look into the folder, which may well hold some.</exception>
    public static void RefuseEmpty(MusterSettings settings)
    {
        RefuseFile(settings);
        if (!IsThere(settings.DatabaseFile))
            throw new UsageException($"--data '{settings.Data}' holds no data of Muster's yet. Name another folder, or begin there with: muster import FILE, or muster serve");
    }

    /// <summary>Opens the folder; makes it when it is missing.</summary>
    public static DataFolder Open(MusterSettings settings)
    {
        RefuseFile(settings);
        try
        {
            Directory.CreateDirectory(settings.Data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--data '{settings.Data}' cannot be made: {e.Message}");
        }
        return new(settings, SqliteStores.Open(settings, TimeProvider.System));
    }

    static bool IsThere(string file)
    {
        try
        {
            _ = File.GetAttributes(file); // File.Exists answers false where it may not look
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static void RefuseFile(MusterSettings settings)
    {
        if (File.Exists(settings.Data))
            throw new UsageException($"--data '{settings.Data}' is a file, not a folder.");
    }

    /// <summary>Runs the folder's imports until stopped, then drains. The caller holds its <see cref="WorkerLock"/>.</summary>
    public Task RunImportsAsync(ILoggerFactory logs, CancellationToken stop) => Task.WhenAll(
        new ImportWorker(Settings, Spool, Stores.Imports, Stores.Contacts, Signals, TimeProvider.System, logs.CreateLogger<ImportWorker>()).RunAsync(stop),
        new FetchWorker(Settings, Spool, Stores.Imports, Stores.Fetches, Stores.Accounts, Intake, Signals, TimeProvider.System, logs.CreateLogger<FetchWorker>()).RunAsync(stop),
        new NotificationWorker(
            Settings, Stores.Notifications, new NotificationBodies(), new MailComposer(Settings, Stores.Imports, Stores.Contacts, TimeProvider.System), () => Signals.NextMove, TimeProvider.System,
            logs.CreateLogger<NotificationWorker>()).RunAsync(stop));

    /// <summary>As the server takes it.</summary>
    public MusterEngine Engine(Func<CancellationToken, Task>? runImports) => new(
        Stores.Accounts, Stores.Imports, Stores.Contacts, Intake, new ContactWriter(Settings, Stores.Imports, Stores.Contacts, TimeProvider.System), Reports,
        Signals, Spool, runImports)
    {
        Uploads = Stores.Uploads,
        Profiles = Stores.Profiles,
        Previewer = Previewer,
        Notifications = Stores.Notifications,
    };

    public void Dispose() => Stores.Dispose();
}
