using Muster.Client;

namespace Muster.Cli;

static class ImportStates
{
    /// <summary>True when watching longer shows nothing new unless somebody acts: ended, held or paused.</summary>
    public static bool IsAtRest(this ImportResource import) =>
        import.IsTerminal() || import.Status is ImportStatuses.Held or ImportStatuses.Paused;

    public static int ExitCode(this ImportResource import) => import.Status switch
    {
        ImportStatuses.Completed or ImportStatuses.Planned when import.Counts.Rejected > 0 => Cli.ExitCode.Rejects,
        ImportStatuses.Completed or ImportStatuses.Planned or ImportStatuses.Undone => Cli.ExitCode.Done,
        ImportStatuses.Held => Cli.ExitCode.Held,
        _ => Cli.ExitCode.Failed,
    };
}
