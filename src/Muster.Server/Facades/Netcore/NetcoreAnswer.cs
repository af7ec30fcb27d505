using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Netcore;

/// <summary>An answer of the vendor's: two keys and no more on success, one on failure; or the older XML.</summary>
sealed record NetcoreAnswer(int Status, string Result, Guid? RequestId = null, int? ListId = null)
{
    public const string Success = "Success";

    public static NetcoreAnswer Done(Guid requestId, int? listId = null) => new(200, Success, requestId, listId);

    public static NetcoreAnswer BadKey { get; } = new(401, "Invalid API key");

    public static NetcoreAnswer Bad(string result) => new(400, result);

    public Task WriteAsync(HttpContext context, bool xml, ServerSettings server)
    {
        var status = server.NetcoreLegacy200Errors ? 200 : Status;
        return xml
            ? Facade.WriteAsync(context, status, "text/xml; charset=utf-8", AsXml())
            : Facade.WriteAsync(context, status, "application/json", AsJson());
    }

    byte[] AsJson()
    {
        var result = JsonSerializer.Serialize(Result);
        return Encoding.UTF8.GetBytes(RequestId is { } id ? $"{{\"requestid\":\"{HexId.Of(id)}\",\"result\":{result}}}" : $"{{\"result\":{result}}}");
    }

    /// <summary>A client takes any reply in which the word "error" stands for a failure: none stands in a success.</summary>
    byte[] AsXml()
    {
        var root = Result == Success
            ? new XElement("DATASET", new XElement("TYPE", "success"), new XElement("OUTPUT", ListId is { } list ? new XElement("LID", list) : null, ListId is null && RequestId is { } id ? new XElement("REQUESTID", HexId.Of(id)) : null))
            : new XElement("DATASET", new XElement("TYPE", "error"), new XElement("errormessage", Result));
        return Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + root.ToString(SaveOptions.DisableFormatting));
    }
}
