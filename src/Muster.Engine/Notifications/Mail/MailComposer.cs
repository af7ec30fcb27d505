using System.Globalization;
using System.Net;
using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Notifications.Mail;

/// <summary>Tells a person by mail what became of an import: its counts, the most frequent errors, and where to look.</summary>
/// <remarks>Names of files and lists are the caller's own words and stand in the mail; no contact's value does.</remarks>
public sealed class MailComposer(MusterSettings settings, IImportStore imports, IContactStore contacts, TimeProvider time)
{
    const int ReasonsMax = 5;

    /// <summary>Composes and sends one mail.</summary>
    public async Task<DeliveryAnswer> SendAsync(Delivery delivery, Import import, CancellationToken stop)
    {
        if (settings.SmtpHost.Length == 0)
            return new(null, "mail_not_configured", Final: true);
        var message = await ComposeAsync(delivery.Address, import, stop);
        try
        {
            await new SmtpClient(settings, time).SendAsync(settings.MailFrom, delivery.Address, message.ToBytes(time.GetUtcNow(), delivery.Id.ToString("N")), stop);
            return new(250, null);
        }
        catch (SmtpException e)
        {
            return new(e.Status, e.Error, Final: e.IsFinal);
        }
    }

    async Task<MailMessage> ComposeAsync(string to, Import import, CancellationToken stop)
    {
        var source = import.Source.FileName ?? "contacts";
        var verb = import.Status switch { ImportStatus.Completed => "completed", ImportStatus.Canceled => "was canceled", _ => "failed" };
        var c = import.Counts;
        var rows = new List<(string Name, long Count)>
        {
            ("Rows read", c.Read), ("Created", c.Created), ("Updated", c.Updated), ("Unchanged", c.Unchanged), ("Duplicate", c.Duplicate),
            ("Suppressed", c.Suppressed), ("Skipped", c.Skipped), ("Rejected", c.Rejected),
        };
        var lists = await ListsAsync(import, stop);
        var reasons = await ReasonsAsync(import, stop);
        var link = settings.PublicUrl.Length > 0 ? $"{settings.PublicUrl.TrimEnd('/')}/v1/imports/{import.Id}" : null;

        var text = new StringBuilder();
        text.Append($"The import of {source} {verb}.\n");
        if (lists.Count > 0)
            text.Append($"Lists: {string.Join(", ", lists)}\n");
        if (import.Failure is { } failure)
            text.Append($"Why: {failure.Detail} ({failure.Code.Name()})\n");
        if (import.StartedAt is { } started && import.FinishedAt is { } finished)
            text.Append(string.Create(CultureInfo.InvariantCulture, $"Duration: {(finished - started).TotalSeconds:0.0} s\n"));
        text.Append('\n');
        foreach (var (name, count) in rows)
            text.Append($"{name,-12}{Number(count),14}\n");
        if (reasons.Count > 0)
            text.Append("\nMost frequent errors:\n");
        foreach (var (code, count) in reasons)
            text.Append($"{Number(count),14}  {code.Name()}: {code.Message()}\n");
        text.Append($"\nImport {import.Id}\n");
        if (link is not null)
            text.Append($"Details and rejected rows: {link}/errors and {link}/rejects\n");

        var html = new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif\">");
        html.Append($"<p>The import of <b>{Html(source)}</b> {verb}.</p>");
        if (lists.Count > 0)
            html.Append($"<p>Lists: {Html(string.Join(", ", lists))}</p>");
        if (import.Failure is { } why)
            html.Append($"<p>Why: {Html(why.Detail)} ({why.Code.Name()})</p>");
        html.Append("<table>");
        foreach (var (name, count) in rows)
            html.Append($"<tr><td>{name}</td><td style=\"text-align:right\">{Number(count)}</td></tr>");
        html.Append("</table>");
        if (reasons.Count > 0)
        {
            html.Append("<p>Most frequent errors:</p><ul>");
            foreach (var (code, count) in reasons)
                html.Append($"<li>{Number(count)} × <code>{code.Name()}</code>: {Html(code.Message())}</li>");
            html.Append("</ul>");
        }
        html.Append(link is null ? $"<p>Import {import.Id}</p>" : $"<p><a href=\"{Html(link)}/errors\">Errors</a> · <a href=\"{Html(link)}/rejects\">Rejected rows</a> · Import {import.Id}</p>");
        html.Append("</body></html>");
        return new(settings.MailFrom, to, $"Import of {source} {verb}: {Number(c.Read - c.Rejected)} of {Number(c.Read)} rows", text.ToString(), html.ToString());
    }

    async Task<List<string>> ListsAsync(Import import, CancellationToken stop)
    {
        var names = (import.Options.Lists ?? []).ToList();
        if (import.Options.ListIds is { Count: > 0 } ids)
            names.AddRange((await contacts.ListsAsync(import.AccountId, stop)).Where(l => ids.Contains(l.Id)).Select(l => l.Name));
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    async Task<List<(ErrorCode Code, int Count)>> ReasonsAsync(Import import, CancellationToken stop)
    {
        if (import.Counts.Rejected + import.Counts.Warnings == 0)
            return [];
        var counts = new Dictionary<ErrorCode, int>();
        await foreach (var (_, blob) in imports.LedgerAsync(import.AccountId, import.Id, 0, stop))
        {
            // A repetition is an outcome of its own, and no error of anybody's.
            foreach (var error in Ledger.Decode(blob).Errors.Where(e => e.Code != ErrorCode.DuplicateInFile))
                counts[error.Code] = counts.GetValueOrDefault(error.Code) + 1;
        }
        return [.. counts.OrderByDescending(p => p.Value).ThenBy(p => p.Key).Take(ReasonsMax).Select(p => (p.Key, p.Value))];
    }

    static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string Html(string text) => WebUtility.HtmlEncode(text);
}
