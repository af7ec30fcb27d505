namespace Muster.Server.Facades.Cellcast;

/// <summary><c>/api/v1/apiClient</c>: what clients ask to see whether their key is good, and who has opted out.</summary>
static class ApiClient
{
    /// <summary>Muster sends no messages, so there is no balance: 0.</summary>
    public static Task AccountAsync(HttpContext context) => CellcastWire.WriteAsync(context, 200, json =>
    {
        json.WriteStartObject("meta");
        json.WriteNumber("code", 200);
        json.WriteString("status", "success");
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WriteNumber("sms_balance", 0);
        json.WriteEndObject();
    });
}
