using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Xml;
using Microsoft.Net.Http.Headers;
using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>An XML body as the JSON that says the same, made as it is read: elements of any name space and case become members, known lists arrays, texts strings.</summary>
/// <remarks>
/// The vendor's API took XML beside JSON in 2016. A document type definition is refused whatever it declares, so that no entity is resolved or expanded; nothing
/// outside the body is ever opened; depth and the length of a text are capped.
/// </remarks>
sealed class XmlBody : ReadOnlyStream
{
    const int DepthMax = 16;
    const int TextMax = 1 << 20;
    const int Chunk = 4 << 10;
    const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    static readonly string[] Lists = ["DataFields", "ConsentFields", "Fields", "AddressBookIds", "Contacts", "Preferences"];

    readonly XmlReader reader;
    readonly ArrayBufferWriter<byte> made = new(Chunk);
    readonly Utf8JsonWriter json;
    readonly Stack<Open> open = new();
    readonly StringBuilder text = new();
    readonly char[] chunk = new char[Chunk];
    int given;
    bool ended;

    public XmlBody(Stream body)
    {
        reader = Reader(body);
        json = new(made);
    }

    /// <summary>An element whose end has not come yet.</summary>
    sealed class Open(string name, bool isNull)
    {
        public string Name { get; } = name;
        public bool IsNull { get; } = isNull;
        public JsonTokenType Written { get; set; }
    }

    public static bool IsXml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals("application/xml", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("text/xml", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("xml", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads XML from strangers.</summary>
    public static XmlReader Reader(Stream body) => XmlReader.Create(body, new()
    {
        Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersFromEntities = 1_024, IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true,
    });

    /// <exception cref="Api.RefusedException">The body is no XML that fits.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (given == made.WrittenCount && !ended)
        {
            made.ResetWrittenCount();
            given = 0;
            try
            {
                ended = !await reader.ReadAsync();
                if (!ended)
                    await TakeAsync();
                await json.FlushAsync(cancellationToken);
            }
            catch (Exception e) when (e is XmlException or InvalidOperationException)
            {
                throw VendorError.Malformed();
            }
        }
        var count = Math.Min(buffer.Length, made.WrittenCount - given);
        made.WrittenMemory.Slice(given, count).CopyTo(buffer);
        given += count;
        return count;
    }

    async Task TakeAsync()
    {
        // Text is read in pieces, behind which the reader stands at what follows.
        while (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
        {
            int length;
            while ((length = await reader.ReadValueChunkAsync(chunk, 0, chunk.Length)) > 0)
            {
                text.Append(chunk, 0, length);
                if (text.Length > TextMax)
                    throw VendorError.Malformed();
            }
            if (!await reader.ReadAsync())
                return;
        }
        if (reader.NodeType == XmlNodeType.Element)
            Begin();
        else if (reader.NodeType == XmlNodeType.EndElement)
            End();
    }

    void Begin()
    {
        if (open.Count >= DepthMax)
            throw VendorError.Malformed();
        if (open.TryPeek(out var parent) && parent.Written == JsonTokenType.None)
            Begin(parent);
        text.Clear();
        open.Push(new(reader.LocalName, reader.GetAttribute("nil", SchemaInstance) is "true" or "1"));
        if (reader.IsEmptyElement)
            End();
    }

    /// <summary>An element that has elements: an array when it is a known list, else an object.</summary>
    void Begin(Open element)
    {
        Name(element, open.Skip(1).FirstOrDefault());
        if (IsList(element.Name))
        {
            json.WriteStartArray();
            element.Written = JsonTokenType.StartArray;
        }
        else
        {
            json.WriteStartObject();
            element.Written = JsonTokenType.StartObject;
        }
    }

    void End()
    {
        var element = open.Pop();
        switch (element.Written)
        {
            case JsonTokenType.StartObject:
                json.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                json.WriteEndArray();
                break;
            default:
                Name(element, open.TryPeek(out var parent) ? parent : null);
                var value = text.ToString().Trim();
                if (IsList(element.Name) && value.Length == 0)
                {
                    json.WriteStartArray();
                    json.WriteEndArray();
                }
                else if (element.IsNull || value.Length == 0)
                    json.WriteNullValue();
                else
                    json.WriteStringValue(value);
                break;
        }
        text.Clear();
    }

    void Name(Open element, Open? parent)
    {
        if (parent?.Written == JsonTokenType.StartObject)
            json.WritePropertyName(element.Name);
    }

    static bool IsList(string name) => name.StartsWith("ArrayOf", StringComparison.OrdinalIgnoreCase) || Lists.Contains(name, StringComparer.OrdinalIgnoreCase);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reader.Dispose();
            json.Dispose();
        }
        base.Dispose(disposing);
    }
}
