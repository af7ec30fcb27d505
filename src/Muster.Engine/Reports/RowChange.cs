using Muster.Contacts;

namespace Muster.Reports;

/// <summary>One field that one row changed, as <c>…/changes</c> tells it: null is empty.</summary>
/// <param name="Batch">The import's batch that holds the row.</param>
/// <param name="ContactId">Null where a plan would make the contact.</param>
/// <param name="Action">What became of the contact as a whole.</param>
/// <param name="Field">email, phone, …, field:NAME, consent; or lists or tags for one list or tag that the contact got or lost, by its name.</param>
public sealed record RowChange(int Batch, long RowNumber, int? ContactId, Outcome Outcome, WriteAction Action, string Field, string? Before, string? After);
