using System.Runtime.CompilerServices;
using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>A row of an import, read again from its source.</summary>
/// <param name="Code">The first of the row's findings, errors before others; None when it has none.</param>
/// <param name="Cells">As the format's reader gives them, in the order of the source's columns; empty once the source has expired.</param>
public sealed record SourceRecord(long RowNumber, Outcome Outcome, ErrorCode Code, IReadOnlyList<string> Cells);

/// <summary>Reads rows of an import again, in whatever format they came, beside what the ledger says of them.</summary>
/// <remarks>The source is read once from its beginning, so that every format is served by its own reader; nothing is held but one record and one batch's ledger.</remarks>
public sealed class SourceRecords(MusterSettings settings, Spool spool, IImportStore imports)
{
    /// <param name="wanted">The outcomes of the rows to read.</param>
    public async IAsyncEnumerable<SourceRecord> ReadAsync(Import import, Func<Outcome, bool> wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = TryOpen(import);
        await foreach (var (_, blob) in imports.LedgerAsync(import.AccountId, import.Id, fromBatch: 0, cancellationToken))
        {
            var ledger = Ledger.Decode(blob);
            var codes = ledger.FirstCodes();
            for (var row = 0; row < ledger.Count; row++)
            {
                if (wanted(ledger.Outcome[row]))
                    yield return new(ledger.RowNumber[row], ledger.Outcome[row], codes[row], CellsOf(reader, ledger.RowNumber[row], cancellationToken));
            }
        }
    }

    RowReader? TryOpen(Import import)
    {
        try
        {
            return SourceOpening.Open(import, spool, settings);
        }
        catch (SourceException)
        {
            return null; // expired, or never readable
        }
    }

    static List<string> CellsOf(RowReader? reader, long rowNumber, CancellationToken cancellationToken)
    {
        var cells = new List<string>();
        while (reader is not null && reader.RowNumber < rowNumber && reader.Read())
            cancellationToken.ThrowIfCancellationRequested();
        if (reader is null || reader.RowNumber != rowNumber)
            return cells;
        for (var i = 0; i < reader.CellCount; i++)
            cells.Add(Encoding.UTF8.GetString(reader.GetCell(i)));
        return cells;
    }
}
