using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Muster.Contacts;
using Muster.Formats.Csv;
using Muster.Formats.Encodings;
using Muster.Formats.Json;
using Muster.Formats.Workbooks;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Reports;

/// <summary>Whether a rejects file could be written.</summary>
public enum RejectsResult
{
    Written,

    /// <summary>The source is no longer kept, and with it the bytes of its rejected records.</summary>
    Expired,
}

/// <summary>What an import's ledger and its source say about its rows. Nothing is held whole: reports are streams over batches.</summary>
public sealed class ImportReports(IImportStore imports, Spool spool)
{
    /// <summary>Writes the source's bytes up to the end of the header record, then each rejected record as it was sent, with its own line end.</summary>
    /// <remarks>
    /// Of a JSON source: the rejected items' bytes as they were sent, in a list as the source's own (<c>[…]</c> or <c>{"contacts":[…]}</c>), or one after
    /// another for NDJSON.
    /// </remarks>
    /// <param name="outcome">Which records to write instead of the rejected ones.</param>
    public async Task<RejectsResult> WriteRejectsAsync(Import import, Stream destination, CancellationToken cancellationToken, Outcome outcome = Outcome.Rejected)
    {
        await using var source = spool.TryOpen(import.Source.Spool);
        if (source is null)
            return RejectsResult.Expired;
        var (head, between, tail) = Frame(import, source);
        if (import.Source.Format == "csv" || WorkbookRowReader.IsFormat(import.Source.Format))
            await CopyAsync(source, destination, 0, import.Source.HeaderEnd, cancellationToken);
        await destination.WriteAsync(head, cancellationToken);
        var parts = false;
        await foreach (var (_, blob) in LedgersAsync(import, cancellationToken))
        {
            var ledger = Ledger.Decode(blob);
            for (var row = 0; row < ledger.Count; row++)
            {
                if (ledger.Outcome[row] != outcome || ledger.ByteLength[row] == 0)
                    continue;
                if (parts)
                    await destination.WriteAsync(between, cancellationToken);
                var endsWithLine = await CopyAsync(source, destination, ledger.ByteOffset[row], ledger.ByteLength[row], cancellationToken);
                parts = head.Length > 0 || !endsWithLine;
            }
        }
        await destination.WriteAsync(tail, cancellationToken);
        return RejectsResult.Written;
    }

    /// <summary>Errors and warnings in order of row, the batches before <paramref name="from"/> unread.</summary>
    /// <param name="from">Null: all of them.</param>
    public async IAsyncEnumerable<ErrorEntry> ErrorsAsync(Import import, LedgerPlace? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var source = spool.TryOpen(import.Source.Spool);
        var columns = import.Mapping.ToDictionary(c => c.Index);
        var json = import.Source.Delimiter is null ? new JsonRecord(JsonOptions.Default with { Columns = import.Source.Columns }) : null;
        await foreach (var (batch, blob) in LedgersAsync(import, cancellationToken, from?.Batch))
        {
            var ledger = Ledger.Decode(blob);
            for (var i = from is { } place && place.Batch == batch ? place.Index : 0; i < ledger.Errors.Count; i++)
            {
                var error = ledger.Errors[i];
                if (error.Severity == Severity.Note)
                    continue;
                var column = columns.GetValueOrDefault(error.Column);
                var lineInside = 0;
                var value = source is null || error.Column < 0
                    ? null
                    : ReadCell(import, json, source, ledger.ByteOffset[error.Row], ledger.ByteLength[error.Row], error, out lineInside);
                yield return new(
                    ledger.RowNumber[error.Row], ledger.Line[error.Row] + lineInside, ledger.ByteOffset[error.Row], column?.Column, column?.Field, error.Code, error.Severity, value)
                {
                    Candidates = error.Code == ErrorCode.AmbiguousMatch ? CandidatesOf(ledger, error.Row) : [],
                    Next = new(batch, i + 1),
                };
            }
        }
    }

    /// <summary>What became of each row, of one outcome or of all, the batches before <paramref name="from"/> unread.</summary>
    /// <param name="from">Null: all of them.</param>
    public async IAsyncEnumerable<RowEntry> RowsAsync(Import import, Outcome? outcome, LedgerPlace? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (batch, blob) in LedgersAsync(import, cancellationToken, from?.Batch))
        {
            var ledger = Ledger.Decode(blob);
            var error = 0;
            for (var row = from is { } place && place.Batch == batch ? place.Index : 0; row < ledger.Count; row++)
            {
                if (outcome is not null && ledger.Outcome[row] != outcome)
                    continue;
                while (error < ledger.Errors.Count && ledger.Errors[error].Row < row)
                    error++;
                var codes = new List<ErrorCode>();
                for (; error < ledger.Errors.Count && ledger.Errors[error].Row == row; error++)
                    codes.Add(ledger.Errors[error].Code);
                yield return new(
                    ledger.RowNumber[row], ledger.Line[row], ledger.ByteOffset[row], ledger.ByteLength[row], ledger.Outcome[row],
                    ledger.ContactId[row] == 0 || (import.Kind == ImportKind.Plan && ledger.Outcome[row] == Outcome.Created) ? null : ledger.ContactId[row], ledger.DuplicateOf[row] == 0 ? null : ledger.DuplicateOf[row], codes)
                {
                    Candidates = ledger.Outcome[row] == Outcome.Rejected ? CandidatesOf(ledger, row) : [],
                    Next = new(batch, row + 1),
                };
            }
        }
    }

    /// <summary>An import's ledgers in order of row: an undo works backwards, and its redo backwards through that.</summary>
    /// <param name="from">The batch to begin with; null: the first.</param>
    async IAsyncEnumerable<(int BatchNumber, byte[] Ledger)> LedgersAsync(Import import, [EnumeratorCancellation] CancellationToken cancellationToken, int? from = null)
    {
        if (import.Kind != ImportKind.Undo)
        {
            await foreach (var batch in imports.LedgerAsync(import.AccountId, import.Id, from ?? 0, cancellationToken))
                yield return batch;
            yield break;
        }
        for (var number = Math.Min(from ?? int.MaxValue, import.NextBatch - 1); number >= 0; number--)
        {
            if (await imports.BatchAsync(import.AccountId, import.Id, number, cancellationToken) is var (ledger, _))
                yield return (number, ledger);
        }
    }

    /// <summary>How many rows had which outcome and, first of their findings, which code; errors before others.</summary>
    public async Task<IReadOnlyList<(Outcome Outcome, ErrorCode Code, long Rows)>> TallyAsync(Import import, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(Outcome, ErrorCode), long>();
        await foreach (var (_, blob) in imports.LedgerAsync(import.AccountId, import.Id, fromBatch: 0, cancellationToken))
        {
            var ledger = Ledger.Decode(blob);
            var codes = ledger.FirstCodes();
            for (var row = 0; row < ledger.Count; row++)
                CollectionsMarshal.GetValueRefOrAddDefault(rows, (ledger.Outcome[row], codes[row]), out _)++;
        }
        return [.. rows.Select(r => (r.Key.Item1, r.Key.Item2, r.Value))];
    }

    static List<int> CandidatesOf(LedgerBatch ledger, int row) => [.. ledger.Candidates.Where(c => c.Row == row).Select(c => c.ContactId)];

    /// <summary>What stands before, between and after the rejected records, in the source's encoding.</summary>
    static (byte[] Head, byte[] Between, byte[] Tail) Frame(Import import, FileStream source)
    {
        var encoding = SourceEncoding.Of(import.Source);
        var (head, between, tail) = import.Source.Format switch
        {
            "json" when FirstCharacter(source, encoding) == '{' => ("{\"contacts\":[", ",", "]}"),
            "json" => ("[", ",", "]"),
            "ndjson" => ("", "\n", ""), // only behind records that lack a line end
            _ => ("", "", ""),
        };
        byte[] Bytes(string text) => encoding.FromAscii(Encoding.ASCII.GetBytes(text));
        byte[] mark = head.Length > 0 && !encoding.IsUtf8 ? ByteOrderMark(source, encoding) : [];
        return ([.. mark, .. Bytes(head)], Bytes(between), Bytes(tail));
    }

    /// <summary>The first character that is neither blank nor byte order mark.</summary>
    static byte FirstCharacter(FileStream source, SourceEncoding encoding)
    {
        var start = Start(source, 4 * 1024);
        var text = encoding.IsUtf8 ? start : encoding.ToUtf8(start, null);
        var at = text.AsSpan().IndexOfAnyExcept("\uFEFF \t\r\n"u8);
        return at < 0 ? (byte)0 : text[at];
    }

    /// <summary>The source's byte order mark, or nothing.</summary>
    static byte[] ByteOrderMark(FileStream source, SourceEncoding encoding)
    {
        var start = Start(source, encoding.Unit);
        return encoding.ToUtf8(start, null).AsSpan().SequenceEqual("\uFEFF"u8) ? start : [];
    }

    static byte[] Start(FileStream source, int length)
    {
        var start = new byte[length];
        source.Position = 0;
        return start[..source.ReadAtLeast(start, length, throwOnEndOfStream: false)];
    }

    /// <param name="lineInside">Lines between the record's first and the quote that the error is about.</param>
    static string? ReadCell(Import import, JsonRecord? json, FileStream source, long offset, int length, RowError error, out int lineInside)
    {
        lineInside = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadOnlySpan<byte> record = buffer.AsSpan(0, length);
            source.Position = offset;
            source.ReadExactly(buffer, 0, length);
            var encoding = SourceEncoding.Of(import.Source);
            char? delimiter = import.Source.Delimiter is [var only] ? only : null;
            if (!encoding.IsUtf8 || delimiter > '\x7F')
                record = encoding.ToUtf8(record, delimiter);
            if (json is not null)
                return json.ReadCell(record, error.Column);
            var parsed = CsvRecord.Parse(record, SourceEncoding.TextDelimiter(delimiter ?? ','));
            lineInside = error.Code is ErrorCode.UnclosedQuote or ErrorCode.StrayQuote && parsed.Fault == error.Code ? parsed.FaultLine : 0;
            return SourceEncoding.Restore(parsed.GetCell(error.Column), delimiter);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>Whether the bytes end with a line end.</returns>
    static async Task<bool> CopyAsync(FileStream source, Stream destination, long offset, long length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length, 1, 1 << 16));
        byte last = 0;
        try
        {
            source.Position = offset;
            while (length > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, buffer.Length)), cancellationToken);
                if (read == 0)
                    throw new EndOfStreamException("The source is shorter than its ledger says.");
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                length -= read;
                var end = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0); // UTF-16 and UTF-32 fill ASCII up with zero bytes
                last = end < 0 ? last : buffer[end];
            }
            return last is (byte)'\n' or (byte)'\r';
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
