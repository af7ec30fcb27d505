using System.Text;
using Muster.Contacts;
using Muster.Jobs;

namespace Muster.Server.Facades.Dotmailer;

/// <summary><c>report-faults</c>: Reason, email, then the file's data fields in lower case; one line a row that is no contact now.</summary>
/// <remarks>
/// Clients split at line feeds and commas, read the first two fields by place, and fail on an empty body: LF, no byte order mark, quotes only where a
/// field needs them, and always the header. Whatever Accept says, it is CSV.
/// </remarks>
static class FaultsFile
{
    const int FlushAt = 1 << 16;

    public static async Task WriteAsync(HttpResponse response, Import import, SourceRecords records, ContactStanding standing, CancellationToken cancellationToken)
    {
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        var columns = import.Mapping.Where(c => c.Field is not ("email" or "ignore") && !DataFields.IsBeside(NameOf(c))).ToList();
        var text = new StringBuilder("Reason,email");
        foreach (var column in columns)
            Append(text.Append(','), NameOf(column).ToLowerInvariant());
        text.Append('\n');
        await foreach (var record in records.ReadAsync(import, static outcome => FaultReasons.Of(outcome, ErrorCode.None) != FaultReason.None, cancellationToken))
        {
            var email = EmailOf(import, record);
            var reason = record.Outcome == Outcome.Suppressed ? await standing.WhyAsync(import.AccountId, email, cancellationToken) : FaultReasons.Of(record.Outcome, record.Code);
            Append(text, reason.Word());
            Append(text.Append(','), email);
            foreach (var column in columns)
                Append(text.Append(','), Cell(record, column));
            text.Append('\n');
            if (text.Length < FlushAt)
                continue;
            await response.WriteAsync(text.ToString(), Encoding.UTF8, cancellationToken);
            text.Clear();
        }
        await response.WriteAsync(text.ToString(), Encoding.UTF8, cancellationToken);
    }

    public static string EmailOf(Import import, SourceRecord record) => Cell(record, import.Mapping.FirstOrDefault(c => c.Field == "email"));

    /// <summary>A column of a collection's data fields is called field:NAME there.</summary>
    static string NameOf(ImportColumn column) => column.Column.StartsWith("field:", StringComparison.OrdinalIgnoreCase) ? column.Column["field:".Length..] : column.Column;

    static string Cell(SourceRecord record, ImportColumn? column) => column is null || column.Index >= record.Cells.Count ? "" : record.Cells[column.Index];

    static void Append(StringBuilder text, string value)
    {
        if (value.AsSpan().ContainsAny(",\"\r\n"))
            text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else
            text.Append(value);
    }
}
