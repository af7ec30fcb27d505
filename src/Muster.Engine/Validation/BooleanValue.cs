using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Muster.Contacts;

namespace Muster.Validation;

/// <summary>Reads the words and signs that people write for yes and no. docs/formats-values.md lists them all.</summary>
public static class BooleanValue
{
    /// <summary>Room that every canonical text fits in.</summary>
    public const int BytesMax = 5;

    // Longer than every known word, in UTF-16 units.
    const int CharsMax = 16;

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    /// <param name="utf8">The cell; surrounding blanks and case do not matter.</param>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns><see cref="ErrorCode.None"/> or <see cref="ErrorCode.InvalidBoolean"/>; <see cref="ErrorCode.ValueTooLong"/> when <paramref name="destination"/> is too small.</returns>
    public static ErrorCode TryRead(ReadOnlySpan<byte> utf8, Span<byte> destination, out int written)
    {
        written = 0;
        utf8 = Blanks.Trim(utf8);
        Span<char> raw = stackalloc char[CharsMax];
        Span<char> word = stackalloc char[CharsMax];
        if (utf8.IsEmpty || Utf8.ToUtf16(utf8, raw, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            return ErrorCode.InvalidBoolean;
        if (Ascii.IsValid(utf8))
            raw[..length].ToLowerInvariant(word);
        else if (!Lower(raw[..length], word, out length))
            return ErrorCode.InvalidBoolean;

        if (Meaning(word[..length]) is not { } value)
            return ErrorCode.InvalidBoolean;
        var text = value ? "true"u8 : "false"u8;
        if (!text.TryCopyTo(destination))
            return ErrorCode.ValueTooLong;
        written = text.Length;
        return ErrorCode.None;
    }

    static bool Lower(ReadOnlySpan<char> raw, Span<char> word, out int length)
    {
        // KC: fullwidth letters and digits are common in Japanese files.
        Span<char> normal = stackalloc char[CharsMax];
        length = 0;
        return raw.TryNormalize(normal, out var normalLength, NormalizationForm.FormKC)
            && (length = normal[..normalLength].ToLowerInvariant(word)) >= 0;
    }

    static bool? Meaning(ReadOnlySpan<char> word) => word switch
    {
        "true" or "t" or "yes" or "y" or "1" or "on" or "x" or "checked" or "enabled" => true,
        "false" or "f" or "no" or "n" or "0" or "off" or "unchecked" or "disabled" => false,
        "✓" or "✔" or "✔\uFE0F" or "☑" or "☑\uFE0F" or "✅" or "○" => true,
        "✗" or "✘" or "☐" or "❌" or "×" or "✕" or "✖" or "✖\uFE0F" => false,

        "ja" or "j" or "wahr" or "an" or "ein" or "waar" or "sant" or "sand" or "jah" or "jā" or "já" => true,
        "nein" or "falsch" or "aus" or "nee" or "onwaar" or "nej" or "nei" or "falskt" or "falsk" or "usann" or "ei" or "nē" => false,

        "oui" or "vrai" or "si" or "sí" or "sì" or "s" or "sim" or "verdadero" or "verdadeiro" or "vero" or "da" or "adevărat" => true,
        "non" or "faux" or "não" or "nao" or "falso" or "nu" or "fals" => false,

        "да" or "д" or "истина" or "так" or "tak" or "prawda" or "ano" or "áno" or "pravda" or "igen" or "igaz" or "kyllä" or "tosi" or "taip" => true,
        "нет" or "н" or "ложь" or "ні" or "не" or "nie" or "fałsz" or "ne" or "nepravda" or "nem" or "hamis" or "epätosi" or "laž" => false,

        "evet" or "e" or "doğru" or "ναι" or "αληθές" or "bəli" or "có" or "đúng" or "ya" or "benar" => true,
        "hayır" or "hayir" or "h" or "yanlış" or "όχι" or "οχι" or "ψευδές" or "xeyr" or "không" or "sai" or "tidak" or "salah" => false,

        "是" or "对" or "對" or "真" or "有" or "はい" or "예" or "네" or "참" or "ใช่" or "हाँ" or "हां" or "כן" or "نعم" or "بله" => true,
        "否" or "不是" or "错" or "錯" or "假" or "无" or "無" or "偽" or "いいえ" or "아니요" or "아니오" or "거짓" or "ไม่ใช่" or "नहीं" or "לא" or "لا" or "خیر" => false,
        _ => null,
    };
}
