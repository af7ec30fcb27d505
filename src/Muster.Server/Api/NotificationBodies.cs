using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Notifications;
using Muster.Server.Facades.Netcore;

namespace Muster.Server.Api;

/// <summary>The bodies of webhooks: the native one, and those of vendors' callbacks.</summary>
sealed class NotificationBodies : INotificationBodies
{
    public NotificationBody Make(Delivery delivery, Import? import, DateTimeOffset at) => import is not null && NetcoreCallback.Make(delivery.Format, import) is { } netcore
        ? netcore
        : new("application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(new NotificationResource(delivery.Event, at, Data(import, at)), MusterJson.Wire.NotificationResource));

    static JsonElement Data(Import? import, DateTimeOffset at) => import is null
        ? JsonDocument.Parse("{}").RootElement
        : JsonSerializer.SerializeToElement(Wire.Import(import, new StoppedClock(at)), MusterJson.Wire.ImportResource);

    /// <summary>Rates and times left are those of the event's moment, so that every try has the same bytes.</summary>
    sealed class StoppedClock(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}
