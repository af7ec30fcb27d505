using Muster.Contacts;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Server.Facades.Cellcast;

/// <summary>Whom no message may be sent to: Cellcast sends texts, so who has opted out of those, whatever they said about mails and calls, and every number on the suppression list.</summary>
static class OptOuts
{
    const int ReadAtOnce = 1_000;
    const string Sms = "sms";

    public static async Task<bool> HoldsAsync(IContactStore contacts, int accountId, Contact contact, CancellationToken cancellationToken) =>
        HasSaidSo(contact) || (contact.Phone is { } phone && await contacts.Suppressions.FindAsync(accountId, SuppressedValue.Phone, Canonical(phone), cancellationToken) is not null);

    /// <summary>Contacts in the order in which they were made, then suppressed numbers. Reads all of them, since callers tell their number.</summary>
    /// <param name="take">Takes the ordinal from 0, the number, and the contact that has it, if one has.</param>
    /// <returns>How many there are.</returns>
    public static async Task<long> ReadAsync(IContactStore contacts, int accountId, Action<long, long?, Contact?> take, CancellationToken cancellationToken)
    {
        long total = 0;
        string? cursor = null;
        do
        {
            var page = await contacts.ListAsync(accountId, new(OptedOutOf: ConsentChannel.Sms), cursor, ReadAtOnce, cancellationToken);
            foreach (var contact in page.Items)
                take(total++, contact.Phone, contact);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        do
        {
            var page = await contacts.Suppressions.ListAsync(accountId, SuppressedValue.Phone, cursor, ReadAtOnce, cancellationToken);
            foreach (var suppression in page.Items)
            {
                var phone = long.Parse(suppression.Value.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
                var bearers = (await contacts.ListAsync(accountId, new(Phone: phone), null, ReadAtOnce, cancellationToken)).Items;
                if (!bearers.Any(HasSaidSo))
                    take(total++, phone, bearers.FirstOrDefault());
            }
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return total;
    }

    static bool HasSaidSo(Contact contact) => contact.Consent.TryGetValue(Sms, out var record) && record.Status == ConsentRecord.OptedOut;

    static string Canonical(long phone) => "+" + phone.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
