namespace Muster.Server.Api;

/// <summary>Values of query parameters.</summary>
static class QueryValues
{
    public const string SafeIs = "true: cells of the CSV that a spreadsheet would run as formulas are neutralised.";

    /// <summary>false when absent.</summary>
    public static bool Boolean(string name, string? value) => value switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new RefusedException(Refusal.BadParameter(name, "write true or false.")),
    };
}
