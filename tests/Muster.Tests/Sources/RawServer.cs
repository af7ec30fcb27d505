using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muster.Tests.Sources;

/// <summary>A server on loopback whose answers a test writes byte for byte. Each connection brings one request.</summary>
sealed class RawServer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Func<string, int, NetworkStream, Task> answer;
    readonly Task running;
    int connections;

    /// <param name="answer">Takes the request's head, the connection's ordinal from 0, and where to write.</param>
    public RawServer(Func<string, int, NetworkStream, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/file.csv";

    public int Connections => Volatile.Read(ref connections);

    public List<string> Requests { get; } = [];

    public static Task WriteAsync(NetworkStream to, string text) => to.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stop.Token);
            _ = ServeAsync(client, Interlocked.Increment(ref connections) - 1);
        }
    }

    async Task ServeAsync(TcpClient client, int number)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, stop.Token) == 1)
                head.Append((char)one[0]);
            lock (Requests)
                Requests.Add(head.ToString());
            await answer(head.ToString(), number, stream);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
        }
    }

    /// <summary>Completes when the server is disposed: what a server waits for that never answers.</summary>
    public Task StoppedAsync()
    {
        var ended = new TaskCompletionSource();
        stop.Token.Register(() => ended.TrySetResult());
        return ended.Task;
    }
}
