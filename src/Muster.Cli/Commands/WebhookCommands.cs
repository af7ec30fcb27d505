using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster webhooks</c> and <c>muster deliveries</c>: who is told of the account's imports, and what was told to whom.</summary>
static class WebhookCommands
{
    const int PageDefault = 20;

    public static Command Webhooks() => new MusterCommand("webhooks", "Make, list, remove webhooks, and change their secrets.", "muster webhooks add https://app.example.org/hook --event import.completed")
    {
        ListWebhooks(), Add(), Remove(), Rotate(),
    };

    public static Command Deliveries() => new MusterCommand("deliveries", "See what webhooks and mails told, and tell it again.", "muster deliveries list --status failed") { ListDeliveries(), Redeliver() };

    static MusterCommand ListWebhooks()
    {
        var command = new MusterCommand("list", "Show the account's webhooks, without their secrets.", "muster webhooks list", "muster webhooks list --json") { OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var webhooks = await muster.Webhooks.ListAsync(stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<WebhookResource>(webhooks, NextCursor: null), MusterJson.Wire.PageWebhookResource, stop);
            else
                Table.Write(Console.Out, ["id", "url", "events", "state", "description"],
                    webhooks.Select(w => new[] { $"{w.Id}", Words.Harmless(w.Url), w.Events.Count == 0 ? "all" : string.Join(',', w.Events), StateOf(w), Words.Harmless(w.Description ?? "") }));
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Add()
    {
        var url = new Argument<string>("URL") { Description = "http or https address that events are sent to" };
        var events = OptionMaking.Texts("--event", "NAME", "Only this event, such as import.completed; may be given several times");
        var description = OptionMaking.Text("--description", "TEXT", "What the webhook is for");
        var secret = OptionMaking.Text("--secret", "WHSEC", "A secret of your own: whsec_ and 24 to 64 bytes as Base64. Otherwise one is made");
        var command = new MusterCommand("add", "Make a webhook. Its secret is shown this once.",
            "muster webhooks add https://app.example.org/hook", "muster webhooks add https://app.example.org/hook --event import.completed --event import.failed --json")
        {
            url, events, description, secret, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenOrMakeAsync(Target.Of(parsed), stop);
            var input = new WebhookInput(parsed.GetRequiredValue(url), parsed.GetValue(events) is { Length: > 0 } names ? names : null, parsed.GetValue(description), Secret: parsed.GetValue(secret));
            return await ShowSecretAsync(await muster.Webhooks.AddAsync(input, stop), parsed.GetValue(OptionMaking.Json), stop);
        });
        return command;
    }

    static MusterCommand Remove()
    {
        var id = Id("The webhook's id");
        var command = new MusterCommand("remove", "Remove a webhook; what waits for it is given up.", "muster webhooks remove 0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e") { id, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var webhook = (await muster.Webhooks.ListAsync(stop)).FirstOrDefault(w => w.Id == parsed.GetRequiredValue(id));
            await muster.Webhooks.RemoveAsync(parsed.GetRequiredValue(id), stop);
            if (webhook is not null && parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(webhook, MusterJson.Wire.WebhookResource, stop); // as it was
            else
                Console.WriteLine($"Removed the webhook {parsed.GetRequiredValue(id)}.");
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Rotate()
    {
        var id = Id("The webhook's id");
        var command = new MusterCommand("rotate", "Give a webhook another secret, shown this once. The former one signs, too, for webhook_overlap_hours.", "muster webhooks rotate 0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e")
        {
            id, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            return await ShowSecretAsync(await muster.Webhooks.RotateAsync(parsed.GetRequiredValue(id), stop), parsed.GetValue(OptionMaking.Json), stop);
        });
        return command;
    }

    static async Task<int> ShowSecretAsync(NewWebhookResource webhook, bool json, CancellationToken stop)
    {
        if (json)
        {
            await JsonOutput.WriteAsync(webhook, MusterJson.Wire.NewWebhookResource, stop);
            return ExitCode.Done;
        }
        Console.WriteLine($"id      {webhook.Id}");
        Console.WriteLine($"url     {Words.Harmless(webhook.Url)}");
        Console.WriteLine($"secret  {webhook.Secret}");
        await Console.Error.WriteLineAsync(webhook.FormerSecretUntil is { } until
            ? $"The secret will not be shown again. The former one signs, too, until {Words.Time(until)}." : "The secret will not be shown again.");
        return ExitCode.Done;
    }

    static MusterCommand ListDeliveries()
    {
        var status = OptionMaking.OneOf("--status", "Only those", "pending", "delivered", "failed");
        var import = OptionMaking.Text("--import", "ID", "Only what was told of this import: its id, or last for the newest one");
        var webhook = new Option<Guid?>("--webhook") { HelpName = "ID", Description = "Only what was told to this webhook" };
        var limit = new Option<int?>("--limit") { HelpName = "N", Description = $"How many, the newest first [default: {PageDefault}]" };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var n) && n is >= 1 and <= 1_000))
                result.AddError($"--limit '{token.Value}' is not a whole number from 1 to 1000.");
        });
        var cursor = OptionMaking.Text("--cursor", "CURSOR", "The next_cursor of the page before");
        var command = new MusterCommand("list", "Show webhooks and mails that were sent or wait to be sent, the newest first.",
            "muster deliveries list", "muster deliveries list --status failed", "muster deliveries list --import last --json")
        {
            status, import, webhook, limit, cursor, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            Guid? importId = parsed.GetValue(import) is { } named ? await ImportIds.ResolveAsync(muster, named, stop) : null;
            var page = await muster.Webhooks.DeliveriesAsync(new(importId, parsed.GetValue(webhook), parsed.GetValue(status)), parsed.GetValue(cursor), parsed.GetValue(limit) ?? PageDefault, stop);
            if (parsed.GetValue(OptionMaking.Json))
            {
                await JsonOutput.WriteAsync(page, MusterJson.Wire.PageDeliveryResource, stop);
                return ExitCode.Done;
            }
            Table.Write(Console.Out, ["id", "event", "target", "status", "tries#", "last answer", "next try"], page.Items.Select(d => new[]
            {
                $"{d.Id}", d.Event, Words.Harmless(d.Target), d.Status, $"{d.Attempts}", LastAnswer(d), d.Status == "pending" ? Words.Time(d.NextAttemptAt) : "-",
            }));
            if (page.NextCursor is { } next)
                await Console.Error.WriteLineAsync($"There are more: --cursor {next}");
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Redeliver()
    {
        var id = Id("The delivery's id");
        var command = new MusterCommand("redeliver", "Tell it again now, with the same message id. The process that runs the imports sends it.", "muster deliveries redeliver 0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e")
        {
            id, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var delivery = await muster.Webhooks.RedeliverAsync(parsed.GetRequiredValue(id), stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(delivery, MusterJson.Wire.DeliveryResource, stop);
            else
                Console.WriteLine($"The delivery {delivery.Id} of {delivery.Event} to {Words.Harmless(delivery.Target)} is due.");
            return ExitCode.Done;
        });
        return command;
    }

    static Argument<Guid> Id(string description)
    {
        var id = new Argument<Guid>("ID") { Description = description };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Guid.TryParse(token.Value, out _))
                result.AddError($"'{token.Value}' is not an id, such as 0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e.");
        });
        return id;
    }

    static string StateOf(WebhookResource webhook) => webhook.Enabled ? "on" : webhook.DisabledReason is { } reason ? $"off ({reason})" : "off";

    static string LastAnswer(DeliveryResource delivery) =>
        string.Join(' ', new[] { delivery.LastStatus?.ToString(System.Globalization.CultureInfo.InvariantCulture), delivery.LastError }.Where(t => t is not null)) is { Length: > 0 } text ? text : "-";
}
