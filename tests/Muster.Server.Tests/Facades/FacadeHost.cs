using System.Net.Http.Headers;
using System.Text;
using Muster.Contacts;

namespace Muster.Server.Tests.Facades;

/// <summary>A server with an account whose sid is acme, and the ways in which its clients say who they are.</summary>
public sealed class FacadeHost : IAsyncLifetime
{
    public MusterHost Host { get; init; } = new();

    /// <summary>Token of account acme.</summary>
    public string Token { get; private set; } = "";

    public string KeyId => Token.Split('_')[1];
    public string Secret => Token.Split('_')[2];

    public async ValueTask InitializeAsync()
    {
        await Host.InitializeAsync();
        Token = await Host.MintAsync("acme", KeyScope.Write);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>With key and token as Exotel's clients send them, below the account's path.</summary>
    public HttpClient Exotel(string account = "acme", string? token = null) => new()
    {
        BaseAddress = new Uri(Host.Address, $"/v2/accounts/{account}/"),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", BasicOf(token ?? Token)) },
    };

    public HttpClient Native() => Host.Client(Token);

    /// <summary>Runs what is queued, on a server that runs nothing itself.</summary>
    public async Task RunQueuedAsync()
    {
        var settings = Host.Settings(new MusterSettings { Data = Path.GetDirectoryName(Host.SpoolFolder) ?? "", FreeDiskMin = 0 });
        Directory.CreateDirectory(settings.ScratchFolder);
        while (await Host.Stores.Imports.ClaimAsync("test", smallOnly: false, CancellationToken.None) is { } claim)
            await new ImportPipeline(settings, new(settings), Host.Stores.Imports, Host.Stores.Contacts, new(), TimeProvider.System).RunAsync(claim.Import, claim.Lease, CancellationToken.None);
    }

    public static string BasicOf(string token) => Convert.ToBase64String(Encoding.ASCII.GetBytes(token.Split('_')[1] + ":" + token.Split('_')[2]));

    public static MultipartFormDataContent Upload(string listName, string csv, string? type = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(listName), "list_name" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file_name", "contacts.csv" } };
        if (type is not null)
            form.Add(new StringContent(type), "type");
        return form;
    }
}
