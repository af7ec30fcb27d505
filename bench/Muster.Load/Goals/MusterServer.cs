using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Muster.Load.Measuring;
using Muster.Load.Verifying;

namespace Muster.Load.Goals;

/// <summary><c>muster serve</c> on a loopback port, as a process of its own, and a client with an admin key of account <c>main</c>.</summary>
sealed class MusterServer : IAsyncDisposable
{
    static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);
    static readonly TimeSpan ImportMax = TimeSpan.FromMinutes(30);

    readonly Bench bench;
    readonly ChildProcess running;
    readonly HttpClient client;
    readonly string ownToken;

    MusterServer(Bench bench, ChildProcess process, Uri address, string token)
    {
        this.bench = bench;
        running = process;
        ownToken = token;
        client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = ImportMax };
    }

    public long PeakBytes => running.PeakBytes;

    /// <param name="settings">MUSTER_* and DOTNET_* variables.</param>
    public static async Task<MusterServer> StartAsync(Bench bench, string data, IReadOnlyDictionary<string, string>? settings = null)
    {
        var token = await CreateKeyAsync(bench, data, "main");
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
        var process = ChildProcess.Start(
            bench.Muster, ["serve", "--urls", address.ToString().TrimEnd('/'), "--data", data], bench.Output("server.out"), bench.Output("server.err"), settings: settings);
        var server = new MusterServer(bench, process, address, token);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public static async Task<string> CreateKeyAsync(Bench bench, string data, string account)
    {
        bench.Expect(await bench.RunAsync("keys", "create", "--account", account, "--scope", "admin", "--data", data, "--json"), 0, "muster keys create");
        using var key = JsonDocument.Parse(await File.ReadAllTextAsync(bench.Output("stdout")));
        return key.RootElement.GetProperty("token").GetString() ?? throw new WrongResultException("muster keys create printed no token.");
    }

    /// <summary>Sends a file as a raw body and returns the import as it stands when the server answers.</summary>
    /// <param name="waitSeconds">Asks the server to answer when the import has ended (RFC 7240, wait); 0 for at once.</param>
    public async Task<JsonElement> SubmitAsync(string file, string? account = null, int waitSeconds = 0)
    {
        using var body = new StreamContent(File.OpenRead(file), 1 << 16);
        body.Headers.ContentType = new("text/csv");
        using var request = Request(HttpMethod.Post, "/v1/imports", account);
        request.Content = body;
        if (waitSeconds > 0)
            request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={waitSeconds}"));
        return await SendAsync(request);
    }

    /// <summary>Looks at the import until it has ended.</summary>
    /// <param name="until">Or until this many rows are read.</param>
    public async Task<JsonElement> WatchAsync(JsonElement import, TimeSpan every, long until = long.MaxValue)
    {
        using var timer = new PeriodicTimer(every);
        using var deadline = new CancellationTokenSource(ImportMax);
        while (import.GetProperty("status").GetString() is "queued" or "running" && import.GetProperty("counts").GetProperty("read").GetInt64() < until)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
            import = await LookAsync(import);
        }
        return import;
    }

    /// <summary>The import as it is now.</summary>
    public async Task<JsonElement> LookAsync(JsonElement import)
    {
        using var request = Request(HttpMethod.Get, $"/v1/imports/{import.GetProperty("id").GetString()}", account: null);
        return await SendAsync(request);
    }

    /// <summary>Writes the import's rejects file to <paramref name="path"/>.</summary>
    public async Task RejectsAsync(JsonElement import, string path)
    {
        using var request = Request(HttpMethod.Get, $"/v1/imports/{import.GetProperty("id").GetString()}/rejects", account: null);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var file = File.Create(path);
        await answer.Content.CopyToAsync(file);
    }

    public async Task CreateFieldAsync(string name, string type)
    {
        using var request = Request(HttpMethod.Post, "/v1/fields", account: null);
        request.Content = JsonContent.Create(new { name, type });
        await SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        running.Terminate();
        var cost = await running.WaitAsync();
        if (cost.ExitCode is not (0 or 143))
            bench.Notes.Add($"A server ended with code {cost.ExitCode}.");
    }

    HttpRequestMessage Request(HttpMethod method, string path, string? account)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account ?? ownToken);
        return request;
    }

    async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new WrongResultException($"{request.Method} {request.RequestUri} answered {(int)answer.StatusCode}: {text[..Math.Min(text.Length, 2_000)]}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    async Task WaitUntilReadyAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var deadline = new CancellationTokenSource(StartMax);
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), deadline.Token);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
            }
            catch (OperationCanceledException)
            {
                running.Kill();
                throw new WrongResultException($"muster serve was not ready in {StartMax.TotalSeconds} s: {await File.ReadAllTextAsync(bench.Output("server.err"))}");
            }
            await timer.WaitForNextTickAsync();
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
