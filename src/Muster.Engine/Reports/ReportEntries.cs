using Muster.Contacts;

namespace Muster.Reports;

/// <summary>One error or warning of one row, as <c>…/errors</c> tells it.</summary>
/// <param name="RowNumber">Ordinal of the record in the source, header, preamble and blank records counted: the number a spreadsheet shows beside it.</param>
/// <param name="Line">Physical line where the record starts, the first is 1; of an unclosed or stray quote the line where that quote stands.</param>
/// <param name="ByteOffset">Where the record starts in the source.</param>
/// <param name="Column">Header of the column at fault, or null when the whole row is.</param>
/// <param name="Value">The cell as sent, or null once the source has expired or when the whole row is at fault.</param>
public sealed record ErrorEntry(long RowNumber, long Line, long ByteOffset, string? Column, string? Field, ErrorCode Code, Severity Severity, string? Value)
{
    /// <summary>Where a page that ends with this entry goes on.</summary>
    public LedgerPlace Next { get; init; }

    /// <summary>The contacts that the row's keys belong to, of an ambiguous match; else empty.</summary>
    public IReadOnlyList<int> Candidates { get; init; } = [];

    /// <summary>The rule and the remedy, with the numbers that matter.</summary>
    public string Message => Candidates switch
    {
        [] => Code.Message(),
        [var only] => $"The row's identities belong to different contacts: {only}, and one that an earlier row would make. Correct one of the identities, or merge the rows.",
        _ => $"The row's identities belong to different contacts: {string.Join(", ", Candidates)}. Correct one of the identities, or merge the contacts.",
    };
}

/// <summary>What became of one row, as <c>…/rows</c> tells it.</summary>
/// <param name="DuplicateOf">Row number of the row that won, for a duplicate.</param>
public sealed record RowEntry(long RowNumber, long Line, long ByteOffset, int ByteLength, Outcome Outcome, int? ContactId, long? DuplicateOf, IReadOnlyList<ErrorCode> Codes)
{
    /// <summary>As <see cref="ErrorEntry.Next"/>.</summary>
    public LedgerPlace Next { get; init; }

    /// <summary>As <see cref="ErrorEntry.Candidates"/>.</summary>
    public IReadOnlyList<int> Candidates { get; init; } = [];
}
