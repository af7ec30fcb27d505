using System.Globalization;
using System.Net;
using System.Text;
using Muster.Contacts;

namespace Muster.Notifications.Mail;

/// <summary>What a mail says of an import that has ended, as plain text and as HTML.</summary>
/// <param name="Reasons">The most frequent errors, the most frequent first.</param>
/// <param name="Link">The import's address; null where the operator has named none.</param>
sealed record ImportMail(Import Import, IReadOnlyList<string> Lists, IReadOnlyList<(ErrorCode Code, int Count)> Reasons, string? Link)
{
    string Source => Import.Source.FileName ?? "contacts";

    string Verb => Import.Status switch { ImportStatus.Completed => "completed", ImportStatus.Canceled => "was canceled", _ => "failed" };

    public string Subject => $"Import of {Source} {Verb}: {Number(Import.Counts.Read - Import.Counts.Rejected)} of {Number(Import.Counts.Read)} rows";

    (string Name, long Count)[] Rows
    {
        get
        {
            var c = Import.Counts;
            return
            [
                ("Rows read", c.Read), ("Created", c.Created), ("Updated", c.Updated), ("Unchanged", c.Unchanged), ("Duplicate", c.Duplicate),
                ("Suppressed", c.Suppressed), ("Skipped", c.Skipped), ("Rejected", c.Rejected),
            ];
        }
    }

    public string ToText()
    {
        var text = new StringBuilder($"The import of {Source} {Verb}.\n");
        if (Lists.Count > 0)
            text.Append($"Lists: {string.Join(", ", Lists)}\n");
        if (Import.Failure is { } failure)
            text.Append($"Why: {failure.Detail} ({failure.Code.Name()})\n");
        if (Import.StartedAt is { } started && Import.FinishedAt is { } finished)
            text.Append(string.Create(CultureInfo.InvariantCulture, $"Duration: {(finished - started).TotalSeconds:0.0} s\n"));
        text.Append('\n');
        foreach (var (name, count) in Rows)
            text.Append($"{name,-12}{Number(count),14}\n");
        if (Reasons.Count > 0)
            text.Append("\nMost frequent errors:\n");
        foreach (var (code, count) in Reasons)
            text.Append($"{Number(count),14}  {code.Name()}: {code.Message()}\n");
        text.Append($"\nImport {Import.Id}\n");
        if (Link is not null)
            text.Append($"Details and rejected rows: {Link}/errors and {Link}/rejects\n");
        return text.ToString();
    }

    public string ToHtml()
    {
        var html = new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif\">");
        html.Append($"<p>The import of <b>{Html(Source)}</b> {Verb}.</p>");
        if (Lists.Count > 0)
            html.Append($"<p>Lists: {Html(string.Join(", ", Lists))}</p>");
        if (Import.Failure is { } failure)
            html.Append($"<p>Why: {Html(failure.Detail)} ({failure.Code.Name()})</p>");
        html.Append("<table>");
        foreach (var (name, count) in Rows)
            html.Append($"<tr><td>{name}</td><td style=\"text-align:right\">{Number(count)}</td></tr>");
        html.Append("</table>");
        if (Reasons.Count > 0)
        {
            html.Append("<p>Most frequent errors:</p><ul>");
            foreach (var (code, count) in Reasons)
                html.Append($"<li>{Number(count)} × <code>{code.Name()}</code>: {Html(code.Message())}</li>");
            html.Append("</ul>");
        }
        html.Append(Link is null
            ? $"<p>Import {Import.Id}</p>"
            : $"<p><a href=\"{Html(Link)}/errors\">Errors</a> · <a href=\"{Html(Link)}/rejects\">Rejected rows</a> · Import {Import.Id}</p>");
        html.Append("</body></html>");
        return html.ToString();
    }

    static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string Html(string text) => WebUtility.HtmlEncode(text);
}
