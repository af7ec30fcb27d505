namespace Muster.Server.Hosting;

/// <summary>Finds what somebody meant who misspelt a name of words joined by dashes or underscores.</summary>
static class Spelling
{
    /// <summary>The name that is most like what was typed, or null when none is.</summary>
    public static string? Nearest(string typed, IEnumerable<string> known)
    {
        var nearest = known.MinBy(k => Distance(typed, k));
        return nearest is not null && Distance(typed, nearest) <= nearest.Length / 2 ? nearest : null;
    }

    /// <summary>Slips between two names, whatever their case and the order of their words.</summary>
    public static int Distance(string typed, string name)
    {
        typed = Plain(typed);
        name = Plain(name);
        return Math.Min(Slips(typed, name), Slips(InOrder(typed), InOrder(name)));

        static string Plain(string words) => words.ToLowerInvariant().Replace('-', '_');

        static string InOrder(string words) => string.Join('_', words.Split('_').Order(StringComparer.Ordinal));
    }

    /// <summary>Letters added, left out or put for others (V. Levenshtein 1965).</summary>
    static int Slips(string a, string b)
    {
        var above = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var left = i;
            var diagonal = above[0];
            above[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var slips = Math.Min(Math.Min(above[j], left) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above[j];
                above[j] = left = slips;
            }
        }
        return above[b.Length];
    }
}
