using Muster.Contacts;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Whether a contact may be written to, in the vendor's words.</summary>
static class ContactStanding
{
    public const string Subscribed = "Subscribed";

    public static string StatusOf(Contact contact) => contact.Id > 0 ? Subscribed : "";
}
