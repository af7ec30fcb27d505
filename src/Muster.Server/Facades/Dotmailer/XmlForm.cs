using System.Text;
using System.Text.Json;
using System.Xml;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The XML that the vendor's API spoke beside JSON in 2016: each object an element named after its type, members in Pascal case, null left out.</summary>
static class XmlForm
{
    public const string ContentType = "application/xml; charset=utf-8";
    const string Namespace = "http://apiconnector.com/v2";

    /// <summary>Whether XML is what the caller likes best; without a preference, whether that is the form in which the request came.</summary>
    public static bool IsWanted(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        var (xml, other, json) = (Liking("application/xml", "text/xml"), Liking("*/*", "application/*"), Liking("application/json", "text/json"));
        return xml > 0 ? xml > json && xml >= other : json <= 0 && (accept.Count == 0 || other > 0) && XmlBody.IsXml(request);

        double Liking(params string[] types) =>
            accept.Where(a => types.Any(t => a.MediaType.Equals(t, StringComparison.OrdinalIgnoreCase))).Select(a => a.Quality ?? 1).DefaultIfEmpty(-1).Max();
    }

    public static byte[] Of(byte[] json, Type type)
    {
        using var document = JsonDocument.Parse(json);
        using var text = new MemoryStream();
        using (var xml = XmlWriter.Create(text, new() { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            var item = type.IsGenericType ? type.GetGenericArguments()[0].Name : type.Name;
            Write(xml, type.IsGenericType ? "ArrayOf" + item : item, item, document.RootElement);
        }
        return text.ToArray();
    }

    /// <param name="item">The element of each item when the value is an array.</param>
    static void Write(XmlWriter xml, string name, string item, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        xml.WriteStartElement(name, Namespace);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Write(xml, char.ToUpperInvariant(member.Name[0]) + member.Name[1..], ItemOf(member.Name), member.Value);
                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                    Write(xml, item, ItemOf(item), element);
                break;
            default:
                xml.WriteString(Sound(value.ToString() is var text && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? text.ToLowerInvariant() : text));
                break;
        }
        xml.WriteEndElement();
    }

    static string ItemOf(string member) => member switch
    {
        "dataFields" => nameof(ApiData),
        "properties" => nameof(ApiProperty),
        "dependencies" => nameof(ApiDependency),
        _ => "Item",
    };

    /// <summary>Without what XML 1.0 cannot hold.</summary>
    static string Sound(string text) => text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Where(XmlConvert.IsXmlChar));
}
