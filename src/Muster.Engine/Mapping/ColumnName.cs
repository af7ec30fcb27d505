using System.Text;

namespace Muster.Mapping;

/// <summary>How the names of columns and fields are written and compared.</summary>
public static class ColumnName
{
    /// <summary>The name as a custom field keeps it: as the person wrote it, but trimmed, in NFC, and each run of blanks and control characters one space.</summary>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormC))
        {
            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
                clean.Append(c);
            else if (clean.Length > 0 && clean[^1] != ' ')
                clean.Append(' ');
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>The name as it is looked up: compatibility forms, case, accents and strokes of Latin, Greek and Cyrillic letters, blanks and separators make no difference.</summary>
    public static string Key(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize(NormalizationForm.FormKD))
        {
            if (!char.IsWhiteSpace(c) && !char.IsControl(c) && c is not (>= '\u0300' and <= '\u036F') && !"_-.:/()[]*'’‐‑–".Contains(c))
                key.Append(Plain(c));
        }

        return key.ToString();
    }

    /// <summary>Letters with a stroke, and the i without a dot, have no accent that Unicode would part from them; people without the key write them plain.</summary>
    static char Plain(char c) => c switch { 'ı' => 'i', 'ł' => 'l', 'đ' => 'd', 'ø' => 'o', _ => c };
}
