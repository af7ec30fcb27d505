using System.Text;
using Muster.Validation;

namespace Muster.Server.Api;

/// <summary>Writes RFC 4180 records: comma, CRLF, quotes where a cell needs them.</summary>
/// <remarks>
/// With <c>safe</c>, a cell that a spreadsheet would take for a formula gets an apostrophe before it: see <see cref="FormulaEscape"/>. A byte order mark then tells
/// spreadsheets that the text is UTF-8.
/// </remarks>
sealed class CsvCells(bool safe)
{
    static readonly System.Buffers.SearchValues<char> NeedQuotes = System.Buffers.SearchValues.Create(",\"\r\n");
    readonly StringBuilder text = new(safe ? "\uFEFF" : "");
    bool first = true;

    public void Cell(string? value)
    {
        if (!first)
            text.Append(',');
        first = false;
        if (string.IsNullOrEmpty(value))
            return;
        if (safe && FormulaEscape.IsNeeded(value))
            value = "'" + value;
        var quote = value.AsSpan().ContainsAny(NeedQuotes) || value[0] == ' ' || value[^1] == ' ';
        if (quote)
            text.Append('"').Append(value).Replace("\"", "\"\"", text.Length - value.Length, value.Length).Append('"');
        else
            text.Append(value);
    }

    public void EndRecord()
    {
        text.Append("\r\n");
        first = true;
    }

    /// <summary>Writes what has gathered once it is much, or <paramref name="all"/> of it.</summary>
    public async ValueTask FlushAsync(HttpResponse response, bool all, CancellationToken cancellationToken)
    {
        if (text.Length < (all ? 1 : 1 << 16))
            return;
        await response.WriteAsync(text.ToString(), Encoding.UTF8, cancellationToken);
        text.Clear();
    }
}
