namespace Muster.Client;

/// <summary>The server refused a request, and said why.</summary>
public sealed class MusterApiException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
