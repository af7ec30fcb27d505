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
        var link = settings.PublicUrl.Length > 0 ? $"{settings.PublicUrl.TrimEnd('/')}/v1/imports/{import.Id}" : null;
        var mail = new ImportMail(import, await ListsAsync(import, stop), await ReasonsAsync(import, stop), link);
        return new(settings.MailFrom, to, mail.Subject, mail.ToText(), mail.ToHtml());
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
}
