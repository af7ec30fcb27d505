using Muster.Client;
using Muster.Contacts;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Exotel;

/// <summary>What one account may bring through the façade: its own limits, and else the server's settings.</summary>
/// <param name="StaticListMax">Members of a static list; 0: no limit.</param>
/// <param name="DynamicListMax">Members of a dynamic list; 0: no limit.</param>
sealed record ExotelLimits(long StaticListMax, long DynamicListMax, int VariablesMax, long FileBytesMax)
{
    public static ExotelLimits Of(Account account, ServerSettings server)
    {
        return new(
            Own("exotel_static_list_max", server.ExotelStaticListMax), Own("exotel_dynamic_list_max", server.ExotelDynamicListMax),
            (int)Own("exotel_variables_max", server.ExotelVariablesMax), Own("exotel_file_bytes_max", server.ExotelFileBytesMax));

        long Own(string setting, long standard) => account.Settings.Limits.Facades?.TryGetValue(setting, out var own) == true ? own : standard;
    }

    /// <summary>Members that a list of that kind may come to hold; null: any number.</summary>
    public long? MembersMax(string kind) => (kind == ListKinds.Dynamic ? DynamicListMax : StaticListMax) is > 0 and var most ? most : null;

    public ExotelLimitsResource Shown => new(MembersMax(ListKinds.Static), MembersMax(ListKinds.Dynamic), VariablesMax, FileBytesMax);
}
