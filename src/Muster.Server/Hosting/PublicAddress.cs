using System.Net;
using System.Net.Sockets;

namespace Muster.Server.Hosting;

/// <summary>Where clients reach this server, to be told to them.</summary>
static class PublicAddress
{
    /// <summary>The setting <c>public_url</c>; without it, the request's Host when that names an address at which this server listens, and else the address that the connection came to.</summary>
    /// <remarks>A Host of any other name is the sender's word alone: repeated, it would send a client and its password elsewhere.</remarks>
    public static string Of(HttpContext context, MusterSettings settings, ServerSettings server)
    {
        if (settings.PublicUrl.Length > 0)
            return settings.PublicUrl.TrimEnd('/');
        var (scheme, host, connection) = (context.Request.Scheme, context.Request.Host, context.Connection);
        if (connection.LocalIpAddress is not { } local)
            return $"{scheme}://localhost";
        if (local.IsIPv4MappedToIPv6)
            local = local.MapToIPv4();
        var port = host.Port ?? (scheme == "https" ? 443 : 80);
        if (port == connection.LocalPort && IsOwn(host.Host, local, server))
            return $"{scheme}://{host.Host}{(host.Port is { } shown ? $":{shown}" : "")}";
        var literal = local.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{local}]" : local.ToString();
        return $"{scheme}://{literal}:{connection.LocalPort}";
    }

    static bool IsOwn(string host, IPAddress local, ServerSettings server) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address.Equals(local)
        : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.IsLoopback(local)
        : server.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Any(url => Uri.TryCreate(url, UriKind.Absolute, out var bound) && bound.Host.Equals(host, StringComparison.OrdinalIgnoreCase));
}
