namespace Muster.Cli;

/// <summary>What was typed cannot be done. The message names the option or the argument.</summary>
sealed class UsageException(string message) : Exception(message);
