using Muster.Server.Facades;

namespace Muster.Server.Tests.Facades;

/// <summary>Ids of vendors' wires.</summary>
public sealed class WireIdTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Theory]
    [InlineData(WireIds.ExotelDigits)]
    [InlineData(WireIds.CellcastDigits)]
    public void An_id_reads_back_for_its_account_and_kind_and_for_no_other(int digits)
    {
        var ids = new WireIds(host.Stores.Contacts);
        foreach (var id in (int[])[1, 2, 77, 65_536, int.MaxValue])
        {
            var wire = ids.Of(WireKind.List, 1, id, digits);
            Assert.Matches($"^[0-9a-f]{{{digits}}}$", wire);
            Assert.Equal(id, ids.Read(WireKind.List, 1, wire, digits));
            Assert.Equal(id, ids.Read(WireKind.List, 1, wire.ToUpperInvariant(), digits));
            Assert.Null(ids.Read(WireKind.List, 2, wire, digits));
            Assert.Null(ids.Read(WireKind.Contact, 1, wire, digits));
            Assert.Null(ids.Read(WireKind.List, 1, wire[..^1] + (wire[^1] == '0' ? '1' : '0'), digits));
        }
        foreach (var none in (string?[])[null, "", "x", new string('g', digits), new string('0', digits), new string('0', digits + 1)])
            Assert.Null(ids.Read(WireKind.List, 1, none, digits));
    }
}
