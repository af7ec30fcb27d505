using Muster.Contacts;

namespace Muster.Merging;

/// <summary>What the rows of one import may do to consent, and the records that they leave behind.</summary>
public sealed record ConsentRules
{
    /// <summary>A row whose contact is opted out, or whose identity is suppressed, is left alone. Single writes are not: they are a person's own.</summary>
    public bool HoldsBack { get; init; }

    /// <summary>Opt-ins hold for those who opted out, too.</summary>
    public bool MayResubscribe { get; init; }

    /// <summary>The record of an opt-out by channel, as JSON.</summary>
    public required byte[][] Out { get; init; }

    /// <summary>The record of an opt-in by channel, as JSON.</summary>
    public required byte[][] In { get; init; }

    /// <param name="option">What the import says of all its contacts, or null.</param>
    /// <param name="source">What the record names as its source when the option does not.</param>
    public static ConsentRules OfImport(ConsentOption? option, bool mayResubscribe, string source, DateTimeOffset time)
    {
        byte[][] Records(string status)
        {
            var known = option?.Status == status ? option : null;
            var record = ConsentJson.Write(new(status, known?.Time ?? time, known?.Source ?? source, known?.Evidence, known?.Ip));
            return [record, record, record];
        }
        return new() { HoldsBack = true, MayResubscribe = mayResubscribe, Out = Records(ConsentRecord.OptedOut), In = Records(ConsentRecord.OptedIn) };
    }
}

/// <summary>Merges what rows say about consent with what is known.</summary>
sealed class ConsentMerge(ConsentRules rules)
{
    static readonly byte[][] Names = ["\"email\":"u8.ToArray(), "\"sms\":"u8.ToArray(), "\"phone\":"u8.ToArray()];
    byte[] buffer = new byte[512];
    int length;

    public ReadOnlySpan<byte> Merged => buffer.AsSpan(0, length);

    /// <summary>True when the row must be left alone: its contact is opted out of a channel that the row would bring it back to.</summary>
    /// <param name="brought">Channels that the row has an identity for.</param>
    /// <param name="reach">Channels that the contact can be reached by.</param>
    public bool HoldsBack(byte said, ReadOnlySpan<byte> existing, byte brought, byte reach)
    {
        if (!rules.HoldsBack || existing.IsEmpty || (said & RowConsent.Out) != 0)
            return false;
        var optedOut = ConsentJson.Parse(existing).OptedOut;
        if (rules.MayResubscribe)
            optedOut &= (byte)~((said & RowConsent.In) >> 3);
        return brought == 0 ? ConsentJson.IsOptedOut(optedOut, reach) : (optedOut & brought) != 0;
    }

    /// <summary>Merges into <see cref="Merged"/>. False when nothing changes.</summary>
    /// <param name="optsOut">Whether a channel is opted out now that was not before.</param>
    public bool TryMerge(byte said, ReadOnlySpan<byte> existing, byte reach, out bool optsOut)
    {
        optsOut = false;
        var known = ConsentJson.Parse(existing);
        var outs = (byte)(said & RowConsent.Out & ~known.OptedOut);
        if ((said & RowConsent.OfNoneInParticular) != 0 && ConsentJson.IsOptedOut(known.OptedOut, reach))
            outs = 0;
        var ins = (byte)((said & RowConsent.In) >> 3 & ~known.OptedIn & ~(said & RowConsent.Out));
        if (rules.HoldsBack && !rules.MayResubscribe)
            ins &= (byte)~known.OptedOut;
        if (!rules.HoldsBack)
        {
            // A single write is a statement of its own, with its own evidence, also when it repeats one.
            outs = (byte)(said & RowConsent.Out);
            ins = (byte)((said & RowConsent.In) >> 3);
        }
        if ((outs | ins) == 0)
            return false;
        optsOut = (outs & ~known.OptedOut) != 0;
        length = 0;
        for (var channel = 0; channel < 3; channel++)
        {
            var bit = 1 << channel;
            var record = (outs & bit) != 0 ? rules.Out[channel] : (ins & bit) != 0 ? rules.In[channel] : known.Of(channel);
            if (record.IsEmpty)
                continue;
            Append(length == 0 ? "{"u8 : ","u8);
            Append(Names[channel]);
            Append(record);
        }
        Append("}"u8);
        return true;
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        if (buffer.Length - length < bytes.Length)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + bytes.Length));
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }
}
