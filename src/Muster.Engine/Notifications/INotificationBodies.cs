using Muster.Contacts;

namespace Muster.Notifications;

/// <summary>What goes into a webhook's body. Made by whoever knows the wire: the native API, and each façade for its own form.</summary>
/// <param name="ContentType">With charset where the type has one.</param>
public sealed record NotificationBody(string ContentType, byte[] Content);

/// <summary>Makes bodies of deliveries.</summary>
public interface INotificationBodies
{
    /// <summary>The same delivery of the same event gives the same bytes at every try, or its signature would say that it is another.</summary>
    /// <param name="import">As it was at the event; null for a test.</param>
    /// <param name="at">When the event was.</param>
    NotificationBody Make(Delivery delivery, Import? import, DateTimeOffset at);
}
