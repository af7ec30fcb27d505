using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using Muster.Contacts;

namespace Muster.Validation;

/// <summary>What a column about consent tells: who is out, who is in, or a word for either.</summary>
public enum ConsentMeaning : byte { OptOut, OptIn, Status }

/// <summary>A column of the source that tells about consent.</summary>
/// <param name="Channels">Bits by <see cref="ConsentChannel"/>.</param>
public sealed record ConsentColumn(int Column, ConsentMeaning Meaning, byte Channels);

/// <summary>Reads cells that tell whether somebody has opted out: yes and no, dates, and the words of mailing systems in several languages.</summary>
public static class ConsentCell
{
    const int WordCharsMax = 32;

    // As written by mailing and shop systems; letters and digits only, in lower case.
    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> OutWords = Words(
        "unsubscribed", "unsubscribe", "unsub", "optedout", "optout", "out", "stop", "stopped", "bounced", "hardbounced", "hardbounce", "cleaned", "complained", "complaint", "spam", "blocked",
        "blacklisted", "suppressed", "donotcontact", "dnc", "donotemail", "revoked", "withdrawn", "denied", "removed",
        "abgemeldet", "abbestellt", "ausgetragen", "gesperrt", "widerrufen", "desuscrito", "desuscrita", "dadodebaja", "debaja", "baja", "désabonné", "désabonnée", "désinscrit", "désinscrite",
        "desabonne", "desinscrit", "disiscritto", "disiscritta", "cancellato", "descadastrado", "descadastrada", "desinscrito", "uitgeschreven", "afgemeld", "avregistrerad", "avmeldt", "frameldt",
        "wypisany", "wypisana", "отписан", "отписался", "отписана", "退订", "已退订", "配信停止", "수신거부");

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> InWords = Words(
        "subscribed", "optedin", "optin", "in", "confirmed", "granted", "abonniert", "angemeldet", "eingewilligt", "suscrito", "suscrita", "abonné", "abonnée", "abonne", "inscrit", "inscrite",
        "iscritto", "iscritta", "inscrito", "inscrita", "ingeschreven", "aangemeld", "prenumererar", "påmeldt", "tilmeldt", "zapisany", "подписан", "подписана", "已订阅", "配信中", "수신동의");

    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> NeutralWords = Words(
        "active", "aktiv", "activo", "activa", "actif", "attivo", "ativo", "actief", "pending", "unconfirmed", "unknown", "none", "nonsubscribed", "notsubscribed", "transactional", "neversubscribed");

    static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words(params string[] words) =>
        words.Select(w => w.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether the cell is a word that a status column holds.</summary>
    /// <param name="says">Whether it says in or out.</param>
    public static bool IsStatus(ReadOnlySpan<byte> cell, out bool says)
    {
        Span<char> word = stackalloc char[WordCharsMax];
        says = false;
        if (!TryWord(cell, word, out var length))
            return false;
        says = OutWords.Contains(word[..length]) || InWords.Contains(word[..length]);
        return says || NeutralWords.Contains(word[..length]);
    }

    /// <summary>Reads a cell that is not blank.</summary>
    /// <param name="said">Bits of <see cref="RowConsent"/>; 0 when the cell says nothing of note.</param>
    /// <returns>False when the cell is none of the values and words known.</returns>
    public static bool TryRead(ReadOnlySpan<byte> cell, ConsentColumn column, Span<byte> scratch, out byte said)
    {
        said = 0;
        Span<char> word = stackalloc char[WordCharsMax];
        var isWord = TryWord(cell, word, out var length);
        if (isWord && OutWords.Contains(word[..length]))
        {
            said = Out(column);
            return true;
        }
        if (isWord && InWords.Contains(word[..length]))
        {
            said = column.Meaning == ConsentMeaning.OptOut ? (byte)0 : In(column);
            return true;
        }
        if (isWord && NeutralWords.Contains(word[..length]))
            return true;
        if (column.Meaning == ConsentMeaning.Status)
            return false;
        if (BooleanValue.TryRead(cell, scratch, out var written) == ErrorCode.None)
        {
            var yes = scratch[..written].SequenceEqual("true"u8);
            said = yes == (column.Meaning == ConsentMeaning.OptOut) ? Out(column) : yes ? In(column) : (byte)0;
            // No in a column of opt-outs says nothing: nobody opts in by not having opted out.
            return true;
        }
        if (DateValue.TryRead(cell, DateOrder.Ymd, excelSerials: true, scratch, out _) is not (ErrorCode.None or ErrorCode.AmbiguousDate))
            return false;
        said = column.Meaning == ConsentMeaning.OptOut ? Out(column) : In(column);
        return true;
    }

    static byte Out(ConsentColumn column) => (byte)(column.Channels | (column.Channels == RowConsent.Out ? RowConsent.OfNoneInParticular : 0));

    static byte In(ConsentColumn column) => (byte)(column.Channels << 3);

    /// <summary>The cell's letters and digits in lower case.</summary>
    static bool TryWord(ReadOnlySpan<byte> cell, Span<char> word, out int length)
    {
        length = 0;
        while (!cell.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(cell, out var rune, out var consumed) != OperationStatus.Done)
                return false;
            cell = cell[consumed..];
            if (!Rune.IsLetterOrDigit(rune))
                continue;
            if (length + 2 > word.Length)
                return false;
            length += Rune.ToLowerInvariant(rune).EncodeToUtf16(word[length..]);
        }
        return length > 0;
    }
}
