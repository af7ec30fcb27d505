using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Muster.Contacts;

namespace Muster.Sources.Outbound;

/// <summary>The one way out: every connection that Muster makes on a caller's word is made here.</summary>
/// <remarks>
/// A name is resolved once, every address of the answer is judged, and the connection goes to an address that was judged, so that a name cannot
/// change its mind in between. No proxy, no redirects (callers follow them through here again), no cookies, no decompression, no credentials of the machine.
/// </remarks>
public sealed class OutboundClient : IDisposable
{
    const int HeadersKibibytesMax = 64;
    const int AddressesMax = 16;

    readonly OutboundRules? rules;
    readonly TimeSpan connectTimeout;

    // Most servers are never told to connect anywhere: the framework's client is loaded when it is needed.
    HttpMessageInvoker? http;

    /// <param name="rules">Null: whatever the operator's own setting names, such as the S3 endpoint, may be connected to.</param>
    public OutboundClient(OutboundRules? rules, TimeSpan connectTimeout) => (this.rules, this.connectTimeout) = (rules, connectTimeout);

    /// <summary>Sends a request and returns once the answer's headers are there.</summary>
    /// <exception cref="OutboundException">There is no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await LazyInitializer.EnsureInitialized(ref http, Make).SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Told(e, request.RequestUri?.Host);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw e.InnerException is TimeoutException
                ? new OutboundException(ErrorCode.HostUnreachable, $"No connection to {request.RequestUri?.Host} was made in time.", again: true)
                : new OutboundException(ErrorCode.FetchTimedOut, $"{request.RequestUri?.Host} did not answer in time.", again: true);
        }
    }

    public void Dispose() => http?.Dispose();

    HttpMessageInvoker Make() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = connectTimeout,
        ConnectCallback = ConnectAsync,
        MaxResponseHeadersLength = HeadersKibibytesMax,
        // What is left of an answer nobody wants is not waited for.
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    });

    static OutboundException Told(HttpRequestException e, string? host)
    {
        for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is OutboundException told)
                return told;
            if (inner is AuthenticationException)
                return new(ErrorCode.HostUnreachable, $"No trusted TLS connection could be made to {host}. Check its certificate.", again: false);
        }
        return e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded
            ? new(ErrorCode.FetchRefused, $"{host} answered with headers longer than {HeadersKibibytesMax} kB.", again: false)
            : new(ErrorCode.HostUnreachable, $"The connection to {host} failed ({e.HttpRequestError}).", again: true);
    }

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        if (rules is not null && addresses.FirstOrDefault(a => !rules.Allows(a, port)) is not null)
            throw new OutboundException(ErrorCode.ForbiddenAddress, $"{host} at port {port} is not open to imports and webhooks. Use a public address at a usual port, or have the operator list it in outbound_allow.", again: false);

        SocketException? last = null;
        foreach (var address in addresses.Take(AddressesMax))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw new OutboundException(ErrorCode.HostUnreachable, $"{host} takes no connection at port {port} ({last?.SocketErrorCode}).", again: true);
    }

    static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            if (addresses.Length > 0)
                return addresses;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
        }
        throw new OutboundException(ErrorCode.HostUnknown, $"No address is known for {host}. Check the name.", again: true);
    }
}
