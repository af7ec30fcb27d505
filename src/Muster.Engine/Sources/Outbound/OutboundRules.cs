using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Muster.Sources.Outbound;

/// <summary>Which addresses and ports Muster connects to on a caller's word: public ones at the usual ports, and what the operator has listed.</summary>
/// <remarks>
/// Judged on the address that is connected to, never on a URL's text. Ranges: IANA's IPv4 and IPv6 special-purpose registries; of IPv6 only
/// global unicast (2000::/3) is public, without Teredo, 6to4, ORCHID, benchmarking and documentation. An IPv4-mapped address is judged as the IPv4 one it is.
/// </remarks>
public sealed class OutboundRules
{
    const string None = "none";
    const string AnyPort = "*";

    static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(n => IPNetwork.Parse(n)),
    ];
    static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    readonly HashSet<int> ports;
    readonly (IPNetwork Network, int? Port)[] allowed;

    OutboundRules(HashSet<int> ports, (IPNetwork, int?)[] allowed)
    {
        this.ports = ports;
        this.allowed = allowed;
    }

    /// <param name="ports">The setting <c>outbound_ports</c>: numbers with commas between.</param>
    /// <param name="allow">The setting <c>outbound_allow</c>: CIDR:port with commas between, an IPv6 range in brackets, * for every port; or none.</param>
    /// <exception cref="FormatException">The message says what is wrong, without naming the setting.</exception>
    public static OutboundRules Parse(string ports, string allow) => new(
        [.. Split(ports).Select(Port)],
        [.. Split(allow).Where(e => e != None).Select(Entry)]);

    /// <summary>Whether a connection may be made.</summary>
    public bool Allows(IPAddress address, int port)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return (ports.Contains(port) && IsPublic(address)) || allowed.Any(a => (a.Port ?? port) == port && a.Network.Contains(address));
    }

    /// <summary>Whether any address might be connected to at this port: what can be said of a URL before its name is looked up.</summary>
    public bool MayUsePort(int port) => ports.Contains(port) || allowed.Any(a => (a.Port ?? port) == port);

    static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address)) && !NotPublic.Any(n => n.Contains(address));

    static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static int Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
        ? port : throw new FormatException($"'{text}' is no port: write numbers from 1 to 65535 with commas between.");

    static (IPNetwork, int?) Entry(string text)
    {
        var colon = text.LastIndexOf(':');
        var network = colon < 0 ? "" : text[..colon].Trim('[', ']');
        if (colon < 0 || !IPNetwork.TryParse(network.Contains('/', StringComparison.Ordinal) ? network : network + (network.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"), out var range))
            throw new FormatException($"'{text}' is no range with a port: write 10.1.2.0/24:443, [fd00::/8]:443, or * for every port.");
        return (range, text[(colon + 1)..] == AnyPort ? null : Port(text[(colon + 1)..]));
    }
}
