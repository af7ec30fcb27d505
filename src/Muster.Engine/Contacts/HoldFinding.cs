namespace Muster.Contacts;

/// <summary>Why an import waits for a person, or what a person should look at: one rule that was passed, with its numbers. Rules: docs/hold.md.</summary>
/// <param name="Rule">Name of the rule: see <see cref="HoldRules"/>.</param>
/// <param name="Value">What was measured: a share from 0 to 1, or a number.</param>
/// <param name="Limit">What the rule allows.</param>
/// <param name="Message">One sentence for people, with rule, numbers and remedy; no contact's value.</param>
/// <param name="Examples">The first rows that the rule speaks of, at most <see cref="ExamplesMax"/>.</param>
/// <param name="Column">Name of the column at fault, when it is one column's.</param>
/// <param name="ApprovedAt">When a person let the import go on in spite of it; the rule does not hold this import again.</param>
public sealed record HoldFinding(
    string Rule, double Value, double Limit, string Message, IReadOnlyList<HoldExample> Examples, string? Column = null, DateTimeOffset? ApprovedAt = null)
{
    public const int ExamplesMax = 5;
}

/// <summary>A row that shows what a rule found.</summary>
/// <param name="RowNumber">As in reports; null when the example is a column's.</param>
/// <param name="Code">Name of the error code that the row met, when there is one.</param>
/// <param name="Value">Only where the value names no contact, such as a date.</param>
public sealed record HoldExample(long? RowNumber, string? Column = null, string? Code = null, string? Value = null);
