using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources.Remote;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Server.Facades.Netcore;

/// <summary>What a bulk upload names, in either dialect.</summary>
/// <param name="Path">As sent, blanks included.</param>
sealed record BulkUploadOrder(string? Path, string? ListId, string? NotifyEmail, string? Callback);

/// <summary>Imports a hosted file. Accepted means queued: what becomes of it is told by callback and mail.</summary>
sealed class BulkUpload(ImportIntake intake, IContactStore contacts, MusterSettings settings, ServerSettings server)
{
    const string Route = "/apiv2";

    public async Task<NetcoreAnswer> StartAsync(Caller caller, BulkUploadOrder order, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(order.Path))
            return NetcoreAnswer.Bad("Missing path");
        var urls = Addresses(order.Path);
        if (urls.Any(url => RemoteAddress.Refuse(url, settings) is not null))
            return NetcoreAnswer.Bad("Invalid path");
        int? listId = null;
        if (order.ListId is { } text)
        {
            listId = await FindListAsync(caller, text, cancellationToken);
            if (listId is null)
                return NetcoreAnswer.Bad("Invalid listid");
        }
        if (order.Callback is { } callback && RemoteAddress.RefuseWebhook(callback, settings) is not null)
            return NetcoreAnswer.Bad("Invalid callback");

        var options = new ImportOptions
        {
            ListIds = listId is { } id ? [id] : null,
            Region = server.NetcoreRegion.Length > 0 ? server.NetcoreRegion : null,
            PhoneStyle = "plain_or_international",
            DateOrder = "dmy",
            OnInvalidValue = "drop_value",
            UnknownColumns = server.NetcoreUnknownColumns,
            Hold = HoldRules.Off,
            NotifyEmail = Mails(order.NotifyEmail),
        };
        var request = new RemoteRequest(caller.Account, urls, options, null, Route)
        {
            Targets = order.Callback is { } target ? [new(TargetMeans.Webhook, target, server.NetcoreCallbackFormat == "form" ? NetcoreCallback.Form : NetcoreCallback.Json)] : [],
        };
        return await intake.AcceptRemoteAsync(request, cancellationToken) switch
        {
            IntakeResult.Accepted accepted => NetcoreAnswer.Done(accepted.Import.Id, listId),
            IntakeResult.Replayed replayed => NetcoreAnswer.Done(replayed.Import.Id, listId),
            IntakeResult.Refused { Code: ErrorCode.TooManyActiveImports } => new(429, "Too many jobs under way"),
            IntakeResult.Refused { Code: ErrorCode.ImportsOff } => new(403, "Imports are switched off for this account"),
            IntakeResult.Refused refused => new(400, refused.Detail),
            _ => NetcoreAnswer.Bad("Invalid path"),
        };
    }

    public async Task<int?> FindListAsync(Caller caller, string text, CancellationToken cancellationToken) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).Any(l => l.Id == id) ? id : null;

    /// <summary>The address as sent, and without the blanks behind it: some files' names really end with one.</summary>
    static string[] Addresses(string path)
    {
        path = path.TrimStart();
        var trimmed = path.TrimEnd();
        if (trimmed.Length == path.Length)
            return [path];
        return trimmed.StartsWith("s3://", StringComparison.OrdinalIgnoreCase) ? [path, trimmed] : [trimmed + string.Concat(Enumerable.Repeat("%20", path.Length - trimmed.Length)), trimmed];
    }

    /// <summary>Those of the addresses that are any; null when none is. A misspelt one costs its owner the mail, not the caller the upload.</summary>
    static string? Mails(string? list)
    {
        var valid = (list ?? "").Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(a => EmailAddress.IsValid(Encoding.UTF8.GetBytes(a))).Take(20).ToList();
        return valid.Count > 0 ? string.Join(',', valid) : null;
    }
}
