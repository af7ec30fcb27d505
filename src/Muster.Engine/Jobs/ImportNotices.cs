using System.Text;
using Muster.Contacts;
using Muster.Sources.Outbound;
using Muster.Sources.Remote;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Whom the options of an import ask to tell of it.</summary>
static class ImportNotices
{
    const int AddressesMax = 20;

    /// <summary>Reads <c>webhook_url</c> and <c>notify_email</c>.</summary>
    /// <param name="shown">The options as they are kept and shown: an address without user, password and query.</param>
    /// <returns>What cannot be used, or null.</returns>
    public static IntakeResult.Refused? Read(ImportOptions options, MusterSettings settings, out IReadOnlyList<ImportTarget> targets, out ImportOptions shown, out string? warning)
    {
        var found = new List<ImportTarget>();
        targets = found;
        shown = options;
        warning = null;
        if (options.WebhookUrl is { } url)
        {
            if (RemoteAddress.RefuseWebhook(url, settings) is { } refused)
                return new(refused.Code, refused.Detail, "webhook_url");
            found.Add(new(TargetMeans.Webhook, url, ImportTarget.Native));
            shown = shown with { WebhookUrl = WebAddress.Parse(url)!.Shown }; // not refused
        }
        if (options.NotifyEmail is { } list)
        {
            var addresses = Split(list);
            if (addresses.Count is 0 or > AddressesMax)
                return ImportChoices.Refused("notify_email", $"notify_email takes 1 to {AddressesMax} e-mail addresses with commas between.");
            if (!addresses.All(IsAddress))
                return ImportChoices.Refused("notify_email", "notify_email holds something that is no e-mail address that mail can be sent to.");
            if (settings.SmtpHost.Length == 0)
                warning = "Nobody is told by mail: the server has no mail server to send it through (setting smtp_host).";
            found.AddRange(addresses.Select(a => new ImportTarget(TargetMeans.Mail, a, ImportTarget.Native)));
        }
        return null;
    }

    /// <summary>The addresses of a list with commas or semicolons between, each once.</summary>
    public static IReadOnlyList<string> Split(string list) =>
        [.. list.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];

    static bool IsAddress(string text) => EmailAddress.IsValid(Encoding.UTF8.GetBytes(text));
}
