using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>A contact's consent as it is stored: one JSON object, <c>{"email":{"status":"opted_out",…},…}</c>, channels in the order of <see cref="ConsentChannel"/>.</summary>
public readonly ref struct ConsentJson
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    readonly ReadOnlySpan<byte> email, sms, phone;

    ConsentJson(ReadOnlySpan<byte> email, ReadOnlySpan<byte> sms, ReadOnlySpan<byte> phone, byte optedOut, byte optedIn)
    {
        this.email = email;
        this.sms = sms;
        this.phone = phone;
        OptedOut = optedOut;
        OptedIn = optedIn;
    }

    /// <summary>Bits by <see cref="ConsentChannel"/>.</summary>
    public byte OptedOut { get; }

    /// <summary>Bits by <see cref="ConsentChannel"/>.</summary>
    public byte OptedIn { get; }

    /// <summary>The channel's record as JSON; empty when there is none.</summary>
    public ReadOnlySpan<byte> Of(int channel) => channel switch { 0 => email, 1 => sms, _ => phone };

    /// <summary>Reads a stored object; an empty span has no channel.</summary>
    public static ConsentJson Parse(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> ofEmail = default, ofSms = default, ofPhone = default;
        byte optedOut = 0, optedIn = 0;
        if (json.IsEmpty)
            return default;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var channel = reader.ValueTextEquals("email"u8) ? 0 : reader.ValueTextEquals("sms"u8) ? 1 : 2;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = reader.ValueTextEquals("status"u8);
                reader.Read();
                if (!isStatus)
                    continue;
                if (reader.ValueTextEquals("opted_out"u8))
                    optedOut |= (byte)(1 << channel);
                else
                    optedIn |= (byte)(1 << channel);
            }
            var record = json[start..(int)reader.BytesConsumed];
            if (channel == 0)
                ofEmail = record;
            else if (channel == 1)
                ofSms = record;
            else
                ofPhone = record;
        }
        return new(ofEmail, ofSms, ofPhone, optedOut, optedIn);
    }

    /// <summary>Goes from one stored object to another without losing an opt-out.</summary>
    /// <param name="merged">As <paramref name="wanted"/>, but for the channels that only <paramref name="now"/> is opted out of, which stay as they are.</param>
    /// <returns>False when there is no such channel.</returns>
    public static bool TryKeepOptOuts(ReadOnlySpan<byte> now, ReadOnlySpan<byte> wanted, [NotNullWhen(true)] out byte[]? merged)
    {
        merged = null;
        var standing = Parse(now);
        var other = Parse(wanted);
        var kept = standing.OptedOut & ~other.OptedOut;
        if (kept == 0)
            return false;
        var json = new ArrayBufferWriter<byte>();
        for (var channel = 0; channel < 3; channel++)
        {
            var record = (kept >> channel & 1) != 0 ? standing.Of(channel) : other.Of(channel);
            if (record.IsEmpty)
                continue;
            json.Write(json.WrittenCount == 0 ? "{"u8 : ","u8);
            json.Write(channel switch { 0 => "\"email\":"u8, 1 => "\"sms\":"u8, _ => "\"phone\":"u8 });
            json.Write(record);
        }
        json.Write("}"u8);
        merged = json.WrittenSpan.ToArray();
        return true;
    }

    /// <summary>The channels that a contact with these identities can be reached by, as bits.</summary>
    public static byte Reach(bool hasEmail, bool hasPhone) => (byte)((hasEmail ? 1 : 0) | (hasPhone ? 6 : 0));

    /// <summary>True when the contact is opted out of every channel that it can be reached by; without any, of one channel at all.</summary>
    public static bool IsOptedOut(byte optedOut, byte reach) => optedOut != 0 && (optedOut & reach) == reach;

    /// <summary>One channel's record as it is stored.</summary>
    public static byte[] Write(ConsentRecord record)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, record.Status);
            if (record.Time is { } time)
                writer.WriteString("time"u8, time.UtcDateTime);
            Text(writer, "source"u8, record.Source);
            Text(writer, "evidence"u8, record.Evidence);
            Text(writer, "ip"u8, record.Ip);
            writer.WriteEndObject();
        }
        return json.WrittenSpan.ToArray();
    }

    static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    /// <summary>What a stored object says, for people and programs.</summary>
    public static IReadOnlyDictionary<string, ConsentRecord> Read(string? json)
    {
        var consent = new SortedDictionary<string, ConsentRecord>(StringComparer.Ordinal);
        if (json is null)
            return consent;
        using var document = JsonDocument.Parse(json);
        foreach (var channel in document.RootElement.EnumerateObject())
        {
            string? Get(string name) => channel.Value.TryGetProperty(name, out var value) ? value.GetString() : null;
            consent[channel.Name] = new(
                Get("status") ?? ConsentRecord.OptedOut, channel.Value.TryGetProperty("time", out var time) ? time.GetDateTimeOffset() : null, Get("source"), Get("evidence"), Get("ip"));
        }
        return consent;
    }
}
