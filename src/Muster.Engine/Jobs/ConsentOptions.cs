using Muster.Contacts;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>The words of the options about consent as values.</summary>
static class ConsentOptions
{
    const int TextCharsMax = 2_000;
    static readonly string[] Channels = [.. Enum.GetNames<ConsentChannel>().Select(n => n.ToLowerInvariant())];

    /// <summary>What the import says of every row: bits of <see cref="RowConsent"/>.</summary>
    public static byte OfAll(ConsentOption? option)
    {
        if (option is null)
            return 0;
        var channels = Bits(option.Channels ?? Channels);
        if (option.Status == ConsentRecord.OptedIn)
            return (byte)(channels << 3);
        return (byte)(channels | (channels == RowConsent.Out ? RowConsent.OfNoneInParticular : 0));
    }

    /// <summary>The column that a target such as opt_out or opt_in:sms names.</summary>
    public static ConsentColumn ColumnOf(int index, string target)
    {
        var parts = target.Split(':');
        var meaning = parts[0] switch { "opt_out" => ConsentMeaning.OptOut, "opt_in" => ConsentMeaning.OptIn, _ => ConsentMeaning.Status };
        return new(index, meaning, parts.Length == 1 ? RowConsent.Out : Bits(parts[1..]));
    }

    /// <summary>The first option about consent that cannot be used; null when all can.</summary>
    public static IntakeResult.Refused? Refuse(ImportOptions options)
    {
        if (options.Consent is { } consent)
        {
            if (consent.Status is not (ConsentRecord.OptedIn or ConsentRecord.OptedOut))
                return ImportChoices.Refused("consent", "consent.status is opted_in or opted_out.");
            if (consent.Channels?.All(c => Channels.Contains(c, StringComparer.Ordinal)) == false || consent.Channels is [])
                return ImportChoices.Refused("consent", $"consent.channels is a list of {string.Join(", ", Channels)}.");
            if (new[] { consent.Source, consent.Evidence, consent.Ip }.Any(t => t?.Length > TextCharsMax))
                return ImportChoices.Refused("consent", $"consent takes texts of at most {TextCharsMax} characters.");
            if (!ConsentRecord.IsAddress(consent.Ip))
                return ImportChoices.Refused("consent", "consent.ip is an IP address, such as 192.0.2.7.");
        }
        if (options.AllowResubscribe == true && (options.Consent is not { Status: ConsentRecord.OptedIn } || string.IsNullOrWhiteSpace(options.Consent.Evidence)))
            return ImportChoices.Refused("allow_resubscribe", "allow_resubscribe needs a consent of status opted_in with evidence: what these contacts agreed to, and where.");
        return null;
    }

    static byte Bits(IEnumerable<string> channels) => channels.Aggregate((byte)0, (bits, c) => (byte)(bits | 1 << Array.IndexOf(Channels, c)));
}
