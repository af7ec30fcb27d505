namespace Muster.Client;

/// <summary>Bytes that the server holds until an import uses them.</summary>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="ExpiresAt">When the upload goes; imports made from it keep their source.</param>
public sealed record UploadResource(Guid Id, string? FileName, long Bytes, string Sha256, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>What an import of a source would make of it. Nothing is written.</summary>
public sealed record PreviewResource
{
    public required PreviewSourceResource Source { get; init; }

    /// <summary>As an import would freeze them, defaults filled in.</summary>
    public required ImportOptionsResource Options { get; init; }

    public required IReadOnlyList<PreviewColumnResource> Columns { get; init; }

    /// <summary>The first rows as they would be imported.</summary>
    public required IReadOnlyList<PreviewRowResource> Rows { get; init; }

    /// <summary>Rows with errors or warnings, of the beginning and of a sample of the rest: those with the most first.</summary>
    public required IReadOnlyList<PreviewRowResource> WorstRows { get; init; }

    public required PreviewScanResource Scan { get; init; }
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Why an import would wait for a person before its first row.</summary>
    public required IReadOnlyList<HoldResource> Hold { get; init; }

    /// <summary>Why an import with these options would be refused; null when it would not.</summary>
    public required PreviewProblemResource? Problem { get; init; }
}

/// <param name="Delimiter">One character, or null when the format has none.</param>
/// <param name="HeaderRow">Row number of the header, or null without one.</param>
/// <param name="Columns">The columns' names in the source's order.</param>
public sealed record PreviewSourceResource(
    string? FileName, long Bytes, string Sha256, string Format, string Encoding, string? Delimiter, long? HeaderRow, IReadOnlyList<string> Columns)
{
    /// <summary>Rows above the header, blank ones and a line sep= counted.</summary>
    public int PreambleRows { get; init; }

    /// <summary>Rows of totals at the end, which would be rejected.</summary>
    public int TotalsRows { get; init; }

    /// <summary>How the source is packed; null when it is not.</summary>
    public PackingResource? Packing { get; init; }

    /// <summary>What says that the source is read rightly.</summary>
    public SourceEvidenceResource? Evidence { get; init; }

    /// <summary>The product whose export the header shows it to be, such as google_contacts; null when it is none that Muster knows.</summary>
    public string? RecognizedAs { get; init; }

    /// <summary>The sheet of a workbook that was read; null in other formats.</summary>
    public string? Sheet { get; init; }

    /// <summary>All sheets of the workbook, in the order of their tabs; null in other formats.</summary>
    public IReadOnlyList<string>? Sheets { get; init; }
}

/// <summary>One column: where it would go and why, and what its values are.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Field">email, phone, external_id, first_name, last_name, company, field:NAME, or ignore.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Type">What its values look like: text, number, date, boolean, email, phone, or empty.</param>
/// <param name="DateOrder">How its dates would be read, or null.</param>
/// <param name="DecimalSign">point or comma: how 1,234 would be read, or null.</param>
/// <param name="Examples">Up to three different values.</param>
/// <param name="Values">Of the rows looked at, how many have a value.</param>
/// <param name="ByRule">Mapping rules read the column; what they make stands behind the columns in each row.</param>
/// <param name="Invalid">And how many have one that the field does not take.</param>
public sealed record PreviewColumnResource(
    int Index, string Column, string Field, double Confidence, string Reason, string? Type, string? DateOrder, string? DecimalSign,
    IReadOnlyList<string> Examples, int Values, int Blanks, int Invalid, bool ByRule = false);

/// <param name="RowNumber">As a spreadsheet shows it; null for a row from the middle of a large source.</param>
/// <param name="Outcome">import or reject.</param>
/// <param name="Code">Why the row as a whole would be rejected, or null.</param>
public sealed record PreviewRowResource(
    long? RowNumber, long? Line, long ByteOffset, string Outcome, string? Code, string? Message, IReadOnlyList<PreviewCellResource> Cells);

/// <param name="Value">As it stands in the source.</param>
/// <param name="Result">What would be kept, or null.</param>
/// <param name="Code">What is wrong with it, or null.</param>
/// <param name="Severity">error or warning, or null.</param>
public sealed record PreviewCellResource(string Column, string Field, string Value, string? Result, string? Code, string? Severity, string? Message);

/// <param name="Rows">Rows looked at.</param>
/// <param name="Rejected">Of them, how many would be rejected.</param>
/// <param name="Warned">Of them, how many would go in with a remark.</param>
/// <param name="Whole">Whether these are all the rows there are.</param>
public sealed record PreviewScanResource(int Rows, int Rejected, int Warned, bool Whole);

/// <param name="Option">The import option at fault, or null.</param>
public sealed record PreviewProblemResource(string Code, string Detail, string? Option);

/// <summary>An import whose source the server holds already.</summary>
public sealed record UploadImportInput(UploadSourceInput Source, ImportOptionsResource? Options);

/// <param name="UploadId">Of an upload of the same account.</param>
public sealed record UploadSourceInput(Guid UploadId);
