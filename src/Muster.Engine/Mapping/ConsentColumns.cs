namespace Muster.Mapping;

/// <summary>Column names that tell about consent, and what they mean: <c>opt_out</c>, <c>opt_in</c> or <c>consent_status</c>, of one channel or of all.</summary>
static class ConsentColumns
{
    /// <summary>A name that many other things have, too: believed only when the column's values are words of consent.</summary>
    public static bool NeedsProof(string target) => target.StartsWith(Status, StringComparison.Ordinal);

    public const string Status = "consent_status";
    static readonly string[] Meanings = ["opt_out", "opt_in", Status];
    static readonly string[] Channels = ["email", "sms", "phone"];

    static readonly Dictionary<string, string> Known = new Dictionary<string, string[]>
    {
        ["opt_out"] =
        [
            "opt_out", "opted_out", "unsubscribed", "unsubscribe", "unsub", "unsubscribed_at", "unsubscribe_date", "unsubscribed date", "unsubscribe time", "opt_out_date", "opted_out_at", "opt out time",
            "has opted out", "do_not_contact", "dnc", "do not disturb", "dnd", "abgemeldet", "abgemeldet am", "abbestellt", "ausgetragen", "abmeldung", "desuscrito", "baja", "fecha de baja", "désabonné",
            "désinscrit", "disiscritto", "descadastrado", "desinscrito", "uitgeschreven", "afgemeld", "avregistrerad", "avmeldt", "frameldt", "wypisany", "отписан", "отписался", "退订", "配信停止",
        ],
        ["opt_out:email"] = ["email opt out", "email opted out", "email unsubscribed", "unsubscribed from email", "has opted out of email", "do not email", "no email", "unsubscribed from all email"],
        ["opt_out:sms"] = ["sms opt out", "sms opted out", "sms unsubscribed", "do not sms", "do not text", "text opt out"],
        ["opt_out:phone"] = ["phone opt out", "do not call", "do not phone", "has opted out of calls"],
        ["opt_in"] =
        [
            "opt_in", "opted_in", "subscribed", "consent", "marketing consent", "accepts marketing", "gdpr consent", "einwilligung", "werbeeinwilligung", "abonniert", "suscrito", "consentimiento",
            "consentement", "consenso", "consentimento", "toestemming",
        ],
        ["opt_in:email"] = ["email opt in", "email opted in", "email consent", "email subscribed", "accepts email marketing", "newsletter opt in"],
        ["opt_in:sms"] = ["sms opt in", "sms opted in", "sms consent", "sms subscribed", "accepts sms marketing"],
        [Status] =
        [
            "status", "consent_status", "subscription status", "subscriber status", "subscription", "marketing status", "opt in status", "opt status", "member rating status", "anmeldestatus", "abostatus",
            "newsletterstatus", "estado", "estado de suscripción", "statut", "stato", "situação", "статус",
        ],
        [Status + ":email"] = ["email status", "email subscription status", "email marketing status", "email consent status", "e-mail-status", "email marketing consent"],
        [Status + ":sms"] = ["sms status", "sms subscription status", "sms marketing status", "sms marketing consent"],
    }.SelectMany(entry => entry.Value.Select(name => (Key: ColumnName.Key(name), entry.Key))).DistinctBy(e => e.Item1).ToDictionary(e => e.Item1, e => e.Item2);

    /// <summary>What a column of this name means, or null.</summary>
    public static string? Find(string column) => Known.GetValueOrDefault(ColumnName.Key(column));

    /// <summary>Whether a mapping may name this: <c>opt_out</c>, <c>opt_in:sms</c>, …</summary>
    public static bool IsTarget(string text) =>
        text.Split(':') is [var meaning, .. var channel] && Meanings.Contains(meaning, StringComparer.Ordinal)
        && (channel.Length == 0 || (channel.Length == 1 && Channels.Contains(channel[0], StringComparer.Ordinal)));
}
