using System.Xml;
using System.Xml.Linq;

namespace Muster.Server.Facades.Netcore;

/// <summary>The older dialect's document: who calls, and what is asked.</summary>
sealed record NetcoreXml(string? ApiKey, XElement Input)
{
    const int CharactersMax = 1 << 20;

    static readonly XmlReaderSettings Safe = new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = CharactersMax, MaxCharactersFromEntities = 1_024, IgnoreComments = true, IgnoreProcessingInstructions = true,
    };

    /// <summary>Null when the text is no such document.</summary>
    public static NetcoreXml? Parse(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Safe);
            var root = XElement.Load(reader);
            return Child(root, "INPUT") is { } input ? new(Text(Child(root, "CONSTANT"), "ApiKey"), input) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>An element's text; null when it is missing or blank. Names are compared without case.</summary>
    public string? this[string name] => Text(Input, name);

    /// <summary>As it stands, blanks included.</summary>
    public string? Raw(string name) => Child(Input, name)?.Value;

    static string? Text(XElement? parent, string name) => (parent is null ? null : Child(parent, name))?.Value.Trim() is { Length: > 0 } text ? text : null;

    static XElement? Child(XElement parent, string name) => parent.Elements().FirstOrDefault(e => e.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase));
}
