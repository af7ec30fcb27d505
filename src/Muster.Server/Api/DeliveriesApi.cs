using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Sources.Outbound;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/deliveries</c>: what was told to whom, and what became of it.</summary>
static class DeliveriesApi
{
    public static void MapDeliveries(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/deliveries").WithTags("webhooks").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("Webhooks and mails, newest first: all of them, or those of one import, webhook or status.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One delivery.");
        group.MapPost("/{id}/redeliver", RedeliverAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Try a delivery again now, with the same id.");
    }

    static async Task<Ok<Client.Page<DeliveryResource>>> ListAsync(
        Caller caller, INotificationStore store, [FromQuery(Name = "import_id"), Description("Deliveries that tell of this import.")] string? importId, [FromQuery(Name = "webhook_id"), Description("Deliveries to this webhook.")] string? webhookId,
        [Description("pending, delivered or failed.")] string? status, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        DeliveryStatus? wanted = null;
        if (!string.IsNullOrEmpty(status))
            wanted = Wire.TryWord<DeliveryStatus>(status, out var word) ? word : throw new RefusedException(Refusal.BadParameter("status", $"write one of {Wire.WordsOf<DeliveryStatus>()}."));
        var filter = new DeliveryFilter(Id("import_id", importId), Id("webhook_id", webhookId), wanted);
        var page = await paging.OfStoreAsync((at, items) => store.DeliveriesAsync(caller.Account.Id, filter, at, items, cancellationToken));
        return TypedResults.Ok(new Client.Page<DeliveryResource>([.. page.Items.Select(Resource)], page.NextCursor));
    }

    static async Task<Results<Ok<DeliveryResource>, Refusal>> GetAsync(string id, Caller caller, INotificationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var deliveryId) && await store.DeliveryAsync(caller.Account.Id, deliveryId, cancellationToken) is { } delivery ? TypedResults.Ok(Resource(delivery)) : NotFound;

    static async Task<Results<Accepted<DeliveryResource>, Refusal>> RedeliverAsync(
        string id, Caller caller, INotificationStore store, ImportSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var deliveryId) || await store.RedeliverAsync(caller.Account.Id, deliveryId, time.GetUtcNow(), cancellationToken) is not { } delivery)
            return NotFound;
        signals.Moved();
        return TypedResults.Accepted($"/v1/deliveries/{delivery.Id.ToString()}", Resource(delivery));
    }

    public static DeliveryResource Resource(Delivery d) => new(
        d.Id, "msg_" + d.Id.ToString("N"), d.Means == TargetMeans.Mail ? "mail" : "webhook", d.WebhookId, d.ImportId, d.Event,
        d.Means == TargetMeans.Mail ? d.Address : WebAddress.Parse(d.Address)?.Shown ?? "", d.Format, Wire.Word(d.Status), d.Attempts,
        d.NextAt, d.LastAt, d.LastStatus, d.LastError, d.CreatedAt, d.EndedAt);

    static Guid? Id(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null : Guid.TryParse(text, out var id) ? id : throw new RefusedException(Refusal.BadParameter(name, "write an id as it was answered."));

    static Refusal NotFound => Refusal.NotFound("delivery");
}
