using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Muster.Client;

/// <summary>The native API of a Muster server, typed. A refusal, and an answer that is not Muster's, is a <see cref="MusterApiException"/>; a broken connection an <see cref="HttpRequestException"/>.</summary>
public sealed class MusterClient : IDisposable
{
    static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    readonly HttpClient http;
    readonly AuthenticationHeaderValue authorization;
    readonly TimeProvider time;

    /// <param name="http">Its base address is the server's; the client owns it from now on.</param>
    /// <param name="token"><c>muster_&lt;id&gt;_&lt;secret&gt;</c>.</param>
    public MusterClient(HttpClient http, string token, TimeProvider? time = null)
    {
        this.http = http;
        authorization = new("Bearer", token);
        this.time = time ?? TimeProvider.System;
    }

    /// <param name="server">Such as http://127.0.0.1:8080.</param>
    public MusterClient(Uri server, string token)
        : this(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan }, token)
    {
    }

    public void Dispose() => http.Dispose();

    /// <summary>Sends a source. When this returns, the server has it durably.</summary>
    /// <param name="idempotencyKey">Sending again with the same key, bytes and options answers with the import that is there.</param>
    /// <param name="waitSeconds">How long the server may wait for the import's end before it answers.</param>
    public Task<ImportResource> SubmitAsync(
        Stream content, string fileName, ImportOptionsResource? options, string? idempotencyKey, CancellationToken cancellationToken, int? waitSeconds = null) =>
        SendSourceAsync("v1/imports", content, fileName, options, idempotencyKey, waitSeconds, cancellationToken);

    public async Task<ImportResource> SubmitFileAsync(string path, ImportOptionsResource? options, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        return await SubmitAsync(file, Path.GetFileName(path), options, idempotencyKey, cancellationToken);
    }

    /// <summary>Names a source by its address: http, https or s3://bucket/key. It is fetched in the background; what cannot be fetched fails the import.</summary>
    public Task<ImportResource> SubmitUrlAsync(
        string url, ImportOptionsResource? options, string? idempotencyKey, CancellationToken cancellationToken, int? waitSeconds = null) =>
        SubmitAsync("v1/imports", JsonContent.Create(new UrlSubmission(new(url), options), MusterJson.Sparse.UrlSubmission), idempotencyKey, waitSeconds, cancellationToken);

    /// <summary>Imports an upload. The upload stays until it expires, and may be imported again.</summary>
    public Task<ImportResource> SubmitUploadAsync(Guid uploadId, ImportOptionsResource? options, string? idempotencyKey, CancellationToken cancellationToken) =>
        SubmitAsync("v1/imports", JsonContent.Create(new UploadImportInput(new(uploadId), options), MusterJson.Sparse.UploadImportInput), idempotencyKey, waitSeconds: null, cancellationToken);

    /// <summary>Sends the corrected rejects of an import that has ended: a new import with that one's options, linked to it.</summary>
    /// <param name="options">May say how the corrected file is written, where that is in another way, and nothing else.</param>
    public Task<ImportResource> RetryAsync(
        Guid id, Stream content, string fileName, ImportOptionsResource? options, string? idempotencyKey, CancellationToken cancellationToken, int? waitSeconds = null) =>
        SendSourceAsync($"v1/imports/{id}/retry", content, fileName, options, idempotencyKey, waitSeconds, cancellationToken);

    public Task<ImportResource> GetImportAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync($"v1/imports/{id}", MusterJson.Wire.ImportResource, cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<Page<ImportResource>> ImportsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/imports" + Query(cursor, limit), MusterJson.Wire.PageImportResource, cancellationToken);

    /// <summary>The import at every move until its end, the last one included. Listens to the server's events; where they break off, asks once a second.</summary>
    public async IAsyncEnumerable<ImportResource> WatchAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var import in EventsAsync(id, cancellationToken))
        {
            yield return import;
            if (import.IsTerminal())
                yield break;
        }
        while (true)
        {
            var import = await GetImportAsync(id, cancellationToken);
            yield return import;
            if (import.IsTerminal())
                yield break;
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    public Task<Page<ErrorResource>> ErrorsPageAsync(Guid id, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync($"v1/imports/{id}/errors" + Query(cursor, limit), MusterJson.Wire.PageErrorResource, cancellationToken);

    /// <summary>Every error and warning, in the order of the rows.</summary>
    public IAsyncEnumerable<ErrorResource> ErrorsAsync(Guid id, CancellationToken cancellationToken) =>
        AllAsync((cursor, stop) => ErrorsPageAsync(id, cursor, 1_000, stop), cancellationToken);

    /// <summary>Field by field what the import changed, or a plan would.</summary>
    public Task<Page<ChangeResource>> ChangesPageAsync(Guid id, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync($"v1/imports/{id}/changes" + Query(cursor, limit), MusterJson.Wire.PageChangeResource, cancellationToken);

    /// <summary>Every change in the order of the rows, as one stream.</summary>
    public async IAsyncEnumerable<ChangeResource> ChangesAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"v1/imports/{id}/changes", null);
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var change in JsonSerializer.DeserializeAsyncEnumerable(stream, MusterJson.Wire.ChangeResource, topLevelValues: true, cancellationToken))
        {
            if (change is not null)
                yield return change;
        }
    }

    /// <param name="outcome">Only rows of that outcome; null: all.</param>
    public Task<Page<RowResource>> RowsPageAsync(Guid id, string? outcome, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync($"v1/imports/{id}/rows" + Query(cursor, limit, ("outcome", outcome)), MusterJson.Wire.PageRowResource, cancellationToken);

    public IAsyncEnumerable<RowResource> RowsAsync(Guid id, string? outcome, CancellationToken cancellationToken) =>
        AllAsync((cursor, stop) => RowsPageAsync(id, outcome, cursor, 1_000, stop), cancellationToken);

    /// <summary>Writes the source's header and its rejected records, byte for byte as they were sent.</summary>
    public Task DownloadRejectsAsync(Guid id, Stream destination, CancellationToken cancellationToken) =>
        DownloadAsync($"v1/imports/{id}/rejects", destination, cancellationToken);

    /// <summary>The rejected records for people with spreadsheets: UTF-8 CSV in which no cell runs as a formula. Sent back, it is read as the source was.</summary>
    public Task DownloadSafeRejectsAsync(Guid id, Stream destination, CancellationToken cancellationToken) =>
        DownloadAsync($"v1/imports/{id}/rejects?safe=true", destination, cancellationToken);

    /// <summary>Writes the source's header and its records of one outcome, such as suppressed, as they were sent.</summary>
    public Task DownloadRowsAsync(Guid id, string outcome, Stream destination, CancellationToken cancellationToken) =>
        DownloadAsync($"v1/imports/{id}/{outcome}", destination, cancellationToken);

    public Task<ImportResource> CancelAsync(Guid id, CancellationToken cancellationToken) => MoveAsync(id, "cancel", cancellationToken);
    public Task<ImportResource> PauseAsync(Guid id, CancellationToken cancellationToken) => MoveAsync(id, "pause", cancellationToken);
    public Task<ImportResource> ResumeAsync(Guid id, CancellationToken cancellationToken) => MoveAsync(id, "resume", cancellationToken);

    /// <summary>Lets a held import go on from its checkpoint.</summary>
    public Task<ImportResource> ApproveAsync(Guid id, CancellationToken cancellationToken) => MoveAsync(id, "approve", cancellationToken);

    /// <summary>Carries out a plan.</summary>
    /// <param name="replan">Rows whose contact has moved since go in as they are decided now; otherwise they are left out. Both are warnings of the apply.</param>
    public Task<ImportResource> ApplyAsync(Guid planId, bool replan, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"v1/imports/{planId}/apply", new ReversalInput(OnConflict: replan ? "replan" : null), MusterJson.Sparse.ReversalInput, MusterJson.Wire.ImportResource, cancellationToken);

    /// <summary>Takes the import back, in the background: answers with the undo, an import of its own. One that runs is canceled first.</summary>
    /// <param name="force">Values, lists and tags that were written later give way too; who has left a list stays out of it.</param>
    public Task<ImportResource> UndoAsync(Guid id, bool force, CancellationToken cancellationToken, bool allowResubscribe = false) =>
        SendAsync(HttpMethod.Post, $"v1/imports/{id}/undo", Reversal(dryRun: null, force, allowResubscribe), MusterJson.Sparse.ReversalInput, MusterJson.Wire.ImportResource, cancellationToken);

    /// <summary>Takes an undo back.</summary>
    /// <param name="id">Of the undone import, or of its undo.</param>
    public Task<ImportResource> RedoAsync(Guid id, bool force, CancellationToken cancellationToken, bool allowResubscribe = false) =>
        SendAsync(HttpMethod.Post, $"v1/imports/{id}/redo", Reversal(dryRun: null, force, allowResubscribe), MusterJson.Sparse.ReversalInput, MusterJson.Wire.ImportResource, cancellationToken);

    /// <summary>What an undo would do.</summary>
    public Task<ReversalPreviewResource> PreviewUndoAsync(Guid id, bool force, CancellationToken cancellationToken, bool allowResubscribe = false) =>
        SendAsync(HttpMethod.Post, $"v1/imports/{id}/undo", Reversal(dryRun: true, force, allowResubscribe), MusterJson.Sparse.ReversalInput, MusterJson.Wire.ReversalPreviewResource, cancellationToken);

    /// <summary>What a redo would do.</summary>
    public Task<ReversalPreviewResource> PreviewRedoAsync(Guid id, bool force, CancellationToken cancellationToken, bool allowResubscribe = false) =>
        SendAsync(HttpMethod.Post, $"v1/imports/{id}/redo", Reversal(dryRun: true, force, allowResubscribe), MusterJson.Sparse.ReversalInput, MusterJson.Wire.ReversalPreviewResource, cancellationToken);

    /// <summary>Sends bytes ahead of an import. When this returns, the server has them durably, until the upload expires.</summary>
    public async Task<UploadResource> UploadAsync(Stream content, string fileName, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent();
        var file = new StreamContent(content, 1 << 18);
        file.Headers.ContentType = new("application/octet-stream");
        form.Add(file, "file", fileName);
        using var request = Request(HttpMethod.Post, "v1/uploads", form);
        return await SendAsync(request, MusterJson.Wire.UploadResource, cancellationToken);
    }

    public Task<UploadResource> GetUploadAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync($"v1/uploads/{id}", MusterJson.Wire.UploadResource, cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<Page<UploadResource>> UploadsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/uploads" + Query(cursor, limit), MusterJson.Wire.PageUploadResource, cancellationToken);

    public Task DeleteUploadAsync(Guid id, CancellationToken cancellationToken) => DeleteAsync($"v1/uploads/{id}", cancellationToken);

    /// <summary>What an import of the upload with these options would make of it.</summary>
    /// <param name="rows">How many of the first rows to show; null: 10.</param>
    public async Task<PreviewResource> PreviewAsync(Guid uploadId, ImportOptionsResource? options, int? rows, CancellationToken cancellationToken)
    {
        var asked = options is null ? null : JsonSerializer.Serialize(options, MusterJson.Sparse.ImportOptionsResource);
        return await GetAsync(
            $"v1/uploads/{uploadId}/preview" + Query(null, null, ("options", asked), ("rows", rows?.ToString(CultureInfo.InvariantCulture))),
            MusterJson.Wire.PreviewResource, cancellationToken);
    }

    public Task<Page<ProfileResource>> ProfilesAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/profiles" + Query(cursor, limit), MusterJson.Wire.PageProfileResource, cancellationToken);

    /// <param name="version">Null: the newest.</param>
    public Task<ProfileResource> ProfileAsync(int id, int? version, CancellationToken cancellationToken) =>
        GetAsync($"v1/profiles/{id}" + Query(null, null, ("version", version?.ToString(CultureInfo.InvariantCulture))), MusterJson.Wire.ProfileResource, cancellationToken);

    public Task<ProfileResource> CreateProfileAsync(ProfileInput profile, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/profiles", profile, MusterJson.Sparse.ProfileInput, MusterJson.Wire.ProfileResource, cancellationToken);

    /// <summary>Adds a version that replaces the one before.</summary>
    public Task<ProfileResource> PutProfileAsync(int id, ProfileInput profile, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/profiles/{id}", profile, MusterJson.Sparse.ProfileInput, MusterJson.Wire.ProfileResource, cancellationToken);

    public Task DeleteProfileAsync(int id, CancellationToken cancellationToken) => DeleteAsync($"v1/profiles/{id}", cancellationToken);

    public Task<Page<ContactResource>> ContactsAsync(ContactQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/contacts" + Query(cursor, limit, query.Parameters()), MusterJson.Wire.PageContactResource, cancellationToken);

    public Task<ContactResource> GetContactAsync(int id, CancellationToken cancellationToken) =>
        GetAsync($"v1/contacts/{id}", MusterJson.Wire.ContactResource, cancellationToken);

    /// <summary>Which import, or call of the API, set which of the contact's fields; newest first.</summary>
    public Task<Page<HistoryResource>> HistoryAsync(int contactId, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync($"v1/contacts/{contactId}/history" + Query(cursor, limit), MusterJson.Wire.PageHistoryResource, cancellationToken);

    /// <summary>Creates the contact, or updates the one that the account's match finds.</summary>
    public Task<ContactResource> PutContactAsync(ContactInput contact, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/contacts", contact, MusterJson.Sparse.ContactInput, MusterJson.Wire.ContactResource, cancellationToken);

    public Task<ContactResource> PatchContactAsync(int id, ContactInput contact, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"v1/contacts/{id}", contact, MusterJson.Sparse.ContactInput, MusterJson.Wire.ContactResource, cancellationToken);

    public Task DeleteContactAsync(int id, CancellationToken cancellationToken) => DeleteAsync($"v1/contacts/{id}", cancellationToken);

    /// <param name="format">csv or ndjson.</param>
    /// <param name="safe">Whether cells that a spreadsheet would run as formulas are neutralised.</param>
    public Task ExportContactsAsync(ContactQuery query, string format, bool safe, Stream destination, CancellationToken cancellationToken) =>
        DownloadAsync("v1/contacts/export" + Query(null, null, [("format", format), ("safe", safe ? "true" : "false"), .. query.Parameters()]), destination, cancellationToken);

    public Task<Page<ListResource>> ListsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/lists" + Query(cursor, limit), MusterJson.Wire.PageListResource, cancellationToken);

    public Task<ListResource> CreateListAsync(string name, CancellationToken cancellationToken) => CreateListAsync(new ListInput(name), cancellationToken);

    /// <summary>A list's members in order of contact, with their variables.</summary>
    public Task<Page<MemberResource>> MembersAsync(int id, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync($"v1/lists/{id}/members" + Query(cursor, limit), MusterJson.Wire.PageMemberResource, cancellationToken);

    /// <remarks>One that is there already is answered as it is.</remarks>
    public Task<ListResource> CreateListAsync(ListInput list, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/lists", list, MusterJson.Sparse.ListInput, MusterJson.Wire.ListResource, cancellationToken);

    public Task<ListResource> RenameListAsync(int id, string name, CancellationToken cancellationToken) => PatchListAsync(id, new(name), cancellationToken);

    public Task<ListResource> PatchListAsync(int id, ListInput list, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"v1/lists/{id}", list, MusterJson.Sparse.ListInput, MusterJson.Wire.ListResource, cancellationToken);

    /// <summary>Takes a contact off a list; it stays in the account.</summary>
    public Task RemoveMemberAsync(int listId, int contactId, CancellationToken cancellationToken) => DeleteAsync($"v1/lists/{listId}/contacts/{contactId}", cancellationToken);

    public Task DeleteListAsync(int id, CancellationToken cancellationToken) => DeleteAsync($"v1/lists/{id}", cancellationToken);

    public Task<Page<TagResource>> TagsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/tags" + Query(cursor, limit), MusterJson.Wire.PageTagResource, cancellationToken);

    public Task<Page<FieldResource>> FieldsAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/fields" + Query(cursor, limit), MusterJson.Wire.PageFieldResource, cancellationToken);

    public Task<FieldResource> CreateFieldAsync(FieldInput field, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/fields", field, MusterJson.Sparse.FieldInput, MusterJson.Wire.FieldResource, cancellationToken);

    public Task DeleteFieldAsync(int id, CancellationToken cancellationToken) => DeleteAsync($"v1/fields/{id}", cancellationToken);

    /// <param name="kind">email, phone or domain; null: all.</param>
    public Task<Page<SuppressionResource>> SuppressionsAsync(string? kind, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/suppressions" + Query(cursor, limit, ("kind", kind)), MusterJson.Wire.PageSuppressionResource, cancellationToken);

    public Task<SuppressionsAdded> SuppressAsync(IReadOnlyList<SuppressionInput> suppressions, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/suppressions", new SuppressionsInput(suppressions), MusterJson.Sparse.SuppressionsInput, MusterJson.Wire.SuppressionsAdded, cancellationToken);

    public Task RemoveSuppressionAsync(string id, CancellationToken cancellationToken) => DeleteAsync("v1/suppressions/" + Uri.EscapeDataString(id), cancellationToken);

    public Task<Page<WebhookResource>> WebhooksAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/webhooks" + Query(cursor, limit), MusterJson.Wire.PageWebhookResource, cancellationToken);

    /// <summary>Its secret is in this answer and nowhere else.</summary>
    public Task<NewWebhookResource> CreateWebhookAsync(WebhookInput webhook, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/webhooks", webhook, MusterJson.Sparse.WebhookInput, MusterJson.Wire.NewWebhookResource, cancellationToken);

    public Task<WebhookResource> PatchWebhookAsync(Guid id, WebhookInput webhook, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"v1/webhooks/{id}", webhook, MusterJson.Sparse.WebhookInput, MusterJson.Wire.WebhookResource, cancellationToken);

    public Task<WebhookResource> GetWebhookAsync(Guid id, CancellationToken cancellationToken) => GetAsync($"v1/webhooks/{id}", MusterJson.Wire.WebhookResource, cancellationToken);

    public Task DeleteWebhookAsync(Guid id, CancellationToken cancellationToken) => DeleteAsync($"v1/webhooks/{id}", cancellationToken);

    /// <summary>Gives the webhook another secret, which is in this answer and nowhere else. The former one signs, too, until <c>FormerSecretUntil</c>.</summary>
    public Task<NewWebhookResource> RotateWebhookAsync(Guid id, CancellationToken cancellationToken) => PostAsync($"v1/webhooks/{id}/rotate", MusterJson.Wire.NewWebhookResource, cancellationToken);

    /// <summary>Sends the event webhook.test.</summary>
    public Task<DeliveryResource> TestWebhookAsync(Guid id, CancellationToken cancellationToken) => PostAsync($"v1/webhooks/{id}/test", MusterJson.Wire.DeliveryResource, cancellationToken);

    /// <summary>What signs the webhooks that single imports name, and vendors' callbacks.</summary>
    public Task<SigningSecretResource> SigningSecretAsync(CancellationToken cancellationToken) => GetAsync("v1/webhooks/secret", MusterJson.Wire.SigningSecretResource, cancellationToken);

    /// <summary>Changes that secret. The former one signs, too, until <c>FormerSecretUntil</c>.</summary>
    public Task<SigningSecretResource> RotateSigningSecretAsync(CancellationToken cancellationToken) => PostAsync("v1/webhooks/secret/rotate", MusterJson.Wire.SigningSecretResource, cancellationToken);

    /// <param name="importId">Only what was told of that import; null: all.</param>
    /// <param name="status">pending, delivered or failed; null: all.</param>
    /// <param name="webhookId">Only what was told to that webhook; null: all.</param>
    public Task<Page<DeliveryResource>> DeliveriesAsync(Guid? importId, string? status, string? cursor, int limit, CancellationToken cancellationToken, Guid? webhookId = null) =>
        GetAsync("v1/deliveries" + Query(cursor, limit, ("import_id", importId?.ToString()), ("status", status), ("webhook_id", webhookId?.ToString())), MusterJson.Wire.PageDeliveryResource, cancellationToken);

    public Task<DeliveryResource> GetDeliveryAsync(Guid id, CancellationToken cancellationToken) => GetAsync($"v1/deliveries/{id}", MusterJson.Wire.DeliveryResource, cancellationToken);

    /// <summary>Tries a delivery again now, with its id and body as they were.</summary>
    public Task<DeliveryResource> RedeliverAsync(Guid id, CancellationToken cancellationToken) => PostAsync($"v1/deliveries/{id}/redeliver", MusterJson.Wire.DeliveryResource, cancellationToken);

    public Task<Page<KeyResource>> KeysAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync("v1/keys" + Query(cursor, limit), MusterJson.Wire.PageKeyResource, cancellationToken);

    public Task<NewKeyResource> CreateKeyAsync(string scope, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/keys", new KeyInput(scope), MusterJson.Wire.KeyInput, MusterJson.Wire.NewKeyResource, cancellationToken);

    public Task RevokeKeyAsync(string id, CancellationToken cancellationToken) => DeleteAsync("v1/keys/" + Uri.EscapeDataString(id), cancellationToken);

    public Task<AccountResource> AccountAsync(CancellationToken cancellationToken) =>
        GetAsync("v1/account", MusterJson.Wire.AccountResource, cancellationToken);

    public Task<AccountResource> PatchAccountAsync(AccountInput account, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, "v1/account", account, MusterJson.Sparse.AccountInput, MusterJson.Wire.AccountResource, cancellationToken);

    async Task<ImportResource> SendSourceAsync(
        string path, Stream content, string fileName, ImportOptionsResource? options, string? idempotencyKey, int? waitSeconds, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent();
        if (options is not null)
            form.Add(JsonContent.Create(options, MusterJson.Sparse.ImportOptionsResource), "options");
        var file = new StreamContent(content, 1 << 18);
        file.Headers.ContentType = new("application/octet-stream");
        form.Add(file, "file", fileName);
        return await SubmitAsync(path, form, idempotencyKey, waitSeconds, cancellationToken);
    }

    async Task<ImportResource> SubmitAsync(string path, HttpContent content, string? idempotencyKey, int? waitSeconds, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path, content);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (waitSeconds is { } seconds)
            request.Headers.Add("Prefer", "wait=" + seconds.ToString(CultureInfo.InvariantCulture));
        return await SendAsync(request, MusterJson.Wire.ImportResource, cancellationToken);
    }

    static ReversalInput Reversal(bool? dryRun, bool force, bool allowResubscribe) => new(dryRun, force ? "force" : null, allowResubscribe ? true : null);

    /// <summary>The one event of the stream whose data is no import: a page of errors.</summary>
    const string ErrorsEvent = "import.errors";

    /// <summary>The import as the server's events tell it; ends without a word when the connection does.</summary>
    async IAsyncEnumerable<ImportResource> EventsAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"v1/imports/{id}/events", null);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var parser = SseParser.Create(stream, static (name, data) => name == ErrorsEvent ? null : JsonSerializer.Deserialize(data, MusterJson.Wire.ImportResource));
        await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync())
                    yield break;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                yield break;
            }
            if (events.Current.Data is { } import)
                yield return import;
        }
    }

    static async IAsyncEnumerable<T> AllAsync<T>(Func<string?, CancellationToken, Task<Page<T>>> pageAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await pageAt(cursor, cancellationToken);
            foreach (var item in page.Items)
                yield return item;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    Task<ImportResource> MoveAsync(Guid id, string verb, CancellationToken cancellationToken) => PostAsync($"v1/imports/{id}/{verb}", MusterJson.Wire.ImportResource, cancellationToken);

    async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path, null);
        return await SendAsync(request, type, cancellationToken);
    }

    async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path, null);
        return await SendAsync(request, type, cancellationToken);
    }

    async Task<TAnswer> SendAsync<T, TAnswer>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, JsonTypeInfo<TAnswer> answer, CancellationToken cancellationToken)
    {
        using var request = Request(method, path, JsonContent.Create(body, type));
        return await SendAsync(request, answer, cancellationToken);
    }

    async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            throw NotMuster(response);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw NotMuster(response);
        }
        catch (JsonException)
        {
            throw NotMuster(response);
        }
    }

    async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Delete, path, null);
        using var response = await http.SendAsync(request, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
    }

    async Task DownloadAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path, null);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        if (response.Content.Headers.ContentDisposition is null)
            throw NotMuster(response); // a page of somebody in between must not be taken for contacts
        await response.Content.CopyToAsync(destination, cancellationToken);
    }

    HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content) =>
        new(method, new Uri(path, UriKind.Relative)) { Content = content, Headers = { Authorization = authorization } };

    static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            try
            {
                problem = JsonSerializer.Deserialize(text, MusterJson.Wire.Problem);
            }
            catch (JsonException)
            {
                // A problem of somebody in between, told below.
            }
        }
        throw problem is { Code.Length: > 0 } ? new MusterApiException(problem) : NotMuster(response);
    }

    /// <summary>What no Muster answers: the address is another server's, or something in between has answered.</summary>
    static MusterApiException NotMuster(HttpResponseMessage response) => new(new(
        "about:blank", Name(response.StatusCode), (int)response.StatusCode, $"The server answered {(int)response.StatusCode} in a way that Muster does not: is it a Muster server?", "http_error"));

    static string Name(HttpStatusCode status) => status.ToString();

    static string Query(string? cursor, int? limit, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var query = new System.Text.StringBuilder();
        Add("cursor", cursor);
        Add("limit", limit?.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in more)
            Add(name, value);
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}

/// <summary>Which contacts are wanted. All conditions hold at once; null asks nothing.</summary>
/// <param name="List">Name of a list.</param>
/// <param name="Phone">E.164.</param>
/// <param name="Search">Case-insensitive substring.</param>
public sealed record ContactQuery(string? List = null, string? Tag = null, string? Phone = null, string? Email = null, string? ExternalId = null, string? Search = null, string? Status = null)
{
    internal (string Name, string? Value)[] Parameters() =>
        [("list", List), ("tag", Tag), ("phone", Phone), ("email", Email), ("external_id", ExternalId), ("q", Search), ("status", Status)];
}
