namespace Muster.Server.Facades.Dotmailer;

/// <summary>What a file's values do to those that are there, as the engine's options say it.</summary>
sealed record MergeOption(string Policy, string Blank)
{
    static readonly (string Name, MergeOption Option)[] Known =
    [
        ("Overwrite", new("overwrite", "clear")),
        ("OnlyOverwriteIfNotEmpty", new("overwrite", "keep")),
        ("OnlyOverwriteIfContactDataNotPopulated", new("fill_empty", "keep")),
    ];

    /// <param name="text">A name in any case, or its number; null: the vendor's default, which overwrites.</param>
    public static MergeOption Parse(string? text)
    {
        if (text is null)
            return Known[0].Option;
        for (var i = 0; i < Known.Length; i++)
        {
            if (Known[i].Name.Equals(text, StringComparison.OrdinalIgnoreCase) || text == i.ToString(System.Globalization.CultureInfo.InvariantCulture))
                return Known[i].Option;
        }
        throw VendorError.BadParameter();
    }
}
