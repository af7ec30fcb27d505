namespace Muster.Cli;

/// <summary>What the program says to a script. Numbers are added, never changed.</summary>
static class ExitCode
{
    /// <summary>Everything asked for was done; of an import, every row is in.</summary>
    public const int Done = 0;

    /// <summary>It failed, was canceled or was stopped before its end.</summary>
    public const int Failed = 1;

    /// <summary>The command line is at fault: an unknown option or value, a file or an import that does not exist.</summary>
    public const int Usage = 2;

    /// <summary>The import completed, and some of its rows were rejected.</summary>
    public const int Rejects = 3;

    /// <summary>The import waits for a person's approval.</summary>
    public const int Held = 4;
}
