namespace Muster.Server.Facades;

/// <summary>Ids of imports as 32 lower-case hex digits: what Netcore and Exotel print.</summary>
static class HexId
{
    public static string Of(Guid id) => id.ToString("N");

    /// <summary>Reads exactly the form that <see cref="Of"/> writes; upper-case digits are taken, too.</summary>
    public static bool TryParse(string? text, out Guid id) => Guid.TryParseExact(text, "N", out id);
}
