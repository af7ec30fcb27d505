using System.Text;
using Muster.Contacts;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Whether a contact may be written to, in the vendor's words.</summary>
sealed class ContactStanding(IContactStore contacts)
{
    public const string Unsubscribed = "Unsubscribed";
    const string Channel = "email";

    public static string StatusOf(Contact contact) => OptedOut(contact) is null ? "Subscribed" : Unsubscribed;

    /// <summary>What the contact said when it opted out of e-mail; null when it has not.</summary>
    public static ConsentRecord? OptedOut(Contact contact) =>
        contact.Consent.TryGetValue(Channel, out var record) && record.Status == ConsentRecord.OptedOut ? record : null;

    /// <summary>Why nobody may write to the address, by the suppression list; None when that does not name it.</summary>
    public async Task<FaultReason> SuppressedAsync(int accountId, string email, CancellationToken cancellationToken)
    {
        if (SuppressedValue.Read(SuppressedValue.Email, email, PhoneRegion.None) is not { } address)
            return FaultReason.None;
        if (await contacts.Suppressions.FindAsync(accountId, SuppressedValue.Email, address.Value, cancellationToken) is { } own)
            return ReasonOf(own.Reason);
        var domain = address.Value[(address.Value.LastIndexOf('@') + 1)..];
        while (domain.Length > 0)
        {
            if (await contacts.Suppressions.FindAsync(accountId, SuppressedValue.Domain, domain, cancellationToken) is not null)
                return FaultReason.SuppressedByDomain;
            domain = domain.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? domain[(dot + 1)..] : "";
        }
        return FaultReason.None;
    }

    /// <summary>Why a row of an import was suppressed.</summary>
    public async Task<FaultReason> WhyAsync(int accountId, string email, CancellationToken cancellationToken)
    {
        if (await SuppressedAsync(accountId, email, cancellationToken) is not FaultReason.None and var reason)
            return reason;
        return EmailAddress.IsValid(Encoding.UTF8.GetBytes(email.Trim()))
            && (await contacts.ListAsync(accountId, new(Email: email.Trim().ToLowerInvariant()), null, 1, cancellationToken)).Items is [var contact] && OptedOut(contact) is not null
            ? FaultReason.Unsubscribed : FaultReason.GloballySuppressed;
    }

    /// <summary>A suppression's reason is free text: the vendor's word that it speaks of.</summary>
    static FaultReason ReasonOf(string? reason)
    {
        bool Says(string word) => reason?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
        return Says("unsub") || Says("opt") ? FaultReason.Unsubscribed
            : Says("soft") ? FaultReason.SoftBounced
            : Says("bounce") ? FaultReason.HardBounced
            : Says("complain") || Says("spam") ? FaultReason.ComplainedToIsp
            : Says("mail block") ? FaultReason.MailBlocked
            : Says("by you") || Says("manual") ? FaultReason.SuppressedByYou
            : FaultReason.GloballySuppressed;
    }
}
